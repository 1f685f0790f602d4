//! The module as it ships, but for one fault: what a bug in it would be.

use std::fs;
use std::ops::Range;

use anyhow::{Context, Result};
use wasmparser::{ExternalKind, Parser, Payload};

use testbed::module;

/// A function of the module that panics.
const PANICKING: &str = "capacity_overflow";

/// Sections, by their numbers in the core specification.
const MEMORY: u8 = 5;
const CODE: u8 = 10;

/// The limits of a memory that has a most besides its least.
const BOUNDED: u8 = 1;

/// Instructions: `if` without a result has its type behind it.
const UNREACHABLE: u8 = 0x00;
const IF: [u8; 2] = [0x04, 0x40];
const END: u8 = 0x0b;
const CALL: u8 = 0x10;
const LOCAL_GET: u8 = 0x20;
const I32_CONST: u8 = 0x41;
const I32_EQ: u8 = 0x46;

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// A panic, where Envoy calls `callback` with `value` as the parameter at `index`.
    Panic {
        callback: &'static str,
        index: u8,
        value: u32,
    },
    /// A trap without one, in the same place.
    Trap {
        callback: &'static str,
        index: u8,
        value: u32,
    },
    /// No more memory than what the module begins with and this many pages of 64 KiB.
    OutOfMemory { pages: u32 },
}

/// The module with a fault.
pub fn module(fault: Fault) -> Result<Vec<u8>> {
    let path = module::path()?;
    let wasm = fs::read(&path)?;
    let map = fs::read_to_string(path.with_extension("map"))?;
    match fault {
        Fault::Panic {
            callback,
            index,
            value,
        } => {
            let mut instead = vec![CALL];
            instead.extend(leb(Wasm::read(&wasm)?.function(&map, PANICKING)?));
            at_entry(&wasm, callback, (index, value), &instead)
        }
        Fault::Trap {
            callback,
            index,
            value,
        } => at_entry(&wasm, callback, (index, value), &[]),
        Fault::OutOfMemory { pages } => bounded(&wasm, pages),
    }
}

/// What is looked up in a module.
#[derive(Default)]
struct Wasm {
    imports: usize,
    exports: Vec<(String, usize)>,
    /// The least memory, in pages.
    memory: u64,
    /// The functions' bodies, and where their instructions begin.
    bodies: Vec<(Range<usize>, usize)>,
    sections: Vec<(u8, Range<usize>)>,
}

impl Wasm {
    fn read(wasm: &[u8]) -> Result<Self> {
        let mut found = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            if let Some((id, range)) = payload.as_section() {
                found
                    .sections
                    .push((id, range.start as usize..range.end as usize));
            }
            match payload {
                Payload::ImportSection(section) => found.imports = section.into_imports().count(),
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        found.memory = memory?.initial;
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            found
                                .exports
                                .push((export.name.to_owned(), export.index as usize));
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let start = body.get_operators_reader()?.original_position() as usize;
                    let range = body.range();
                    found
                        .bodies
                        .push((range.start as usize..range.end as usize, start));
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// The number of the function whose name ends so, by the linker's map.
    fn function(&self, map: &str, name: &str) -> Result<usize> {
        let functions = map.lines().skip_while(|line| !line.ends_with(" CODE"));
        let mut functions = functions.filter(|line| line.contains(":("));
        let at = functions.position(|line| line.ends_with(&format!("{name})")));
        Ok(self.imports + at.with_context(|| format!("no function {name}"))?)
    }

    /// `wasm` with other contents in a section.
    fn with_section(&self, wasm: &[u8], id: u8, contents: &[u8]) -> Result<Vec<u8>> {
        let section = self.sections.iter().find(|(other, _)| *other == id);
        let (_, old) = section.with_context(|| format!("no section {id}"))?;
        // Its number and its length stand before what the parser calls the range.
        let mut patched = wasm[..old.start - leb(old.len()).len() - 1].to_vec();
        patched.push(id);
        patched.extend(leb(contents.len()));
        patched.extend_from_slice(contents);
        patched.extend_from_slice(&wasm[old.end..]);
        Ok(patched)
    }
}

/// Traps where a callback has this parameter with this value, after these instructions.
fn at_entry(
    wasm: &[u8],
    callback: &str,
    (index, value): (u8, u32),
    before: &[u8],
) -> Result<Vec<u8>> {
    let found = Wasm::read(wasm)?;
    let export = found.exports.iter().find(|(name, _)| name == callback);
    let (_, target) = export.with_context(|| format!("{callback} is not exported"))?;
    let mut contents = leb(found.bodies.len());
    for (at, (range, start)) in found.bodies.iter().enumerate() {
        let mut body = wasm[range.start..*start].to_vec(); // its locals
        if at + found.imports == *target {
            body.extend([LOCAL_GET, index, I32_CONST]);
            body.extend(signed_leb(value));
            body.push(I32_EQ);
            body.extend(IF);
            body.extend_from_slice(before);
            body.extend([UNREACHABLE, END]);
        }
        body.extend_from_slice(&wasm[*start..range.end]);
        contents.extend(leb(body.len()));
        contents.extend(body);
    }
    found.with_section(wasm, CODE, &contents)
}

/// The same module with a bound to its memory.
fn bounded(wasm: &[u8], pages: u32) -> Result<Vec<u8>> {
    let found = Wasm::read(wasm)?;
    let least = usize::try_from(found.memory)?;
    let mut contents = leb(1);
    contents.push(BOUNDED);
    contents.extend(leb(least));
    contents.extend(leb(least + pages as usize));
    found.with_section(wasm, MEMORY, &contents)
}

fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// The same for a constant, whose last byte's highest bit of seven is the sign.
fn signed_leb(value: u32) -> Vec<u8> {
    let mut bytes = leb(value as usize);
    if let Some(last) = bytes.last_mut()
        && *last & 0x40 != 0
    {
        *last |= 0x80;
        bytes.push(0);
    }
    bytes
}
