//! Request headers as etcd sees them: `metadata.jsonl` through a real Envoy.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Value, json};
use testbed::client::{Request, h1};
use testbed::exceptions::{
    BEARER, METADATA_ADDED, METADATA_ALWAYS, header_stays, metadata_reaches,
};
use testbed::gateway::{Gateway, Mode, Setup};
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
fn expected(row: &Value) -> Metadata {
    let recorded = row["v2"]["metadata"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let (name, value) = (entry[0].as_str().unwrap(), entry[1].as_str().unwrap());
            let value = match (name, value.strip_prefix("base64:")) {
                ("x-forwarded-for", _) => hops(value),
                ("authorization", _) => value
                    .strip_prefix(BEARER)
                    .unwrap_or(value)
                    .as_bytes()
                    .to_vec(),
                (_, Some(encoded)) => LENIENT.decode(encoded).unwrap(),
                _ => value.as_bytes().to_vec(),
            };
            (name.to_owned(), value)
        });
    let mut metadata: Metadata = recorded
        .filter(|(name, _)| metadata_reaches(name))
        .collect();
    for (name, value) in row["headers"].as_object().unwrap() {
        let name = name.to_lowercase();
        if header_stays(&name) && name != "x-forwarded-for" {
            metadata.push((name, value.as_str().unwrap().as_bytes().to_vec()));
        }
    }
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
                let expected = expected(&row);
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
fn the_trace_that_a_call_belongs_to_reaches_etcd() {
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let state = "vendor=value";
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for prefix in ["", "Grpc-Metadata-"] {
            for path in ["/v3/kv/range", "/v3/maintenance/snapshot"] {
                let request = Request::post(path, "{}")
                    .header(&format!("{prefix}traceparent"), parent)
                    .header(&format!("{prefix}tracestate"), state);
                gateway.send(&request);
                let reached = upstream.take();
                let [received] = reached.as_slice() else {
                    panic!("{mode:?} {path}: {reached:?}")
                };
                let sent = ["traceparent", "tracestate"].map(|name| received.header(name));
                let expected = [parent, state].map(|value| Some(value.to_owned()));
                assert_eq!(sent, expected, "{mode:?} {prefix}{path}");
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
            .header("Grpc-Metadata-Token", "first")
            .header("grpc-metadata-token", "second")
            .header("Referer", b"caf\xe9")
            .header("X-Custom", b"\xff\xfe")
            .header("Grpc-Metadata-Hasleader", b"\xf0\x28")
            .header("Grpc-Metadata-", "empty name");
        let response = gateway.send(&request);
        assert_eq!(response.status, 200, "{mode:?}: {response:?}");
        let received = upstream.take().remove(0);
        assert_eq!(
            received.values("token"),
            [b"first".as_slice(), b"second"],
            "{mode:?}"
        );
        assert_eq!(received.values("x-custom"), [b"\xff\xfe"], "{mode:?}");
        assert!(
            received.values("hasleader").is_empty(),
            "{mode:?}: gRPC metadata is printable ASCII"
        );
    }
}

#[test]
fn a_client_cannot_forge_what_a_filter_or_a_log_behind_trusts() {
    let upstream = Upstream::start().unwrap();
    let forged = [
        "x-user",
        "x-forwarded-client-cert",
        "x-forwarded-for",
        "x-envoy-original-path",
        "x-envoy-max-retries",
        "x-request-id",
        "grpcgateway-accept",
        "host",
        "te",
    ];
    let forging = forged
        .iter()
        .fold(Request::post("/v3/kv/put", "{}"), |request, name| {
            request.header(&format!("Grpc-Metadata-{name}"), "forged")
        });
    for mode in Mode::BOTH {
        for metadata in [json!([]), json!(["*"]), json!(["x-user"])] {
            let gateway = Gateway::start(mode, json!({"metadata": metadata}), &upstream);
            gateway.send(&forging);
            let received = upstream.take().remove(0);
            let reached: Vec<&str> = forged
                .into_iter()
                .filter(|name| received.values(name).contains(&b"forged".as_slice()))
                .collect();
            let allowed: &[&str] = if metadata == json!([]) {
                &[]
            } else {
                &["x-user"]
            };
            assert_eq!(reached, allowed, "{mode:?} {metadata}");
        }
    }
}

#[test]
fn the_path_that_was_asked_for_stays_for_logs_without_its_query() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        let request = Request::post("/v3beta/kv/range?key=secret", "{}")
            .header("x-envoy-original-path", "/forged");
        gateway.send(&request);
        let received = upstream.take().remove(0);
        let paths = received.values("x-envoy-original-path");
        assert_eq!(paths, [b"/v3beta/kv/range"], "{mode:?}");
    }
}

#[test]
fn a_route_by_header_is_found_again() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .change(|config| {
                let tenant = json!({"prefix": "/", "headers": [{"name": "x-tenant", "string_match": {"exact": "a"}}]});
                *config.routes()? = vec![
                    json!({"match": tenant, "route": {"cluster_header": "x-cluster"}}),
                    json!({"match": {"prefix": "/"}, "direct_response": {"status": 418}}),
                ];
                Ok(())
            })
            .start();
        let request = Request::post("/v3/kv/put", "{}")
            .header("x-tenant", "a")
            .header("x-cluster", "etcd");
        assert_eq!(gateway.send(&request).status, 200, "{mode:?}");
        assert_eq!(gateway.post("/v3/kv/put", "{}").status, 418, "{mode:?}");
    }
}
