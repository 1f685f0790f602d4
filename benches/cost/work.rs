//! What is asked for.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use prost_reflect::DynamicMessage;
use prost_reflect::prost::Message as _;
use serde_json::{Value, json};
use testbed::client::{Request, h1};
use testbed::etcd::Etcd;
use testbed::{api, wire};

use crate::way::{Kind, Way};

/// Watches in one stream: a put brings as many messages at once. Fewer than etcd queues for a stream (128).
pub const FAN_OUT: usize = 100;

/// Requests that are under way at once.
const IN_FLIGHT: u32 = 10;

/// Times that make a sample of something small, of which more samples are wanted: it drowns in what else goes on.
const SMALL: u32 = 200;

/// The name of the work that etcd's own gateway is not asked to do.
pub const WATCH: &str = "watch, 100 events at once";

/// What is watched.
const WATCHED: &str = "/watched";

/// Something that a client does again and again.
pub struct Work {
    pub name: &'static str,
    /// Times that make one sample: so many that it does not matter that other ways have had the processor's caches.
    pub times: u32,
    /// Samples of each way in a block.
    pub rounds: usize,
    /// Requests that are under way at once, so that Envoy need not fall asleep after each.
    pub in_flight: u32,
    pub rpc: Rpc,
    body: Value,
    /// What has to be there: a number of keys with values of a length, below [`Work::folder`].
    stored: (usize, usize),
}

/// A method of etcd's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rpc {
    Range,
    Put,
    Txn,
    /// A stream of [`FAN_OUT`] watches and puts to their key.
    Watch,
}

impl Rpc {
    /// The JSON API's path, the gRPC API's, and the request's type.
    fn names(self) -> [&'static str; 3] {
        match self {
            Self::Range => [
                "/v3/kv/range",
                "/etcdserverpb.KV/Range",
                "etcdserverpb.RangeRequest",
            ],
            Self::Put => [
                "/v3/kv/put",
                "/etcdserverpb.KV/Put",
                "etcdserverpb.PutRequest",
            ],
            Self::Txn => [
                "/v3/kv/txn",
                "/etcdserverpb.KV/Txn",
                "etcdserverpb.TxnRequest",
            ],
            Self::Watch => [
                "/v3/watch",
                "/etcdserverpb.Watch/Watch",
                "etcdserverpb.WatchRequest",
            ],
        }
    }
}

/// Everything that is measured.
pub fn all() -> Vec<Work> {
    let work = |name, times, rpc, body| Work {
        name,
        times,
        rounds: match times {
            SMALL => 20,
            1 => 2,
            _ => 4,
        },
        in_flight: times.min(IN_FLIGHT),
        rpc,
        body,
        stored: (0, 0),
    };
    let range = |name, times, count, length| {
        let folder = folder((count, length));
        let body = json!({"key": base64(&folder), "range_end": base64(format!("{folder}~"))});
        Work {
            stored: (count, length),
            ..work(name, times, Rpc::Range, body)
        }
    };
    let put =
        |key: String, length| json!({"key": base64(key), "value": base64(vec![b'v'; length])});
    let puts: Vec<Value> = (0..50)
        .map(|index| json!({"request_put": put(format!("/txn/{index}"), 64)}))
        .collect();
    vec![
        range("range, 1 key", SMALL, 1, 100),
        range("range, 1000 keys of 100 B", 100, 1000, 100),
        range("range, one value of 1 MB", 30, 1, 1_000_000),
        work("put, 64 B", SMALL, Rpc::Put, put("/put".to_owned(), 64)),
        work("put, 64 KB", 100, Rpc::Put, put("/put".to_owned(), 64_000)),
        work("txn, 50 puts", 100, Rpc::Txn, json!({"success": puts})),
        work(
            WATCH,
            30,
            Rpc::Watch,
            json!({"create_request": {"key": base64(WATCHED)}}),
        ),
        range("range, 85 MB", 1, 64, 1_000_000),
    ]
}

impl Work {
    /// Puts what has to be there.
    pub fn prepare(&self, etcd: &Etcd) {
        let (count, length) = self.stored;
        let value: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
        for index in 0..count {
            put(etcd, &format!("{}{index:05}", folder(self.stored)), &value);
        }
    }

    /// The request as a way takes it.
    pub fn request(&self, kind: Kind) -> Request {
        let [path, method, message] = self.rpc.names();
        let times = if self.rpc == Rpc::Watch { FAN_OUT } else { 1 };
        let json = self.body.to_string();
        match kind {
            kind if kind.is_grpc() => {
                let api = api::descriptors().expect("etcd's API");
                let descriptor = api.get_message_by_name(message).expect("a message");
                let message =
                    DynamicMessage::deserialize(descriptor, &self.body).expect("a request");
                Request::post(method, wire::frame(&message.encode_to_vec()).repeat(times))
                    .header("Content-Type", "application/grpc")
                    .header("TE", "trailers")
            }
            // A stream of requests is a JSON array to Envoy's transcoder.
            Kind::Transcoder if self.rpc == Rpc::Watch => {
                Request::post(path, format!("[{}]", vec![json; times].join(",")))
                    .header("Content-Type", "application/json")
            }
            _ => Request::post(path, json.repeat(times)).header("Content-Type", "application/json"),
        }
    }

    /// Makes etcd send [`FAN_OUT`] events.
    pub fn change(etcd: &Etcd) {
        put(etcd, WATCHED, &[b'v'; 100]);
    }
}

/// Makes sure that all ways lead to the same answer.
pub fn compare(work: &Work, ways: &mut [Way]) {
    if work.rpc == Rpc::Watch {
        return; // its messages are counted
    }
    let mut answers = Vec::new();
    for way in ways.iter_mut().filter(|way| !way.kind.is_grpc()) {
        let mut answer: Value = serde_json::from_slice(&way.ask(work)).expect("JSON");
        without_headers(&mut answer);
        answers.push(answer);
    }
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "{}: the answers differ",
        work.name
    );
}

/// Takes the revisions out, which every put changes.
fn without_headers(answer: &mut Value) {
    match answer {
        Value::Object(members) => {
            members.remove("header");
            members.values_mut().for_each(without_headers);
        }
        Value::Array(items) => items.iter_mut().for_each(without_headers),
        _ => {}
    }
}

/// Where so many keys with values of this length are.
fn folder((count, length): (usize, usize)) -> String {
    format!("/stored/{count}/{length}/")
}

fn put(etcd: &Etcd, key: &str, value: &[u8]) {
    let body = json!({"key": base64(key), "value": base64(value)}).to_string();
    let address = etcd.client_address().parse().expect("an address");
    let response = h1::send(address, &Request::post("/v3/kv/put", body)).expect("an answer");
    assert_eq!(response.status, 200, "{response:?}");
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(bytes)
}
