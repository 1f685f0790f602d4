//! Every way of writing a call that we know, those that are none among them.

use etcd_json_gateway::schema::Route;
use testbed::client::{Body, Request, h1, h2};
use testbed::gateway::Gateway;
use testbed::wire::frame;

/// The prefixes under which the API is served.
pub const PREFIXES: [&str; 3] = ["/v3", "/v3beta", "/v3alpha"];

/// What a client varies.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// Methods, bodies and headers, over HTTP/1.1.
    Http1,
    /// The same over HTTP/2.
    Http2,
    /// How the path is written.
    Paths,
    /// gRPC instead of JSON.
    Native,
}

/// A native gRPC call with an empty message.
pub fn native(path: &str) -> Request {
    Request::new("POST", path)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::Pieces(vec![frame(b"")]))
}

impl Way {
    pub const ALL: [Way; 4] = [Way::Http1, Way::Http2, Way::Paths, Way::Native];

    /// The requests that may be this call, each with a name.
    pub fn requests(self, route: &Route) -> Vec<(&'static str, Request)> {
        match self {
            Way::Http1 | Way::Http2 => forms(route),
            Way::Paths => spellings(route),
            Way::Native => natives(route),
        }
    }

    pub fn send(self, gateway: &Gateway, request: &Request) {
        // Some are closed without an answer.
        let _ = match self {
            Way::Http1 | Way::Paths => h1::send(gateway.address(), request),
            Way::Http2 | Way::Native => h2::send(gateway.address(), request),
        };
    }
}

/// A body that every call takes: a watch wants a request, to the others it is an empty message.
const BODY: &str = r#"{"progress_request":{}}"#;

fn forms(route: &Route) -> Vec<(&'static str, Request)> {
    let path = format!("/v3{}", route.path);
    let post = || Request::post(&path, BODY);
    let bare = |method: &str| Request::new(method, &path);
    let chunks = || bare("POST").body(Body::Pieces(vec![BODY.into(), Vec::new()]));
    vec![
        ("with a body", post()),
        ("in chunks", chunks()),
        ("without a body", bare("POST")),
        ("with an empty body", Request::post(&path, "")),
        ("with trailers", chunks().trailer("x", "y")),
        ("by GET", bare("GET")),
        ("by PUT", post().method("PUT")),
        ("by HEAD", bare("HEAD")),
        (
            "by GET for events",
            bare("GET").header("accept", "text/event-stream"),
        ),
        (
            "by POST for events",
            post().header("accept", "text/event-stream"),
        ),
        ("as gRPC", post().header("content-type", "application/grpc")),
        (
            "as gRPC without a body",
            bare("POST").header("content-type", "application/grpc"),
        ),
        (
            "as gRPC-Web",
            post().header("content-type", "application/grpc-web+proto"),
        ),
        (
            "with another method in a header",
            bare("GET").header("x-http-method-override", "POST"),
        ),
        (
            "with another path in headers",
            Request::post("/v3/kv/range", BODY)
                .header("x-original-url", &path)
                .header("x-rewrite-url", &path)
                .header("x-envoy-original-path", &path)
                .header("grpc-metadata-:path", route.method.path)
                .header("grpc-metadata-x-envoy-original-path", &path),
        ),
        (
            "as an upgrade",
            bare("GET")
                .header("connection", "Upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-version", "13")
                .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ),
    ]
}

/// The path in every spelling that a URL library, a proxy or etcd's own mux might take for the same.
fn spellings(route: &Route) -> Vec<(&'static str, Request)> {
    let path = route.path;
    let (head, last) = path.split_at(path.len() - 1);
    let escape =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02x}")).collect() };
    let spelled = [
        ("under /v3beta", format!("/v3beta{path}")),
        ("under /v3alpha", format!("/v3alpha{path}")),
        ("with a query", format!("/v3{path}?x=1")),
        (
            "with a path in the query",
            format!("/v3/kv/range?/../..{path}"),
        ),
        (
            "with an escaped letter",
            format!("/v3{head}{}", escape(last)),
        ),
        (
            "with escaped slashes",
            format!("/v3{}", path.replace('/', "%2F")),
        ),
        (
            "with escaped slashes in small letters",
            format!("/v3{}", path.replace('/', "%2f")),
        ),
        ("with an escaped prefix", format!("/%76%33{path}")),
        (
            "escaped throughout",
            format!("/{}", escape(&format!("v3{path}"))),
        ),
        (
            "escaped twice",
            format!("/v3{}", path.replace('/', "%252F")),
        ),
        ("with an escaped end", format!("/v3{path}%00")),
        ("with an escaped query", format!("/v3{path}%3Fx")),
        ("with a slash at the end", format!("/v3{path}/")),
        ("with two slashes", format!("/v3/{path}")),
        ("with two slashes before", format!("//v3{path}")),
        ("with a dot", format!("/v3/.{path}")),
        ("with two dots", format!("/v3/kv/..{path}")),
        ("from an allowed path", format!("/v3/kv/range/../..{path}")),
        ("from outside", format!("/x/../v3{path}")),
        ("with escaped dots", format!("/v3/kv/%2e%2e{path}")),
        ("with a parameter", format!("/v3{path};x=1")),
        (
            "with backslashes",
            format!("/v3{}", path.replace('/', "\\")),
        ),
        ("in capitals", format!("/V3{}", path.to_uppercase())),
        ("with a host", format!("http://etcd/v3{path}")),
        ("as the method's path", route.method.path.to_owned()),
    ];
    spelled
        .map(|(name, path)| (name, Request::post(&path, BODY)))
        .into()
}

fn natives(route: &Route) -> Vec<(&'static str, Request)> {
    let path = route.method.path;
    let kinds = [
        "application/grpc+proto",
        "application/grpc;x",
        "Application/gRPC",
    ];
    let mut requests = vec![
        ("native gRPC", native(path)),
        ("native gRPC, escaped", native(&path.replace(".", "%2E"))),
        (
            "native gRPC, an escaped slash",
            native(&format!(
                "/{}",
                path.trim_start_matches('/').replace('/', "%2F")
            )),
        ),
        ("native gRPC, two slashes", native(&format!("/{path}"))),
        ("native gRPC, a query", native(&format!("{path}?x"))),
        ("native gRPC under a prefix", native(&format!("/v3{path}"))),
        (
            "native gRPC without a message",
            Request::new("POST", path).header("content-type", "application/grpc"),
        ),
    ];
    requests.extend(kinds.map(|kind| {
        let request = Request::new("POST", path).header("content-type", kind);
        (
            "native gRPC of another name",
            request.body(Body::Pieces(vec![frame(b"")])),
        )
    }));
    requests
}
