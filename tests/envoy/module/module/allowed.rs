//! What the module has left that traps, and why nothing that a client or an upstream sends gets there.

use std::fmt;

use crate::calls::{NO_CASE, Site};

/// Sites that are known, and why they do no harm.
pub struct Allowed {
    /// Part of the name of the function that never returns.
    what: &'static str,
    /// How the name of the source file begins that the call names, or of the function that calls where it names none.
    place: &'static str,
    why: &'static str,
}

impl Allowed {
    pub fn covers(&self, site: &Site) -> bool {
        let place = site.file.as_ref().unwrap_or(&site.function);
        site.what.contains(self.what) && place.starts_with(self.place)
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.what, self.place, self.why)
    }
}

const fn known(what: &'static str, place: &'static str, why: &'static str) -> Allowed {
    Allowed { what, place, why }
}

const MEMORY: &str = "memory is full: what a worker holds for requests is a quarter of what Wasm has (docs/limits.md)";
const DISPLAY: &str = "a Display that fails of itself: ours and the libraries' pass on what the writer says, and a String takes all";
const SEARCHER: &str = "core's own search in strings: its indices are within what it searches";
const DEBUG: &str = "core's own quoting of strings: its indices are those of characters";
const READER: &str =
    "its index is never behind its input, and what it cuts out is between ASCII bytes";
const PROST: &str = "prost has compared the length with what is left before it advances";
const PANICKING: &str = "the output of a panic that happens already";
const START: &str = "runs as the module is loaded, before any request";

/// Nothing of our own is here, and nothing may be: code in `src` that can panic is not taken by any of these.
pub const ALLOWED: &[Allowed] = &[
    known("alloc::raw_vec::handle_error", "", MEMORY),
    known("alloc_error", "", MEMORY),
    known(
        "alloc::raw_vec::capacity_overflow",
        "alloc/src/fmt.rs",
        MEMORY,
    ),
    known("abort", "sbrk", MEMORY),
    known(
        "unreachable",
        "dlmalloc",
        "the allocator has found its heap overwritten: safe code cannot",
    ),
    known(
        "unreachable",
        "proxy_on_context_create",
        "a count of references that overflows at 2^32 streams",
    ),
    known(
        NO_CASE,
        "",
        "the default of a jump table that has a row for every value of its enum",
    ),
    known(
        "core::result::unwrap_failed",
        "alloc/src/string.rs",
        DISPLAY,
    ),
    known("core::result::unwrap_failed", "alloc/src/fmt.rs", DISPLAY),
    known(
        "core::slice::index::slice_index_fail",
        "core/src/str/pattern.rs",
        SEARCHER,
    ),
    known("core::str::slice_error_fail", "core/src/fmt/mod.rs", DEBUG),
    known(
        "core::option::unwrap_failed",
        "core/src/unicode/printable.rs",
        DEBUG,
    ),
    known(
        "core::slice::index::slice_index_fail",
        "core/src/unicode/printable.rs",
        DEBUG,
    ),
    known(
        "core::panicking::panic_bounds_check",
        "serde_json/src/read.rs",
        READER,
    ),
    known(
        "core::slice::index::slice_index_fail",
        "serde_json/src/read.rs",
        READER,
    ),
    known(
        "core::panicking::panic",
        "serde_json/src/de.rs",
        "an open bracket that is neither of the two that it opens",
    ),
    known(
        "core::panicking::panic",
        "serde_json/src/io/core.rs",
        "the text of an error of files, of which there is none here",
    ),
    known("bytes::panic_advance", "prost::encoding", PROST),
    known("core::panicking::panic", "bytes/src/buf/take.rs", PROST),
    known("core::panicking::panic_fmt", "std/src/io/mod.rs", PANICKING),
    known(
        "core::slice::index::slice_index_fail",
        "std/src/io/mod.rs",
        PANICKING,
    ),
    known("core::panicking::panic_fmt", "std/src/panicking.rs", START),
    known("std::process::abort", "_initialize", START),
    known(
        "core::result::unwrap_failed",
        "std/src/sys/random/wasip1.rs",
        "Envoy without randomness, as the plugin is configured",
    ),
];
