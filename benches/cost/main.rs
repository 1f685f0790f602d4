//! What JSON costs in Envoy: the filter beside Envoy's own `grpc_json_transcoder` and beside plain gRPC of the same
//! bytes, and etcd's own gateway: `cargo bench --bench cost`, with `-- --picture FILE.svg` for a picture, and with
//! `-- --against FILE.wasm` beside another build of the filter.
//!
//! Ten requests are under way at once, each over an HTTP/1.1 connection of its own, so that the ways differ in the filter
//! alone. Fails if the answers differ. Times depend on the machine: what counts is how the ways compare, measured in
//! turns. Two processes of one program differ by microseconds, so everything is measured in blocks, each with fresh Envoys,
//! and what is printed is the median of the blocks and between which values half of them are. A filter that does nothing
//! shows what is Envoy's way into a Wasm module and back.

mod costs;
mod picture;
mod way;
mod work;

use std::env;
use std::path::PathBuf;

use testbed::etcd::{Etcd, Options, Version};
use testbed::usage;

use costs::Row;
use way::{Kind, Way};

/// So many that a difference of two microseconds between two builds stands out.
const BLOCKS: usize = 12;

fn main() {
    let picture = argument("--picture");
    let other = argument("--against");
    let only = env::var("ONLY").unwrap_or_default();
    let mut etcd = Etcd::start_with(Options {
        version: Version::V3_7_3,
        // A disk's moods are not what is measured, and all puts together are more than the 2 GB that etcd takes by
        // default.
        arguments: ["--unsafe-no-fsync", "--quota-backend-bytes=8000000000"]
            .map(str::to_owned)
            .into(),
        ..Options::default()
    })
    .expect("an etcd");
    println!(
        "{}; etcd 3.7.3 and Envoy 1.40.0 with one worker\n",
        usage::machine()
    );
    let works = work::all();
    let works: Vec<_> = works
        .iter()
        .filter(|work| work.name.contains(&only))
        .collect();
    works.iter().for_each(|work| work.prepare(&etcd));
    let mut rows: Vec<Row> = works.iter().map(|work| Row::new(work.name)).collect();
    for block in 0..BLOCKS {
        let mut ways: Vec<Way> = Kind::ALL
            .into_iter()
            .filter(|kind| *kind != Kind::Other || other.is_some())
            .map(|kind| Way::new(kind, &etcd, other.as_deref()))
            .collect();
        for (work, row) in works.iter().zip(&mut rows) {
            if block == 0 {
                work::compare(work, &mut ways);
            }
            row.measure(work, &mut ways, &mut etcd);
        }
    }
    costs::print(&rows);
    if let Some(file) = picture {
        picture::draw(&file, &rows).expect("a picture");
    }
}

/// The file that follows a flag.
fn argument(flag: &str) -> Option<PathBuf> {
    let mut arguments = env::args().skip_while(|argument| argument != flag);
    let file = arguments.nth(1)?;
    Some(testbed::project_root().join(file))
}
