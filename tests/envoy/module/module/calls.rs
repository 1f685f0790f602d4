//! A Wasm module as a graph of calls, with the names that the linker's map has for its functions.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use wasmparser::{
    DataKind, ElementItems, ExternalKind, FuncType, FunctionBody, Operator, Parser, Payload,
    TypeRef,
};

/// What a trap is called that is there for a jump table's default.
pub const NO_CASE: &str = "no such case";

/// Bytes of a word of Wasm memory.
const WORD: usize = 4;

/// A module, as far as it matters for what can trap.
#[derive(Default)]
pub struct Module {
    types: Vec<FuncType>,
    /// The functions that are imported, as module and name; they come first in the numbering.
    pub imports: Vec<(String, String)>,
    /// The type of every function, imported ones included.
    functions: Vec<u32>,
    /// What the host can call.
    pub exports: BTreeMap<String, usize>,
    /// Functions that can be called through the table.
    table: Vec<usize>,
    /// The functions that are defined here.
    bodies: Vec<Body>,
    /// Initial memory: address and contents of every segment.
    data: Vec<(usize, Vec<u8>)>,
}

/// One function.
struct Body {
    name: String,
    calls: Vec<Callee>,
    traps: Vec<Trap>,
}

/// What a call leads to.
#[derive(Clone, Copy)]
enum Callee {
    Function(usize),
    /// Whatever the table has of this type.
    Table(u32),
}

/// An `unreachable` instruction.
struct Trap {
    /// What is right before it.
    after: Before,
    /// The constant that this call was given last: the place in the source, in most cases.
    constant: Option<usize>,
}

/// What is right before an `unreachable`.
#[derive(Clone, Copy)]
enum Before {
    /// A call, which then never returns.
    Call(Callee),
    /// A jump by a table that has no row for it: the compiler knows all values that there are.
    Table,
    Other,
}

/// One way that a function can trap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// The function that is called and never returns, or `unreachable`, or [`NO_CASE`].
    pub what: String,
    /// The source file that the call names, if it does, with its package: `serde_json/src/read.rs`.
    pub file: Option<String>,
    /// The function that does it.
    pub function: String,
}

impl Module {
    /// Reads a module and the linker's map of it.
    pub fn read(wasm: &[u8], map: &str) -> Result<Self> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            module.add(payload?)?;
        }
        module.name(map)?;
        Ok(module)
    }

    fn add(&mut self, payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::TypeSection(types) => {
                for of in types.into_iter_err_on_gc_types() {
                    self.types.push(of?);
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    let TypeRef::Func(of) = import.ty else {
                        bail!("{}.{} is no function", import.module, import.name);
                    };
                    self.functions.push(of);
                    self.imports
                        .push((import.module.to_owned(), import.name.to_owned()));
                }
            }
            Payload::FunctionSection(functions) => {
                for of in functions {
                    self.functions.push(of?);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        self.exports
                            .insert(export.name.to_owned(), export.index as usize);
                    }
                }
            }
            Payload::ElementSection(elements) => {
                for element in elements {
                    let ElementItems::Functions(functions) = element?.items else {
                        bail!("a table of other things than functions");
                    };
                    for function in functions {
                        self.table.push(function? as usize);
                    }
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(Body::read(&body)?),
            Payload::DataSection(segments) => {
                for segment in segments {
                    let segment = segment?;
                    if let DataKind::Active { offset_expr, .. } = segment.kind
                        && let Operator::I32Const { value } =
                            offset_expr.get_operators_reader().read()?
                    {
                        self.data.push((value as usize, segment.data.to_vec()));
                    }
                }
            }
            Payload::StartSection { .. } => bail!("a start function, which nothing looks into"),
            _ => {}
        }
        Ok(())
    }

    /// Gives the functions their names. The map lists them in their order.
    fn name(&mut self, map: &str) -> Result<()> {
        let code = map.lines().skip_while(|line| !line.ends_with(" CODE"));
        let code = code.take_while(|line| !line.ends_with(" DATA"));
        let names: Vec<String> = code
            .filter_map(|line| line.rsplit_once(":(")?.1.strip_suffix(')'))
            .map(|name| format!("{:#}", rustc_demangle::demangle(name)))
            .collect();
        ensure!(
            names.len() == self.bodies.len(),
            "the linker's map has {} functions, the module {}: it is another module's",
            names.len(),
            self.bodies.len()
        );
        for (body, name) in self.bodies.iter_mut().zip(names) {
            body.name = name;
        }
        Ok(())
    }

    /// Every way that the module can trap once the host calls one of its exports. A call that never
    /// returns is one, and what it does before it traps is not looked into.
    pub fn sites(&self) -> Vec<Site> {
        let mut seen = vec![false; self.functions.len()];
        let mut open: Vec<usize> = self.exports.values().copied().collect();
        let mut sites = Vec::new();
        while let Some(index) = open.pop() {
            if std::mem::replace(&mut seen[index], true) {
                continue;
            }
            let Some(body) = self.body(index) else {
                continue;
            };
            for call in &body.calls {
                match *call {
                    Callee::Function(callee) => open.push(callee),
                    Callee::Table(of) => {
                        open.extend(self.table.iter().filter(|at| self.has_type(**at, of)))
                    }
                }
            }
            sites.extend(body.traps.iter().map(|trap| Site {
                what: self.what(trap),
                file: trap.constant.and_then(|address| self.file(address)),
                function: body.name.clone(),
            }));
        }
        sites.sort();
        sites
    }

    fn body(&self, function: usize) -> Option<&Body> {
        self.bodies.get(function.checked_sub(self.imports.len())?)
    }

    /// Types of the same form are one to a call through the table.
    fn has_type(&self, function: usize, of: u32) -> bool {
        self.types[self.functions[function] as usize] == self.types[of as usize]
    }

    fn what(&self, trap: &Trap) -> String {
        match trap.after {
            Before::Table => NO_CASE.to_owned(),
            Before::Other => "unreachable".to_owned(),
            Before::Call(Callee::Table(_)) => "a call through the table".to_owned(),
            Before::Call(Callee::Function(index)) => match self.body(index) {
                Some(body) => body.name.clone(),
                None => self.imports[index].1.clone(),
            },
        }
    }

    /// The file of the `core::panic::Location` at an address: pointer and length of its path, which
    /// begins with where the package was when it was compiled.
    fn file(&self, address: usize) -> Option<String> {
        let word = |at: usize| {
            let bytes = self.memory(address + at * WORD, WORD)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
        };
        let path = std::str::from_utf8(self.memory(word(0)?, word(1)?)?).ok()?;
        if !path.ends_with(".rs") {
            return None;
        }
        Some(in_package(path))
    }

    fn memory(&self, address: usize, length: usize) -> Option<&[u8]> {
        self.data.iter().find_map(|(start, bytes)| {
            let from = address.checked_sub(*start)?;
            bytes.get(from..from.checked_add(length)?)
        })
    }
}

/// A source path from the name of its package on: `serde_json/src/read.rs`, `alloc/src/fmt.rs`.
fn in_package(path: &str) -> String {
    if let Some((_, path)) = path.split_once("/library/") {
        return path.to_owned(); // Rust's own
    }
    let downloaded = path
        .split_once("/registry/src/")
        .and_then(|(_, path)| path.split_once('/'));
    let parts = downloaded.and_then(|(_, path)| path.split_once('/'));
    match parts {
        Some((package, file)) => {
            let name = package.rsplit_once('-').map_or(package, |(name, _)| name);
            format!("{name}/{file}")
        }
        None => path.to_owned(),
    }
}

impl Body {
    fn read(body: &FunctionBody<'_>) -> Result<Self> {
        let (mut calls, mut traps) = (Vec::new(), Vec::new());
        let (mut last, mut constant) = (Before::Other, None);
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let mut this = Before::Other;
            match reader.read()? {
                Operator::Call { function_index } => {
                    this = Before::Call(Callee::Function(function_index as usize));
                }
                Operator::CallIndirect { type_index, .. } => {
                    this = Before::Call(Callee::Table(type_index));
                }
                Operator::BrTable { .. } => this = Before::Table,
                Operator::End if matches!(last, Before::Table) => this = Before::Table,
                Operator::Unreachable => {
                    let constant = if let Before::Call(_) = last {
                        calls.pop();
                        constant
                    } else {
                        None
                    };
                    traps.push(Trap {
                        after: last,
                        constant,
                    });
                }
                Operator::I32Const { value } => constant = Some(value as usize),
                other @ (Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. }
                | Operator::CallRef { .. }
                | Operator::RefFunc { .. }) => bail!("{other:?} is not followed yet"),
                _ => {}
            }
            if let Before::Call(callee) = this {
                calls.push(callee);
            }
            last = this;
        }
        Ok(Self {
            name: String::new(),
            calls,
            traps,
        })
    }
}
