//! What was measured, and what it says.

use std::collections::HashMap;
use std::time::Duration;

use testbed::etcd::Etcd;

use crate::way::{Kind, Sample, Way};
use crate::work::{self, Work};

/// What one work costs, each way, in each block.
pub struct Row {
    pub name: &'static str,
    blocks: Vec<HashMap<Kind, Sample>>,
}

/// The middle of what the blocks say, and the quarters below and above which the others are.
struct Spread {
    low: f64,
    median: f64,
    high: f64,
}

impl Row {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            blocks: Vec::new(),
        }
    }

    /// Measures a block: each way in each round, in any order, for what one leaves behind must not always meet the same
    /// other.
    pub fn measure(&mut self, work: &Work, ways: &mut [Way], etcd: &mut Etcd) {
        let mut samples: HashMap<Kind, Vec<Sample>> = HashMap::new();
        for round in 0..=work.rounds {
            fastrand::shuffle(ways);
            for way in &mut *ways {
                let sample = way.measure(work, etcd);
                // Everything is warm after the first.
                if round > 0 {
                    samples.entry(way.kind).or_default().push(sample);
                }
            }
        }
        let least = |(kind, samples): (Kind, Vec<Sample>)| (kind, Sample::least(&samples));
        self.blocks.push(samples.into_iter().map(least).collect());
    }

    /// A figure of each block; none where one of the ways was not measured.
    fn spread(&self, of: impl Fn(&HashMap<Kind, Sample>) -> Option<f64>) -> Option<Spread> {
        let mut values: Vec<f64> = self.blocks.iter().map(of).collect::<Option<_>>()?;
        values.sort_by(f64::total_cmp);
        let at = |quarter: usize| values[(values.len() - 1) * quarter / 4];
        Some(Spread {
            low: at(1),
            median: at(2),
            high: at(3),
        })
    }

    /// What the filter adds to plain gRPC, as a share of what Envoy's own transcoder adds.
    pub fn share(&self, filter: Kind) -> f64 {
        self.shares(filter).map_or(f64::NAN, |shares| shares.median)
    }

    fn shares(&self, filter: Kind) -> Option<Spread> {
        self.spread(|block| {
            let added = |kind| Some(envoy(block, kind)? - envoy(block, Kind::Grpc)?);
            Some(added(filter)? / added(Kind::Transcoder)?)
        })
    }

    fn print(&self) {
        let cost = |kind| match self.spread(|block| envoy(block, kind)) {
            Some(spread) => format!("{:.1} µs", spread.median * 1e6),
            None => String::new(),
        };
        let share = self.shares(Kind::Filter).expect("the filter's share");
        let ratio = |of: fn(&Sample) -> Duration| {
            let ratio = self.spread(|block| {
                let of = |kind| Some(of(block.get(&kind)?).as_secs_f64());
                Some(of(Kind::Filter)? / of(Kind::Etcd)?)
            });
            match ratio {
                Some(ratio) if self.name != work::WATCH => format!("{:.2}", ratio.median),
                _ => String::new(),
            }
        };
        println!(
            "| {} | {} | {} | {} | {} | **{:.2}** | {:.2} to {:.2} | {:.2} | {:.2} | {} | {} |",
            self.name,
            cost(Kind::Grpc),
            cost(Kind::Transcoder),
            cost(Kind::Filter),
            cost(Kind::Plain),
            share.median,
            share.low,
            share.high,
            self.share(Kind::Plain),
            self.share(Kind::Nothing),
            ratio(|sample| sample.etcd),
            ratio(|sample| sample.time),
        );
    }

    /// How the filter compares with the other build of it.
    fn print_other(&self) {
        let difference = |block: &_| Some(envoy(block, Kind::Filter)? - envoy(block, Kind::Other)?);
        if let (Some(spread), Some(shares)) = (self.spread(difference), self.shares(Kind::Other)) {
            println!(
                "| {} | {:+.1} µs | {:+.1} to {:+.1} µs | {:.2} | {:.2} |",
                self.name,
                spread.median * 1e6,
                spread.low * 1e6,
                spread.high * 1e6,
                self.share(Kind::Filter),
                shares.median,
            );
        }
    }
}

fn envoy(block: &HashMap<Kind, Sample>, kind: Kind) -> Option<f64> {
    Some(block.get(&kind)?.envoy.as_secs_f64())
}

/// Prints tables; of another build of the filter only where there is one.
pub fn print(rows: &[Row]) {
    println!(
        "| | gRPC | transcoder | filter | without the flag | share | half the blocks | share, no flag | nothing | \
         etcd's CPU | time |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    rows.iter().for_each(Row::print);
    if rows.iter().all(|row| row.shares(Kind::Other).is_none()) {
        return;
    }
    println!(
        "\n| | beside the other build | half the blocks | share | its share |\n| --- | ---: | ---: | ---: | ---: |"
    );
    rows.iter().for_each(Row::print_other);
}
