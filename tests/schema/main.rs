//! `src/schema/tables.rs` is what `proto/` says, and `proto/` is what etcd says.
// A test may panic: that is how it fails. The functions that tests share count as no test to clippy.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

mod facts;
mod generate;
mod refusals;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use prost_reflect::DescriptorPool;
use protox::Compiler;

#[test]
fn the_tables_are_generated_from_proto() {
    let generated = generate::tables(&etcd()).unwrap();
    let path = root().join("src/schema/tables.rs");
    if env::var_os("REGENERATE").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == generated,
        "src/schema/tables.rs differs from proto/: run `REGENERATE=1 cargo test --test schema`"
    );
}

/// Everything in `proto/`, compiled.
fn etcd() -> DescriptorPool {
    let root = root().join("proto");
    let mut files = Vec::new();
    find_protos(&root, &mut files);
    let mut compiler = Compiler::new([&root]).unwrap();
    compiler
        .include_imports(true)
        .open_files(files)
        .unwrap()
        .descriptor_pool()
}

fn find_protos(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_protos(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            found.push(path);
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
