//! `src/schema/tables.rs` is what `proto/` says, and `proto/` is what etcd says.
// A test may panic: that is how it fails. The functions that tests share count as no test to clippy.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

mod facts;
mod generate;
mod refusals;

use std::env;
use std::fs;
use std::path::Path;

#[test]
fn the_tables_are_generated_from_proto() {
    let generated = generate::tables(&testbed::api::descriptors().unwrap()).unwrap();
    let path = root().join("src/schema/tables.rs");
    if env::var_os("REGENERATE").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == generated,
        "src/schema/tables.rs differs from proto/: run `REGENERATE=1 cargo test --test schema`"
    );
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
