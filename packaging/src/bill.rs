//! The module's bill of materials, in CycloneDX's form: what it is compiled of, by the lock file.
//!
//! It has no time and no number of its own, so that it is the same for the same sources.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::ensure;
use anyhow::{Context, Result};
use cargo_lock::Lockfile;
use cargo_metadata::{DependencyKind, Node, Package, PackageId};
use cyclonedx_bom::external_models::uri::Purl;
use cyclonedx_bom::models::bom::SpecVersion;
use cyclonedx_bom::models::component::{Classification, Component, Components, Scope};
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::models::metadata::Metadata;
use cyclonedx_bom::prelude::{Bom, NormalizedString, Validate};

use crate::compile::Build;

/// The bill of what `build` compiles into the module with this hash.
pub fn of(build: &Build, module_sha256: &str) -> Result<Vec<u8>> {
    let lock = Lockfile::load(build.lock_file())?;
    let root = build.root()?;
    let graph = Graph::of(build, &root.id)?;
    let mut components = Vec::new();
    for id in graph.linked.iter().chain(&graph.helping) {
        let package = &build.metadata[id];
        if *id != root.id {
            let hash = checksum(&lock, package);
            let mut component = component(package, hash)?;
            let helps = !graph.linked.contains(id);
            component.scope = Some(if helps {
                Scope::Excluded
            } else {
                Scope::Required
            });
            components.push(component);
        }
    }
    components.sort_by(|left, right| left.bom_ref.cmp(&right.bom_ref));

    let mut module = component(root, Some(module_sha256.to_owned()))?;
    module.component_type = Classification::Application;
    let bom = Bom {
        serial_number: None,
        metadata: Some(Metadata {
            component: Some(module),
            ..Metadata::default()
        }),
        components: Some(Components(components)),
        dependencies: Some(graph.dependencies(build)?),
        spec_version: SpecVersion::V1_5,
        ..Bom::default()
    };
    let verdict = bom.validate_version(SpecVersion::V1_5);
    ensure!(verdict.passed(), "the bill is not valid: {verdict:?}");
    let mut text = Vec::new();
    bom.output_as_json_v1_5(&mut text)?;
    text.push(b'\n');
    Ok(text)
}

/// What the module depends on.
struct Graph<'a> {
    /// What is linked into it.
    linked: BTreeSet<PackageId>,
    /// What runs while it is compiled: build scripts, procedural macros and what they need.
    helping: BTreeSet<PackageId>,
    nodes: BTreeMap<&'a PackageId, &'a Node>,
}

impl<'a> Graph<'a> {
    fn of(build: &'a Build, root: &PackageId) -> Result<Graph<'a>> {
        let resolve = build.metadata.resolve.as_ref();
        let nodes = &resolve.context("cargo metadata resolves nothing")?.nodes;
        let mut graph = Graph {
            linked: BTreeSet::new(),
            helping: BTreeSet::new(),
            nodes: nodes.iter().map(|node| (&node.id, node)).collect(),
        };
        let mut waiting = vec![(root.clone(), true)];
        while let Some((id, linked)) = waiting.pop() {
            let runs = build.metadata[&id]
                .targets
                .iter()
                .any(|target| target.is_proc_macro());
            let linked = linked && !runs;
            let of = if linked {
                &mut graph.linked
            } else {
                &mut graph.helping
            };
            if of.insert(id.clone()) {
                let needs = graph.needs(&id)?;
                waiting.extend(needs.map(|(id, build)| (id.clone(), linked && !build)));
            }
        }
        graph.helping.retain(|id| !graph.linked.contains(id));
        Ok(graph)
    }

    /// What a package needs, and whether to be built only.
    fn needs(
        &self,
        id: &PackageId,
    ) -> Result<impl Iterator<Item = (&'a PackageId, bool)> + use<'a>> {
        let node = self
            .nodes
            .get(id)
            .with_context(|| format!("{id} is not resolved"))?;
        Ok(node.deps.iter().filter_map(|dependency| {
            let has = |kind| dependency.dep_kinds.iter().any(|info| info.kind == kind);
            let (normal, build) = (has(DependencyKind::Normal), has(DependencyKind::Build));
            (normal || build).then_some((&dependency.pkg, !normal))
        }))
    }

    fn dependencies(&self, build: &Build) -> Result<Dependencies> {
        let mut all = Vec::new();
        for id in self.linked.iter().chain(&self.helping) {
            let mut needs: Vec<String> = self
                .needs(id)?
                .map(|(id, _)| name(&build.metadata[id]))
                .collect();
            needs.sort();
            needs.dedup();
            all.push(Dependency {
                dependency_ref: name(&build.metadata[id]),
                dependencies: needs,
            });
        }
        all.sort_by(|left, right| left.dependency_ref.cmp(&right.dependency_ref));
        Ok(Dependencies(all))
    }
}

/// What a package is called in the bill.
fn name(package: &Package) -> String {
    format!("{}@{}", package.name, package.version)
}

fn component(package: &Package, sha256: Option<String>) -> Result<Component> {
    let version = package.version.to_string();
    let mut component = Component::new(
        Classification::Library,
        package.name.as_str(),
        &version,
        Some(name(package)),
    );
    component.description = package.description.as_deref().map(NormalizedString::new);
    component.licenses = package
        .license
        .as_deref()
        // Cargo's older way to write it.
        .map(|license| {
            Licenses(vec![LicenseChoice::expression(
                &license.replace('/', " OR "),
            )])
        });
    component.hashes = sha256.map(|sha256| {
        Hashes(vec![Hash {
            alg: HashAlgorithm::SHA_256,
            content: HashValue(sha256),
        }])
    });
    if package.source.is_some() {
        component.purl = Some(Purl::new("cargo", package.name.as_str(), &version)?);
    }
    Ok(component)
}

/// The hash of a crate's file, by which the lock file pins it.
fn checksum(lock: &Lockfile, package: &Package) -> Option<String> {
    let mut pinned = lock.packages.iter().filter(|pinned| {
        pinned.name.as_str() == package.name.as_str()
            && pinned.version.to_string() == package.version.to_string()
    });
    Some(pinned.next()?.checksum.as_ref()?.to_string())
}
