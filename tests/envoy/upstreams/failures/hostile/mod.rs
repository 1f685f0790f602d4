//! Upstreams that mean harm, and the calls of every kind that meet them: none can trap, hang or bloat the filter.

mod ends;
mod floods;
mod frames;
mod heads;
mod memory;
mod statuses;

use std::sync::Arc;

use envoy_tests::raw_upstream::{Act, CASE, Script, case_value};
use envoy_tests::verdict::{Answer, Expect, Protocol, ask, code_of};
use envoy_tests::world::{Case, RANGE, World, play_all};
use testbed::client::Request;
use testbed::wire;

#[test]
fn a_hostile_upstream_is_an_error_to_the_client_and_the_next_call_works() {
    let (cases, scripts) = cases(rows());
    play_all(&cases, scripts);
}

/// Every script.
fn rows() -> Vec<Row> {
    let mut rows = frames::rows();
    rows.extend(heads::rows());
    rows.extend(statuses::rows());
    rows.extend(ends::rows());
    rows
}

/// What a client sees of a script.
#[derive(Clone, Debug)]
pub enum Shows {
    /// Success.
    Success,
    /// An error in whatever form is still possible.
    Failure,
    /// The same; but a call without a body may succeed, for Envoy's own gRPC client makes less of it.
    FailureOfStreams,
    /// The same; but a stream may well have no message or many.
    FailureOfUnary,
    /// An error in whatever form is still possible; but `/version` makes the best of it.
    FailureUnlessVersion,
    /// Success, but not of `/version`.
    SuccessUnlessVersion,
    /// An error with this code, unless the head of the answer has gone out.
    Code(u64),
    /// Something, and an end.
    AnyEnd,
}

/// A script with its name.
pub struct Row {
    pub name: String,
    pub shows: Shows,
    pub script: Script,
    /// Whether nothing comes after the script, so that only a timeout ends the call.
    pub stalls: bool,
}

/// What answers with these bytes, once the request has ended.
pub fn row(
    name: impl Into<String>,
    shows: Shows,
    bytes: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static,
) -> Row {
    acts(name, shows, move |stream| {
        vec![Act::AwaitEnd, Act::Send(bytes(stream))]
    })
}

/// What does these things.
pub fn acts(
    name: impl Into<String>,
    shows: Shows,
    script: impl Fn(u32) -> Vec<Act> + Send + Sync + 'static,
) -> Row {
    Row {
        name: name.into(),
        shows,
        script: Arc::new(script),
        stalls: false,
    }
}

/// What calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Unary,
    /// A unary call without a body, for which the filter calls itself.
    Bodyless,
    /// `/version`, likewise.
    Endpoint,
    Lines,
    Events,
    /// A gRPC client.
    Native,
}

const KINDS: [Kind; 6] = [
    Kind::Unary,
    Kind::Bodyless,
    Kind::Endpoint,
    Kind::Lines,
    Kind::Events,
    Kind::Native,
];

impl Kind {
    fn request(self, case: usize, stalls: bool) -> Request {
        let watch = r#"{"create_request":{"key":"Zm9v"}}"#;
        let request = match self {
            Self::Unary => Request::post(RANGE, "{}"),
            Self::Bodyless => Request::new("POST", RANGE),
            Self::Endpoint => Request::new("GET", "/version"),
            Self::Lines => Request::post("/v3/watch", watch),
            Self::Events => Request::post("/v3/watch", watch).header("Accept", "text/event-stream"),
            Self::Native => Request::post("/etcdserverpb.KV/Range", wire::frame(b""))
                .header("content-type", "application/grpc")
                .header("te", "trailers"),
        };
        let prefix = if self == Self::Native {
            ""
        } else {
            "Grpc-Metadata-"
        };
        let request = request.header(&format!("{prefix}{CASE}"), case_value(case));
        if !stalls {
            return request;
        }
        let request = request.header(&format!("{prefix}stall"), "1");
        // Envoy's calls have no route.
        if matches!(self, Self::Bodyless) {
            request.header("Grpc-Timeout", "300m")
        } else {
            request
        }
    }

    fn is_call(self) -> bool {
        matches!(self, Self::Bodyless | Self::Endpoint)
    }
}

/// Every script met by every kind of call, and the scripts.
pub fn cases(rows: Vec<Row>) -> (Vec<Case>, Vec<Script>) {
    let mut cases = Vec::new();
    let mut scripts = Vec::new();
    for (number, row) in rows.into_iter().enumerate() {
        scripts.push(Arc::clone(&row.script));
        for kind in KINDS {
            // `/version` gives etcd five seconds.
            if row.stalls && kind == Kind::Endpoint {
                continue;
            }
            let shows = row.shows.clone();
            let request = kind.request(number, row.stalls);
            let name = format!("{kind:?}: {}", row.name);
            // Each version of HTTP meets every script in every mode and dialect, and half the kinds of call.
            let protocol = if (number + cases.len()) % 2 == 0 {
                Protocol::Http1
            } else {
                Protocol::Http2
            };
            cases.push(Case::new(name, move |world| {
                meet(world, kind, protocol, &shows, &request)
            }));
        }
    }
    (cases, scripts)
}

fn meet(
    world: &World,
    kind: Kind,
    protocol: Protocol,
    shows: &Shows,
    request: &Request,
) -> Result<(), String> {
    let answer = ask(world.gateway.address(), protocol, request);
    check(kind, shows, &answer).map_err(|error| format!("over {protocol:?}: {error}"))
}

fn check(kind: Kind, shows: &Shows, answer: &Answer) -> Result<(), String> {
    let expect = match shows {
        _ if kind == Kind::Native => Expect::AnyEnd,
        // What `/version` reads of an answer is bounded.
        Shows::SuccessUnlessVersion if kind == Kind::Endpoint => Expect::Failure,
        Shows::Success | Shows::SuccessUnlessVersion => return is_success(answer),
        Shows::FailureOfStreams if kind.is_call() => Expect::AnyEnd,
        Shows::FailureOfUnary if kind != Kind::Unary => Expect::AnyEnd,
        Shows::FailureUnlessVersion if kind == Kind::Endpoint => Expect::AnyEnd,
        Shows::Failure
        | Shows::FailureOfStreams
        | Shows::FailureOfUnary
        | Shows::FailureUnlessVersion => Expect::Failure,
        Shows::Code(code) => match answer {
            Ok(response) if response.status >= 400 && code_of(response).is_some() => {
                Expect::Code(*code)
            }
            _ => Expect::Failure,
        },
        Shows::AnyEnd => Expect::AnyEnd,
    };
    expect.check(answer)
}

/// Whether an answer ended well and says nothing of an error.
fn is_success(answer: &Answer) -> Result<(), String> {
    Expect::Status(200).check(answer)?;
    match answer {
        Ok(response) if !response.text().contains("\"error\"") && !response.body().is_empty() => {
            Ok(())
        }
        _ => Err(format!("expected success, got {answer:?}")),
    }
}
