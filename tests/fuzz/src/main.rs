//! The targets under libFuzzer: one program, whose target the environment names.
#![no_main]

use std::env;
use std::sync::OnceLock;

use fuzz::{SEEDS_VARIABLE, TARGET_VARIABLE, Target};

static TARGET: OnceLock<Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: begin(),
    |input: &[u8]| if let Some(target) = TARGET.get() {
        (target.run)(input);
    }
);

/// Finds the target, and writes its seeds to where they are wanted.
fn begin() {
    let name = env::var(TARGET_VARIABLE).unwrap_or_default();
    let target = Target::named(&name);
    let target = target.unwrap_or_else(|| panic!("{TARGET_VARIABLE} names no target: {name:?}"));
    if let Some(folder) = env::var_os(SEEDS_VARIABLE) {
        target
            .write_seeds(folder.as_ref())
            .expect("seeds can be written");
    }
    TARGET.get_or_init(|| target);
}
