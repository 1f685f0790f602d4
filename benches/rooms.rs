//! How fast each room is by itself: `cargo bench --bench rooms`, and `cargo xtask bench` beside an earlier commit.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use criterion::{Criterion, Throughput};
use etcd_json_gateway::config::Config;
use etcd_json_gateway::exchange::{
    Exchange, RequestBody, RequestHead, ResponseHead, ResponseTrailers, Settings,
};
use etcd_json_gateway::http::Headers;
use etcd_json_gateway::policy::{Policies, Tally};
use etcd_json_gateway::schema::tables::KV_PUT;
use etcd_json_gateway::schema::tables::{
    ETCDSERVERPB_PUT_REQUEST, ETCDSERVERPB_RANGE_RESPONSE, ETCDSERVERPB_TXN_REQUEST,
};
use etcd_json_gateway::transcode::from_json::from_json;
use etcd_json_gateway::transcode::to_json::{BytesAs, Style, ToJson};
use prost::encoding::{bytes, encode_varint, int64, uint64};

/// Bytes that come at once: HTTP/2's default frame size.
const PIECE: usize = 16 * 1024;

/// Longest message that a request may become, in bytes.
const LIMIT: usize = 2 << 20;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    to_json(&mut criterion);
    parse(&mut criterion);
    call(&mut criterion);
    policy(&mut criterion);
    criterion.final_summary();
}

/// Range answers to text, in pieces; what is written is handed on after each.
fn to_json(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("to_json");
    for (name, answer) in [
        ("1 key of 100 B", range(1, 100)),
        ("1000 keys of 100 B", range(1000, 100)),
        ("one value of 1 MB", range(1, 1_000_000)),
    ] {
        group.throughput(Throughput::Bytes(answer.len() as u64));
        let mut out = Vec::new();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let style = Style::default();
                let mut to_json =
                    ToJson::new(&ETCDSERVERPB_RANGE_RESPONSE, answer.len() as u32, style);
                for piece in answer.chunks(PIECE) {
                    out.clear();
                    to_json.push(piece, &mut out).expect("a valid answer");
                    black_box(out.as_slice());
                }
                assert!(to_json.is_done());
            });
        });
    }
}

/// Requests to messages.
fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("from_json");
    let puts: Vec<String> = (0..50)
        .map(|index| format!(r#"{{"request_put":{}}}"#, put(&format!("/{index}"), 64)))
        .collect();
    let txn = format!(r#"{{"success":[{}]}}"#, puts.join(","));
    for (name, message, body) in [
        ("put of 64 B", &ETCDSERVERPB_PUT_REQUEST, put("/put", 64)),
        (
            "put of 64 KB",
            &ETCDSERVERPB_PUT_REQUEST,
            put("/put", 64_000),
        ),
        ("txn of 50 puts", &ETCDSERVERPB_TXN_REQUEST, txn),
    ] {
        group.throughput(Throughput::Bytes(body.len() as u64));
        let mut out = Vec::new();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                from_json(message, body.as_bytes(), BytesAs::Base64, LIMIT, &mut out)
                    .expect("a valid request");
                black_box(out.as_slice());
            });
        });
    }
}

/// A whole unary call, from the request's head to the answer's trailers.
fn call(criterion: &mut Criterion) {
    let settings = Rc::new(Settings::new(&Config::default()));
    let body = put("/put", 64);
    let length = body.len().to_string();
    let request = headers(&[
        (":authority", "127.0.0.1:8379"),
        (":path", "/v3/kv/put"),
        (":method", "POST"),
        (":scheme", "http"),
        ("content-type", "application/json"),
        ("content-length", &length),
        ("x-forwarded-proto", "http"),
        ("x-request-id", "2c9c5c3e-6a0c-4f5e-8a43-0d6fd3a3a4c0"),
        ("user-agent", "curl/8.5.0"),
        ("accept", "*/*"),
    ]);
    let response = headers(&[(":status", "200"), ("content-type", "application/grpc")]);
    let trailers = headers(&[("grpc-status", "0")]);
    let mut answer = vec![0; 5];
    bytes::encode(1, &header(), &mut answer);
    if let [_, _, _, _, length, message @ ..] = answer.as_mut_slice() {
        *length = message.len() as u8;
    }
    criterion.bench_function("exchange/put of 64 B", |bencher| {
        bencher.iter(|| {
            let mut exchange = Exchange::new(Rc::clone(&settings));
            let head = exchange.request_head(&request, false);
            assert!(matches!(head, RequestHead::Forward(_)));
            let sent = exchange.request_body(body.clone().into_bytes(), true);
            assert!(matches!(sent, RequestBody::Send(_)));
            let head = exchange.response_head(&response, false, || None);
            assert!(matches!(head, ResponseHead::Rewrite { .. }));
            black_box(exchange.response_body(&answer, false));
            let end = exchange.response_trailers(&trailers);
            assert!(!matches!(end, ResponseTrailers::Reply(_)));
        });
    });
}

/// How many rules a configuration has that is judged.
const RULES: usize = 10_000;

/// What a policy adds to a call: it is chosen, and holds a message against its rules.
fn policy(criterion: &mut Criterion) {
    let list =
        |items: &dyn Fn(usize) -> String| (0..RULES).map(items).collect::<Vec<_>>().join(",");
    let prefixes = list(&|index| format!("\"/tenant/{index:05}/\""));
    let one = format!(r#"{{"name":"p","keys":[{prefixes}]}}"#);
    let many = list(&|index| {
        format!(r#"{{"name":"t","header":"x-tenant: {index:05}","keys":["/tenant/{index:05}/"]}}"#)
    });
    let request = headers(&[
        (":authority", "127.0.0.1:8379"),
        (":path", "/v3/kv/put"),
        (":method", "POST"),
        ("content-type", "application/json"),
        ("x-tenant", "07777"),
    ]);
    let mut message = Vec::new();
    let body = put("/tenant/07777/key", 64);
    from_json(
        &ETCDSERVERPB_PUT_REQUEST,
        body.as_bytes(),
        BytesAs::Base64,
        LIMIT,
        &mut message,
    )
    .expect("a valid request");
    for (name, policies) in [
        ("policy/of 10000 prefixes", one),
        ("policy/one of 10000", many),
    ] {
        let text = format!(r#"{{"policies":[{policies}]}}"#);
        let config = Config::parse(text.as_bytes()).expect("a valid configuration");
        let policies = Policies::new(&config.policies);
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                let policy = policies.choose(&request, Some("/v3")).expect("a policy");
                let policy = policies.get(policy.expect("a policy"));
                let policy = policy.expect("a policy");
                policy.admits(&KV_PUT).expect("an allowed method");
                let judged = policy.judge(&KV_PUT, &message, &mut Tally::default());
                judged.expect("an allowed key");
            });
        });
    }
}

fn headers<'a>(list: &[(&'a str, &'a str)]) -> Headers<'a> {
    let bytes = list
        .iter()
        .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    Headers::new(bytes.collect())
}

fn put(key: &str, length: usize) -> String {
    let (key, value) = (
        BASE64_STANDARD.encode(key),
        BASE64_STANDARD.encode(value(length)),
    );
    format!(r#"{{"key":"{key}","value":"{value}"}}"#)
}

fn value(length: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(length).collect()
}

/// A `ResponseHeader`.
fn header() -> Vec<u8> {
    let mut header = Vec::new();
    uint64::encode(1, &14_841_639_068_965_178_418, &mut header);
    uint64::encode(2, &10_276_657_743_932_975_437, &mut header);
    int64::encode(3, &812_345, &mut header);
    uint64::encode(4, &7, &mut header);
    header
}

/// A `RangeResponse` of `keys` pairs with values of `length` bytes.
fn range(keys: i64, length: usize) -> Vec<u8> {
    let mut message = Vec::new();
    bytes::encode(1, &header(), &mut message);
    for index in 0..keys {
        let mut pair = Vec::new();
        let key = format!("/registry/pods/default/pod-{index:05}").into_bytes();
        bytes::encode(1, &key, &mut pair);
        int64::encode(2, &(500_000 + index), &mut pair);
        int64::encode(3, &(700_000 + index), &mut pair);
        int64::encode(4, &(1 + index % 30), &mut pair);
        bytes::encode(5, &value(length), &mut pair);
        bytes::encode(2, &pair, &mut message);
    }
    encode_varint(4 << 3, &mut message);
    encode_varint(keys.unsigned_abs(), &mut message);
    message
}
