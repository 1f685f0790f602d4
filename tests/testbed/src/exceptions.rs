//! Where the project deliberately differs from a golden vector: every exception, with its reason.

/// A row of `routing.jsonl`, by method and path, with what this gateway does instead.
pub struct Routing {
    /// The row's method.
    pub method: &'static str,
    /// The row's path.
    pub path: &'static str,
    /// What happens here.
    pub here: Routed,
    /// Why.
    pub reason: &'static str,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routed {
    /// Transcoded to this gRPC method.
    Grpc(&'static str),
    /// A route; what it answers is for the tests of streams.
    Stream,
    /// Answered 404 as an unknown path under a prefix.
    NotFound,
    /// Handed to the route untouched.
    Passed,
    /// Answered by Envoy before any filter sees it, with this status.
    Envoy(u16),
}

const CLEANING: &str = "a redirect of Go's path cleaning; a redirect loses the body of most clients' POST, so none here";
const ESCAPED: &str = "rules of other filters and routes see a path as it stands; matched decoded it would pass by them";
const OUTSIDE: &str = "not under a prefix, so it is the route's to answer";

/// The exceptions of `routing.jsonl`. Its 405 of the compatible dialect (`docs/decisions.md`, "Dialects") is no exception
/// of a row's but the dialect's own.
pub const ROUTING: &[Routing] = &[
    Routing {
        method: "POST",
        path: "/v3",
        here: Routed::NotFound,
        reason: CLEANING,
    },
    Routing {
        method: "POST",
        path: "/v3/kv//range",
        here: Routed::NotFound,
        reason: CLEANING,
    },
    Routing {
        method: "POST",
        path: "/v3/kv/../kv/range",
        here: Routed::NotFound,
        reason: CLEANING,
    },
    Routing {
        method: "POST",
        path: "/v3/kv%2Frange",
        here: Routed::NotFound,
        reason: ESCAPED,
    },
    Routing {
        method: "POST",
        path: "/v3/kv/r%61nge",
        here: Routed::NotFound,
        reason: ESCAPED,
    },
    Routing {
        method: "POST",
        path: "/v3beta",
        here: Routed::NotFound,
        reason: "a bare prefix is an unknown path under it, for each prefix alike",
    },
    Routing {
        method: "POST",
        path: "/v3alpha/kv/range",
        here: Routed::Grpc("/etcdserverpb.KV/Range"),
        reason: "etcd dropped the prefix in 3.4, its oldest clients did not",
    },
    Routing {
        method: "POST",
        path: "/v3/kv/rangestream",
        here: Routed::Stream,
        reason: "a route of our own, for a method that etcd 3.7 has on gRPC alone",
    },
    Routing {
        method: "POST",
        path: "/",
        here: Routed::Passed,
        reason: OUTSIDE,
    },
    Routing {
        method: "POST",
        path: "/etcdserverpb.KV/Range",
        here: Routed::Passed,
        reason: OUTSIDE,
    },
    Routing {
        method: "POST",
        path: "/v2/keys",
        here: Routed::Passed,
        reason: OUTSIDE,
    },
    Routing {
        method: "POST",
        path: "/foo",
        here: Routed::Passed,
        reason: OUTSIDE,
    },
    Routing {
        method: "OPTIONS",
        path: "/foo",
        here: Routed::Passed,
        reason: OUTSIDE,
    },
    Routing {
        method: "FOO",
        path: "/v3/kv/range",
        here: Routed::Envoy(400),
        reason: "Envoy's HTTP/1.1 codec refuses methods that it does not know",
    },
];

/// What reaches the upstream here but not etcd from its own gateway, by header name or by prefix ending in `*`.
pub const METADATA_ADDED: &[(&str, &str)] = &[
    (
        "content-type",
        "gRPC's own; grpc-go does not count it as metadata",
    ),
    ("te", "gRPC's own; grpc-go does not count it as metadata"),
    (
        "grpc-timeout",
        "the call's deadline, which grpc-go turns into one",
    ),
    ("x-request-id", "Envoy's own"),
    ("x-envoy-*", "Envoy's own"),
    ("x-forwarded-proto", "Envoy's own"),
];

/// Always sent, also for a request without `Accept`: without it etcd takes the name in Envoy's client certificate for
/// the caller's.
pub const METADATA_ALWAYS: (&str, &str) = ("grpcgateway-accept", "*/*");

/// What etcd reads, and so all that a client may set by `Grpc-Metadata-` by default: with any other name it could forge
/// what a filter or a log behind us trusts.
pub const METADATA_SETTABLE: [&str; 6] = [
    "authorization",
    "client-api-version",
    "hasleader",
    "token",
    "traceparent",
    "tracestate",
];

/// Whether metadata that etcd's own gateway sends is sent here. Of the gateway's own, etcd reads `grpcgateway-accept`
/// alone; `x-forwarded-*` is Envoy's to write.
pub fn metadata_reaches(name: &str) -> bool {
    let own = ["authorization", "grpcgateway-accept", "x-forwarded-for"];
    own.contains(&name) || METADATA_SETTABLE.contains(&name)
}

/// Whether a client's header reaches the upstream as the header that it is, for routes by header, for tracing and for
/// filters behind ours; etcd ignores it.
pub fn header_stays(name: &str) -> bool {
    let ends = ["content-", "grpc-", "grpcgateway-", "if-"];
    let ending = [
        "accept-encoding",
        "authorization",
        "connection",
        "te",
        "token",
    ];
    !ends.iter().any(|prefix| name.starts_with(prefix)) && !ending.contains(&name)
}

/// Cut off a client's `Authorization`: etcd before 3.5.32 and 3.6.13 takes it for a part of the token.
pub const BEARER: &str = "Bearer ";

/// Why a row of `streams.jsonl` with this path and body is refused with 400, code 3; None for one that is taken.
pub fn stream_refused(path: &str, body: &str) -> Option<&'static str> {
    let is_watch = path.ends_with("/watch");
    let mut bare: String = body.split_whitespace().collect();
    bare.truncate(2);
    match bare.as_str() {
        "" if is_watch || path.ends_with("/lease/keepalive") => Some(
            "a watch or keepalive without any request: etcd's gateways hang or end it without an answer",
        ),
        "{}" if is_watch => Some(
            "a request of a watch that asks for nothing: etcd ignores it, and its client waits",
        ),
        _ => None,
    }
}
