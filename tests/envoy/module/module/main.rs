//! The module as it ships: small, of what it needs from its host nothing that Envoy lacks, and
//! nothing in it that a request or an answer could make trap.

mod allowed;
mod calls;

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use testbed::module;
use wasmparser::{Parser, Payload};

use allowed::ALLOWED;
use calls::{Module, Site};

/// What the module may take, in bytes.
const MAX_SIZE: u64 = 321_000;

/// The module, with the names that the linker has left beside it.
fn built() -> Result<Module> {
    let path = module::path()?;
    let map = path.with_extension("map");
    let map = fs::read_to_string(&map).with_context(|| format!("reading {}", map.display()))?;
    Module::read(&fs::read(&path)?, &map)
}

#[test]
fn the_module_is_small() {
    let size = fs::metadata(module::path().unwrap()).unwrap().len();
    assert!(size < MAX_SIZE, "{size} bytes");
}

#[test]
fn its_file_tells_what_it_is() {
    let module = fs::read(module::path().unwrap()).unwrap();
    let mut told = BTreeMap::new();
    for part in Parser::new(0).parse_all(&module) {
        if let Payload::CustomSection(section) = part.unwrap() {
            let text = String::from_utf8_lossy(section.data()).into_owned();
            assert_eq!(told.insert(section.name().to_owned(), text), None);
        }
    }
    assert_eq!(told["version"], module::version().unwrap());
    assert_eq!(told["licenses"], "Apache-2.0");
    assert!(told["description"].contains("etcd"), "{told:?}");
}

#[test]
fn it_needs_nothing_but_a_proxy_wasm_host() {
    for (module, name) in built().unwrap().imports {
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
    let exports = built().unwrap().exports;
    for name in [
        "_initialize",
        "proxy_abi_version_0_2_1",
        "proxy_on_configure",
        "proxy_on_context_create",
        "proxy_on_delete",
        "proxy_on_grpc_close",
        "proxy_on_grpc_receive",
        "proxy_on_memory_allocate",
        "proxy_on_queue_ready",
        "proxy_on_request_body",
        "proxy_on_request_headers",
        "proxy_on_request_trailers",
        "proxy_on_response_body",
        "proxy_on_response_headers",
        "proxy_on_response_trailers",
        "proxy_on_tick",
        "proxy_on_vm_start",
    ] {
        assert!(exports.contains_key(name), "{name} is not in {exports:?}");
    }
}

#[test]
fn nothing_in_it_can_trap_but_what_is_known_not_to() {
    let sites = built().unwrap().sites();
    assert!(!sites.is_empty(), "no site at all: the map is not read");
    let reason = |site: &Site| ALLOWED.iter().find(|allowed| allowed.covers(site));
    let (known, new): (Vec<_>, Vec<_>) = sites.iter().partition(|site| reason(site).is_some());
    for allowed in ALLOWED {
        let count = known.iter().filter(|site| allowed.covers(site)).count();
        println!("{count:>4} {allowed}");
        assert!(count > 0, "no longer in the module: {allowed}");
    }
    assert!(
        new.is_empty(),
        "the module can trap at {} new places: {new:#?}",
        new.len()
    );
}
