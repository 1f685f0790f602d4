//! Request headers as etcd sees them: `metadata.jsonl` through a real Envoy.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Value, json};
use testbed::client::{Request, h1};
use testbed::exceptions::{BEARER, METADATA_ADDED, METADATA_ALWAYS};
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Received, Upstream};
use testbed::vectors::{Dialect, Differences, rows};

type Metadata = Vec<(String, Vec<u8>)>;

/// gRPC allows a `-bin` value with and without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Forwarded addresses without spaces, and without the last, which is the client's: Envoy writes its own instead of a
/// loopback address.
fn hops(value: &str) -> Vec<u8> {
    let mut addresses: Vec<&str> = value.split(',').map(str::trim).collect();
    let client: Option<std::net::IpAddr> = addresses.pop().and_then(|address| address.parse().ok());
    if client.is_some() {
        addresses.push("the client");
    }
    addresses.join(",").into_bytes()
}

/// The metadata that etcd's own gateway sent, with the documented exceptions applied.
fn expected(row: &Value, host: &str) -> Metadata {
    let recorded = row["v2"]["metadata"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let (name, value) = (entry[0].as_str().unwrap(), entry[1].as_str().unwrap());
            let value = value.replace("127.0.0.1:PORT", host);
            let value = match (name, value.strip_prefix("base64:")) {
                ("x-forwarded-for", _) => hops(&value),
                ("authorization", _) => value
                    .strip_prefix(BEARER)
                    .unwrap_or(&value)
                    .as_bytes()
                    .to_vec(),
                (_, Some(encoded)) => LENIENT.decode(encoded).unwrap(),
                _ => value.into_bytes(),
            };
            (name.to_owned(), value)
        });
    let mut metadata: Metadata = recorded.collect();
    let (name, value) = METADATA_ALWAYS;
    if !metadata.iter().any(|(present, _)| present == name) {
        metadata.push((name.to_owned(), value.as_bytes().to_vec()));
    }
    metadata.sort();
    metadata
}

/// The metadata that reached the upstream, without what is nobody's metadata.
fn actual(received: &Received) -> Metadata {
    let added = |name: &str| {
        METADATA_ADDED
            .iter()
            .any(|(rule, _)| match rule.strip_suffix('*') {
                Some(prefix) => name.starts_with(prefix),
                None => name == *rule,
            })
    };
    let kept = received
        .headers
        .iter()
        .filter(|(name, _)| !added(name))
        .map(|(name, value)| {
            let value = match name.as_str() {
                "x-forwarded-for" => hops(&String::from_utf8_lossy(value)),
                name if name.ends_with("-bin") => {
                    LENIENT.decode(value).unwrap_or_else(|_| value.clone())
                }
                _ => value.clone(),
            };
            (name.clone(), value)
        });
    let mut metadata: Metadata = kept.collect();
    metadata.sort();
    metadata
}

fn readable(metadata: Metadata) -> Vec<String> {
    metadata
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.escape_ascii()))
        .collect()
}

#[test]
fn request_headers_reach_etcd_as_from_its_own_gateway() {
    let upstream = Upstream::start().unwrap();
    let mut found = Differences::default();
    for (mode, dialect) in Mode::BOTH
        .into_iter()
        .flat_map(|mode| Dialect::ALL.map(|dialect| (mode, dialect)))
    {
        let gateway = Gateway::start(mode, dialect.plugin(), &upstream);
        let answers = if dialect == Dialect::V1 { "v1" } else { "v2" };
        for row in rows("metadata.jsonl") {
            let case = format!("{mode:?} {dialect:?} {}", row["headers"]);
            let mut request = Request::post("/v3/kv/range", "{}");
            for (name, value) in row["headers"].as_object().unwrap() {
                request = request.header(name, value.as_str().unwrap());
            }
            let response = h1::send(gateway.address(), &request).unwrap();
            found.check(
                &case,
                "the status",
                json!(response.status),
                row[answers]["status"].clone(),
            );
            let reached = upstream.take();
            if row["v2"]["metadata"].is_null() {
                let refusal: Value =
                    serde_json::from_str(row["v2"]["body"].as_str().unwrap()).unwrap();
                found.check(
                    &case,
                    "the code",
                    response.json()["code"].clone(),
                    refusal["code"].clone(),
                );
                found.check(&case, "the number of upstream requests", reached.len(), 0);
            } else if let [received] = reached.as_slice() {
                let expected = expected(&row, &gateway.address().to_string());
                found.check(
                    &case,
                    "the metadata",
                    readable(actual(received)),
                    readable(expected),
                );
            } else {
                found.note(format!(
                    "{case}: {} requests reached the upstream",
                    reached.len()
                ));
            }
        }
    }
}

#[test]
fn a_deadline_reaches_etcd_as_grpc_timeout() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        gateway.send(&Request::post("/v3/kv/range", "{}").header("Grpc-Timeout", "10S"));
        gateway.send(&Request::post("/v3/kv/range", "{}").header("Grpc-Timeout", "0S"));
        let sent: Vec<_> = upstream
            .take()
            .iter()
            .map(|received| received.header("grpc-timeout"))
            .collect();
        // In whatever unit.
        let [Some(timeout), None] = sent.as_slice() else {
            panic!("{mode:?}: {sent:?}")
        };
        let (number, unit) = timeout.split_at(timeout.len() - 1);
        let per_second = match unit {
            "S" => 1,
            "m" => 1_000,
            "u" => 1_000_000,
            "n" => 1_000_000_000,
            _ => 0,
        };
        assert_eq!(
            number.parse::<u64>().unwrap(),
            10 * per_second,
            "{mode:?}: {timeout}"
        );
    }
}

#[test]
fn repeated_and_non_utf8_header_values_are_carried_or_left_out_and_harm_nothing() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        let request = Request::post("/v3/kv/range", "{}")
            .header("Grpc-Metadata-Role", "first")
            .header("grpc-metadata-role", "second")
            .header("Referer", b"caf\xe9")
            .header("X-Custom", b"\xff\xfe")
            .header("Grpc-Metadata-Odd", b"\xf0\x28")
            .header("Grpc-Metadata-", "empty name");
        let response = gateway.send(&request);
        assert_eq!(response.status, 200, "{mode:?}: {response:?}");
        let received = upstream.take().remove(0);
        assert_eq!(
            received.values("role"),
            [b"first".as_slice(), b"second"],
            "{mode:?}"
        );
        assert!(received.values("x-custom").is_empty(), "{mode:?}");
        assert!(
            received.values("odd").is_empty(),
            "{mode:?}: gRPC metadata is printable ASCII"
        );
    }
}
