//! How the release module is linked.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let set = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    // The linker leaves five bytes for every address and index that it fills in, of which most take
    // two. It does not shrink them next to debug information, which refers to what would move.
    if set("CARGO_CFG_TARGET_FAMILY", "wasm") && set("DEBUG", "false") {
        println!("cargo::rustc-link-arg-cdylib=--strip-debug");
        println!("cargo::rustc-link-arg-cdylib=--compress-relocations");
        // The names of the functions, which the module itself does not keep, beside it: `tests/envoy/module/traps`
        // reads them. From TARGET/PROFILE/build/PACKAGE/out it is three folders up.
        let out = env::var("OUT_DIR").unwrap_or_default();
        if let Some(folder) = Path::new(&out).ancestors().nth(3) {
            let map = folder.join("etcd_json_gateway.map");
            println!("cargo::rustc-link-arg-cdylib=-Map={}", map.display());
        }
    }
}
