//! The module as it ships: small, and of what it needs from its host, nothing that Envoy lacks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test fails by panicking

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use testbed::module;

/// What the module may take, in bytes.
const MAX_SIZE: usize = 300_000;

/// Bytes before the first section: magic number and version.
const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// Sections, by their numbers in the core specification.
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;

/// The kind of imports and exports that are functions.
const FUNCTION: u8 = 0;

#[test]
fn the_module_is_small() {
    let size = built().len();
    assert!(size < MAX_SIZE, "{size} bytes");
}

#[test]
fn it_needs_nothing_but_a_proxy_wasm_host() {
    for (module, name) in imports(&built()).unwrap() {
        let known = match module.as_str() {
            "env" => name.starts_with("proxy_"),
            "wasi_snapshot_preview1" => true,
            _ => false,
        };
        assert!(known, "{module}.{name}");
    }
}

#[test]
fn it_exports_what_envoy_calls() {
    let exports = exports(&built()).unwrap();
    for name in [
        "_initialize",
        "proxy_abi_version_0_2_1",
        "proxy_on_configure",
        "proxy_on_context_create",
        "proxy_on_delete",
        "proxy_on_done",
        "proxy_on_grpc_close",
        "proxy_on_grpc_receive",
        "proxy_on_log",
        "proxy_on_memory_allocate",
        "proxy_on_request_body",
        "proxy_on_request_headers",
        "proxy_on_request_trailers",
        "proxy_on_response_body",
        "proxy_on_response_headers",
        "proxy_on_response_trailers",
        "proxy_on_vm_start",
    ] {
        assert!(exports.contains(name), "{name} is not in {exports:?}");
    }
}

fn built() -> Vec<u8> {
    std::fs::read(module::path().unwrap()).unwrap()
}

/// The functions that the module imports, as module and name.
fn imports(wasm: &[u8]) -> Result<Vec<(String, String)>> {
    let mut section = section(wasm, IMPORTS)?;
    let mut functions = Vec::new();
    for _ in 0..number(&mut section)? {
        let function = (name(&mut section)?, name(&mut section)?);
        ensure!(byte(&mut section)? == FUNCTION, "{function:?}: no function");
        number(&mut section)?; // its type
        functions.push(function);
    }
    Ok(functions)
}

/// The names of the functions that the module exports.
fn exports(wasm: &[u8]) -> Result<BTreeSet<String>> {
    let mut section = section(wasm, EXPORTS)?;
    let mut functions = BTreeSet::new();
    for _ in 0..number(&mut section)? {
        let name = name(&mut section)?;
        let kind = byte(&mut section)?;
        number(&mut section)?; // its index
        if kind == FUNCTION {
            functions.insert(name);
        }
    }
    Ok(functions)
}

/// The contents of the section with this number.
fn section(wasm: &[u8], wanted: u8) -> Result<&[u8]> {
    let mut rest = wasm.strip_prefix(HEADER).context("not a Wasm module")?;
    loop {
        let found = byte(&mut rest).with_context(|| format!("no section {wanted}"))?;
        let contents = bytes(&mut rest)?;
        if found == wanted {
            return Ok(contents);
        }
    }
}

fn name(rest: &mut &[u8]) -> Result<String> {
    Ok(String::from_utf8(bytes(rest)?.to_vec())?)
}

/// Bytes with their number before them.
fn bytes<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    let length = number(rest)?;
    rest.split_off(..length).context("cut short")
}

/// An unsigned integer in LEB128.
fn number(rest: &mut &[u8]) -> Result<usize> {
    let mut value = 0;
    for shift in (0..usize::BITS).step_by(7) {
        let byte = byte(rest)?;
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    anyhow::bail!("a number without an end")
}

fn byte(rest: &mut &[u8]) -> Result<u8> {
    rest.split_off_first().copied().context("cut short")
}
