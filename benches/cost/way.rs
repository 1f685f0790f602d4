//! The ways to etcd.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use tempfile::TempPath;
use testbed::api;
use testbed::client::{End, Request, h1};
use testbed::envoy_config::EnvoyConfig;
use testbed::etcd::Etcd;
use testbed::gateway::{FILTER, Gateway, Mode, Setup};

use crate::work::{FAN_OUT, Rpc, Work};

/// Envoy's own transcoder holds whole messages: room for the largest, in bytes.
const TRANSCODER_ROOM: u32 = 1 << 28;

/// What stands between the client and etcd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing: etcd's own gateway.
    Etcd,
    /// An Envoy that passes gRPC on.
    Grpc,
    /// Envoy's own transcoder.
    Transcoder,
    /// An Envoy that passes gRPC on through a filter that does nothing.
    Nothing,
    /// The filter as in `envoy/envoy.yaml`.
    Filter,
    /// The filter where Envoy does not let it hold heads back.
    Plain,
    /// As [`Self::Filter`], with another build of it.
    Other,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::Etcd,
        Self::Grpc,
        Self::Transcoder,
        Self::Nothing,
        Self::Filter,
        Self::Plain,
        Self::Other,
    ];

    /// Whether the client speaks gRPC.
    pub fn is_grpc(self) -> bool {
        matches!(self, Self::Grpc | Self::Nothing)
    }
}

/// A way to etcd, and a client on it.
pub struct Way {
    pub kind: Kind,
    address: SocketAddr,
    /// None for etcd itself.
    gateway: Option<Gateway>,
    connections: Vec<h1::Connection>,
    /// As the work of this name has it.
    request: Option<(&'static str, Request)>,
}

/// What one time of a work took.
#[derive(Clone, Copy)]
pub struct Sample {
    pub time: Duration,
    /// Processor time.
    pub etcd: Duration,
    /// Processor time.
    pub envoy: Duration,
}

impl Sample {
    /// The fastest twentieth of each figure for itself: what else the machine does only adds to it.
    pub fn least(samples: &[Self]) -> Self {
        let least = |of: fn(&Self) -> Duration| {
            let mut sorted: Vec<Duration> = samples.iter().map(of).collect();
            sorted.sort();
            sorted[sorted.len() / 20]
        };
        Self {
            time: least(|sample| sample.time),
            etcd: least(|sample| sample.etcd),
            envoy: least(|sample| sample.envoy),
        }
    }
}

impl Way {
    /// Starts it; `other` is the module of [`Kind::Other`].
    pub fn new(kind: Kind, etcd: &Etcd, other: Option<&Path>) -> Self {
        let mode = if kind == Kind::Plain {
            Mode::Plain
        } else {
            Mode::Full
        };
        let setup = Setup::example(mode, etcd.client_address()).without_body_for_bodyless();
        let gateway = match kind {
            Kind::Etcd => None,
            Kind::Grpc => Some(setup.without_filter().start()),
            Kind::Transcoder => Some(setup.change(with_transcoder).start()),
            // Envoy has read it once it has started.
            Kind::Nothing => Some(with_module(setup, &nothing().expect("a module")).start()),
            Kind::Other => Some(with_module(setup, other.expect("another module")).start()),
            Kind::Filter | Kind::Plain => Some(setup.start()),
        };
        let address = match &gateway {
            Some(gateway) => gateway.address(),
            None => etcd.client_address().parse().expect("an address"),
        };
        Self {
            kind,
            address,
            gateway,
            connections: Vec::new(),
            request: None,
        }
    }

    /// Does the work as often as makes a sample.
    pub fn measure(&mut self, work: &Work, etcd: &mut Etcd) -> Sample {
        let (etcd_before, envoy_before) = self.cpu(etcd);
        let start = Instant::now();
        if work.rpc == Rpc::Watch {
            // etcd's own gateway does not read what is left of an HTTP/1.1 request once it answers, and so misses some
            // of the watches at times: `benches/watch.rs` has it.
            if self.kind != Kind::Etcd {
                self.watch(work, etcd);
            }
        } else {
            for _ in 0..work.times / work.in_flight {
                self.calls(work, work.in_flight, |_| {});
            }
        }
        let time = start.elapsed();
        let (etcd_after, envoy_after) = self.cpu(etcd);
        Sample {
            time: time / work.times,
            etcd: (etcd_after - etcd_before) / work.times,
            envoy: (envoy_after - envoy_before) / work.times,
        }
    }

    /// The body of an answer.
    pub fn ask(&mut self, work: &Work) -> Vec<u8> {
        let mut body = Vec::new();
        self.calls(work, 1, |piece| body.extend_from_slice(piece));
        body
    }

    /// Sends as many requests at once, each over a connection of its own, and reads their answers.
    fn calls(&mut self, work: &Work, count: u32, mut piece: impl FnMut(&[u8])) {
        let request = request(&mut self.request, work, self.kind);
        while self.connections.len() < count as usize {
            let connection = h1::Connection::open(self.address).expect("a connection");
            self.connections.push(connection);
        }
        let connections = &mut self.connections[..count as usize];
        for connection in &mut *connections {
            connection.send(request).expect("a request that is taken");
        }
        for connection in connections {
            let mut response = connection.read_head().expect("an answer");
            assert_eq!(response.status, 200, "{:?}: {response:?}", self.kind);
            connection.drain(&mut response, &mut piece).expect("a body");
            assert_eq!(response.end, End::Clean, "{:?}: {response:?}", self.kind);
        }
    }

    /// Opens a stream of watches, on which every change brings an event each.
    fn watch(&mut self, work: &Work, etcd: &Etcd) {
        let request = request(&mut self.request, work, self.kind);
        let mut connection = h1::Connection::open(self.address).expect("a connection");
        connection.send(request).expect("a request that is taken");
        let mut response = connection.read_head().expect("an answer");
        assert_eq!(response.status, 200, "{:?}: {response:?}", self.kind);
        let mut counter = Counter::new(self.kind);
        let mut read = |until: usize| {
            while counter.messages < until {
                let piece = connection.read_piece(&mut response).expect("a piece");
                counter.count(&piece.expect("more of the stream"));
            }
        };
        read(FAN_OUT);
        for time in 1..=work.times as usize {
            Work::change(etcd);
            read((1 + time) * FAN_OUT);
        }
    }

    /// Processor time of etcd and of Envoy.
    fn cpu(&mut self, etcd: &mut Etcd) -> (Duration, Duration) {
        let of = |process: &testbed::process::Process| {
            process.usage().expect("what a process has used").cpu
        };
        let envoy = self.gateway.as_mut().map(|gateway| of(gateway.process()));
        (of(etcd.process()), envoy.unwrap_or_default())
    }
}

/// The request of a work, made anew where the last one was another's.
fn request<'a>(
    last: &'a mut Option<(&'static str, Request)>,
    work: &Work,
    kind: Kind,
) -> &'a Request {
    if last.as_ref().is_none_or(|(name, _)| *name != work.name) {
        *last = None;
    }
    let (_, request) = last.get_or_insert_with(|| (work.name, work.request(kind)));
    request
}

/// Counts the messages of a stream: lines, or gRPC's frames.
struct Counter {
    frames: bool,
    messages: usize,
    /// What of a frame has not come, or its unfinished head.
    missing: usize,
    head: Vec<u8>,
}

impl Counter {
    fn new(kind: Kind) -> Self {
        Self {
            frames: kind.is_grpc(),
            messages: 0,
            missing: 0,
            head: Vec::new(),
        }
    }

    fn count(&mut self, mut piece: &[u8]) {
        if !self.frames {
            self.messages += piece.iter().filter(|&&byte| byte == b'\n').count();
            return;
        }
        while !piece.is_empty() {
            let (part, rest) = piece.split_at(self.missing.min(piece.len()));
            self.missing -= part.len();
            self.messages += usize::from(!part.is_empty() && self.missing == 0);
            let (head, rest) = rest.split_at((5 - self.head.len()).min(rest.len()));
            self.head.extend_from_slice(head);
            if let [_, length @ ..] = self.head.as_slice()
                && let Ok(length) = <[u8; 4]>::try_from(length)
            {
                self.missing = u32::from_be_bytes(length) as usize;
                self.head.clear();
            }
            piece = rest;
        }
    }
}

/// With another module than ours.
fn with_module(setup: Setup, file: &Path) -> Setup {
    let file = file.to_path_buf();
    setup.change(move |config| config.module(&file).map(|_| ()))
}

/// With Envoy's own transcoder, which reads the same `proto/`, in the place of our filter.
fn with_transcoder(config: &mut EnvoyConfig) -> anyhow::Result<()> {
    let descriptors = BASE64_STANDARD.encode(api::descriptors()?.encode_to_vec());
    config.buffer_limit(TRANSCODER_ROOM)?;
    for filter in config.http_filters()? {
        if filter["name"] == FILTER {
            *filter = json!({
                "name": "envoy.filters.http.grpc_json_transcoder",
                "typed_config": {
                    "@type": "type.googleapis.com/\
                        envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
                    "proto_descriptor_bin": descriptors,
                    "services": ["etcdserverpb.KV", "etcdserverpb.Watch"],
                    "print_options": {"preserve_proto_field_names": true, "stream_newline_delimited": true},
                    "max_request_body_size": TRANSCODER_ROOM,
                    "max_response_body_size": TRANSCODER_ROOM,
                },
            });
        }
    }
    Ok(())
}

/// A module that does nothing, with the callbacks of ours.
fn nothing() -> anyhow::Result<TempPath> {
    let file = tempfile::Builder::new().suffix(".wasm").tempfile()?;
    fs::write(&file, wat::parse_str(include_str!("nothing.wat"))?)?;
    Ok(file.into_temp_path())
}
