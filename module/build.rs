//! How the release module is linked.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let set = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    // The linker leaves five bytes for every address and index that it fills in, of which most take
    // two. It does not shrink them next to debug information, which refers to what would move.
    if set("CARGO_CFG_TARGET_FAMILY", "wasm") && set("DEBUG", "false") {
        println!("cargo::rustc-link-arg-cdylib=--strip-debug");
        println!("cargo::rustc-link-arg-cdylib=--compress-relocations");
    }
}
