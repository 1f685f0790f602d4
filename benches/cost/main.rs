//! What JSON costs in Envoy: the filter beside Envoy's own `grpc_json_transcoder` and beside plain gRPC of the same
//! bytes, and etcd's own gateway: `cargo bench --bench cost`, with `-- --picture FILE.svg` for a picture.
//!
//! Ten requests are under way at once, each over an HTTP/1.1 connection of its own, so that the ways differ in the filter
//! alone. Fails if the answers differ. Times depend on the machine: what counts is how the ways compare, measured in
//! turns. A filter that does nothing shows what is Envoy's way into a Wasm module and back.

mod picture;
mod way;
mod work;

use std::env;
use std::time::Duration;

use testbed::etcd::{Etcd, Options, Version};
use testbed::usage;

use way::{Kind, Sample, Way};
use work::Work;

fn main() {
    let mut arguments = env::args().skip_while(|argument| argument != "--picture");
    let picture = arguments
        .nth(1)
        .map(|file| testbed::project_root().join(file));
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
    println!(
        "| | gRPC | transcoder | filter | without the flag | share | share, no flag | nothing | etcd's CPU | time |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    let works = work::all();
    let mut rows = Vec::new();
    for work in works.iter().filter(|work| work.name.contains(&only)) {
        work.prepare(&etcd);
        let mut ways = Kind::ALL.map(|kind| Way::new(kind, &etcd));
        work::compare(work, &mut ways);
        let row = Row::measure(work, &mut ways, &mut etcd);
        row.print();
        rows.push(row);
    }
    if let Some(file) = picture {
        picture::draw(&file, &rows).expect("a picture");
    }
}

/// What one work costs, each way.
struct Row {
    name: &'static str,
    costs: [Sample; Kind::ALL.len()],
}

impl Row {
    /// Each way in each round, in any order: what one leaves behind must not always meet the same other.
    fn measure(work: &Work, ways: &mut [Way; Kind::ALL.len()], etcd: &mut Etcd) -> Self {
        let mut samples = Kind::ALL.map(|_| Vec::new());
        let mut order: Vec<usize> = (0..ways.len()).collect();
        for round in 0..=work.rounds {
            fastrand::shuffle(&mut order);
            for &way in &order {
                let sample = ways[way].measure(work, etcd);
                // Everything is warm after the first.
                if round > 0 {
                    samples[way].push(sample);
                }
            }
        }
        Self {
            name: work.name,
            costs: samples.map(|samples| Sample::least(&samples)),
        }
    }

    fn of(&self, kind: Kind) -> Sample {
        self.costs[kind as usize]
    }

    /// What the filter adds to plain gRPC, as a share of what Envoy's own transcoder adds.
    fn share(&self, filter: Kind) -> f64 {
        let added =
            |kind| self.of(kind).envoy.as_secs_f64() - self.of(Kind::Grpc).envoy.as_secs_f64();
        added(filter) / added(Kind::Transcoder)
    }

    fn print(&self) {
        let cost = |kind| format!("{:.1} µs", self.of(kind).envoy.as_secs_f64() * 1e6);
        let ratio = |of: fn(&Sample) -> Duration| {
            let ours = of(&self.of(Kind::Filter)).as_secs_f64();
            let ratio = ours / of(&self.of(Kind::Etcd)).as_secs_f64();
            if self.name == work::WATCH {
                String::new()
            } else {
                format!("{ratio:.2}")
            }
        };
        println!(
            "| {} | {} | {} | {} | {} | **{:.2}** | {:.2} | {:.2} | {} | {} |",
            self.name,
            cost(Kind::Grpc),
            cost(Kind::Transcoder),
            cost(Kind::Filter),
            cost(Kind::Plain),
            self.share(Kind::Filter),
            self.share(Kind::Plain),
            self.share(Kind::Nothing),
            ratio(|sample| sample.etcd),
            ratio(|sample| sample.time),
        );
    }
}
