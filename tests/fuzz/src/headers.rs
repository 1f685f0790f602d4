//! Header lists, and what must be true of those that we send.

use etcd_json_gateway::http::Header;
use etcd_json_gateway::schema::Method;

use crate::input::Input;

/// Names that mean something to the gateway, to gRPC or to Envoy.
const NAMES: [&str; 36] = [
    ":path",
    ":method",
    ":authority",
    ":scheme",
    ":protocol",
    ":status",
    "accept",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-message",
    "grpc-status",
    "grpc-timeout",
    "grpcgateway-authorization",
    "grpc-metadata-",
    "grpc-metadata-a",
    "grpc-metadata-a-bin",
    "grpc-metadata-:path",
    "grpc-metadata-te",
    "grpc-metadata-token",
    "grpc-metadata-grpc-timeout",
    "grpc-metadata-x-envoy-max-retries",
    "host",
    "last-event-id",
    "origin",
    "te",
    "token",
    "transfer-encoding",
    "x-envoy-max-retries",
    "x-envoy-upstream-rq-timeout-ms",
    "x-forwarded-host",
    "x-request-id",
];

/// Values that mean something.
const VALUES: [&str; 20] = [
    "",
    "0",
    "5",
    "200",
    "404",
    "503",
    "1S",
    "-1S",
    "10m",
    "AA==",
    "AA",
    "Bearer T",
    "bearer",
    "application/grpc",
    "application/json",
    "text/event-stream",
    "https://a.example",
    "*",
    "trailers",
    "%E2%82%AC%0A%",
];

/// Most headers of a described list.
const HEADERS: usize = 12;

/// A header list: names as HTTP has them, values of any bytes.
pub fn described(input: &mut Input<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    (0..input.below(HEADERS))
        .map(|_| (name(input), value(input)))
        .collect()
}

fn name(input: &mut Input<'_>) -> Vec<u8> {
    match input.byte() {
        choice @ 0..0xc0 => NAMES[usize::from(choice) % NAMES.len()].as_bytes().to_vec(),
        _ => input.bytes().to_ascii_lowercase(),
    }
}

/// A value, of any bytes that HTTP allows in one.
pub fn value(input: &mut Input<'_>) -> Vec<u8> {
    match input.byte() {
        choice @ 0..0xc0 => VALUES[usize::from(choice) % VALUES.len()]
            .as_bytes()
            .to_vec(),
        _ => {
            let allowed = |byte: &&u8| !matches!(byte, b'\r' | b'\n' | 0);
            input.bytes().iter().filter(allowed).copied().collect()
        }
    }
}

/// The header list of a gRPC request.
pub fn check_request(sent: &[Header<'_>], method: &Method, retriable: bool) {
    let values = |wanted: &str| -> Vec<&[u8]> {
        let named = sent.iter().filter(|(name, _)| **name == *wanted.as_bytes());
        named.map(|(_, value)| &**value).collect()
    };
    assert_eq!(values("content-type"), [b"application/grpc"]);
    assert_eq!(values("te"), [b"trailers"]);
    assert!(
        values(":path")
            .iter()
            .all(|path| *path == method.path.as_bytes())
    );
    assert!(values(":method").iter().all(|method| *method == b"POST"));
    assert!(values("grpc-timeout").len() <= 1);
    let theirs = [
        "content-length",
        "transfer-encoding",
        "connection",
        ":protocol",
        "host",
        "grpc-encoding",
    ];
    for name in theirs {
        assert!(values(name).is_empty(), "{name}");
    }
    assert_eq!(values("grpcgateway-accept").len(), 1);
    if !retriable {
        assert_eq!(values("x-envoy-max-retries"), [b"0"]);
    }
    for (name, value) in sent {
        assert!(
            !name.is_empty() && !name.starts_with(b"grpc-metadata-"),
            "{name:?}"
        );
        assert_clean(value);
    }
}

/// No value may end its header and begin another.
pub fn assert_clean(value: &[u8]) {
    assert!(
        !value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)),
        "{value:?}"
    );
}

/// The header list of an answer to a JSON client: nothing of gRPC's own.
pub fn check_response(sent: &[Header<'_>]) {
    let count = |wanted: &str| {
        sent.iter()
            .filter(|(name, _)| **name == *wanted.as_bytes())
            .count()
    };
    assert_eq!(count("content-type"), 1);
    for (name, value) in sent {
        assert!(
            !name.starts_with(b"grpc-") || name.starts_with(b"grpc-metadata-"),
            "{name:?}"
        );
        assert!(
            !matches!(&**name, b"te" | b"trailer" | b"content-length"),
            "{name:?}"
        );
        assert_clean(value);
    }
}
