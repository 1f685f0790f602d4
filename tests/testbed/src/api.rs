//! etcd's API as `proto/` has it, compiled: the oracle of the tests, and what Envoy's own transcoder is told.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use prost_reflect::DescriptorPool;
use protox::Compiler;

use crate::project_root;

/// Everything in `proto/`.
pub fn descriptors() -> Result<DescriptorPool> {
    let root = project_root().join("proto");
    let mut files = Vec::new();
    find(&root, &mut files)?;
    let mut compiler = Compiler::new([&root])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files(files)?;
    Ok(compiler.descriptor_pool())
}

/// Adds all files of Protocol Buffers below `folder` to `found`.
fn find(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            found.push(path);
        }
    }
    Ok(())
}
