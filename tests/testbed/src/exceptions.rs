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
const OUTSIDE: &str = "not under a prefix, so it is the route's to answer";

/// The exceptions of `routing.jsonl`. Its 405 of the compatible dialect (`decisions.md`, Dialects) is no exception of a
/// row's but the dialect's own.
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
    ("user-agent", "gRPC's own; grpc-go sends and hides its own"),
    (
        "grpc-timeout",
        "the call's deadline, which grpc-go turns into one",
    ),
    (
        "grpc-accept-encoding",
        "gRPC's own; grpc-go does not count it as metadata",
    ),
    ("x-request-id", "Envoy's own"),
    ("x-envoy-*", "Envoy's own"),
    ("x-forwarded-proto", "Envoy's own"),
];

/// Always sent, also for a request without `Accept`: without it etcd takes the name in Envoy's client certificate for
/// the caller's (`gateway.md` 7).
pub const METADATA_ALWAYS: (&str, &str) = ("grpcgateway-accept", "*/*");

/// Cut off a client's `Authorization`: etcd before 3.5.32 and 3.6.13 takes it for a part of the token.
pub const BEARER: &str = "Bearer ";

/// Why a row of `streams.jsonl` with this path and body is refused with 400, code 3; None for one that is taken.
pub fn stream_refused(path: &str, body: &str) -> Option<&'static str> {
    let takes_a_stream = path.ends_with("/watch") || path.ends_with("/lease/keepalive");
    (takes_a_stream && body.trim().is_empty()).then_some(
        "a watch or keepalive without any request: etcd's gateways hang or end it without an answer",
    )
}
