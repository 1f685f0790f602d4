//! The calls that go through every chain, and what comes of them.

use std::io::Read as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use testbed::client::{Body, End, Error, Request, Response, h1, h2};
use testbed::upstream::{Script, Step};
use testbed::wire::{bytes_field, frame, varint_field};

/// The page that a browser's request comes from.
pub const ORIGIN: &str = "http://page.test";

/// How long a watch is silent between its events.
const SILENCE: Duration = Duration::from_millis(60);

/// Messages of a snapshot, each as large as etcd makes them.
const SNAPSHOT_MESSAGES: usize = 12;
const SNAPSHOT_MESSAGE: usize = 32 << 10;

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// A unary call with a small answer.
    Small,
    /// A unary call whose answer has 1 MB.
    Large,
    /// A unary call that etcd refuses before it answers anything.
    Refused,
    /// A unary call whose error comes behind the head, as an etcd behind TLS sends them.
    Late,
    /// A unary call that the filter refuses.
    Malformed,
    /// A watch with events at once and one by one, which ends with an error.
    Watch,
    /// Keepalives of so many leases in one request.
    Keepalive(usize),
    /// A snapshot of 400 KB.
    Snapshot,
    /// The watch as server-sent events.
    Events,
}

impl Call {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Small,
        Self::Large,
        Self::Refused,
        Self::Late,
        Self::Malformed,
        Self::Watch,
        Self::Keepalive(3),
        Self::Keepalive(4),
        Self::Snapshot,
        Self::Events,
    ];

    /// As the documentation calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small answers",
            Self::Large => "answers of 1 MB",
            Self::Refused => "errors of etcd's",
            Self::Late => "errors behind a head",
            Self::Malformed => "errors of the filter's",
            Self::Watch => "watches",
            Self::Keepalive(_) => "keepalives",
            Self::Snapshot => "snapshots",
            Self::Events => "event streams",
        }
    }

    /// Whether its answer comes piece by piece, with silence between.
    pub fn waits(self) -> bool {
        matches!(self, Self::Watch | Self::Events)
    }

    /// What the client sends.
    pub fn request(self) -> Request {
        let (path, body) = match self {
            Self::Small => ("/v3/kv/put", r#"{"key":"Zm9v","value":"YmFy"}"#.to_owned()),
            Self::Large => ("/v3/kv/range", r#"{"key":"Zm9v"}"#.to_owned()),
            Self::Refused => ("/v3/lease/grant", r#"{"TTL":"5"}"#.to_owned()),
            Self::Late => ("/v3/lease/revoke", r#"{"ID":"5"}"#.to_owned()),
            Self::Malformed => ("/v3/kv/put", r#"{"key":?}"#.to_owned()),
            Self::Watch | Self::Events => (
                "/v3/watch",
                r#"{"create_request":{"key":"Zm9v"}}"#.to_owned(),
            ),
            Self::Keepalive(count) => {
                let ids = (1..=count).map(|id| format!("{{\"ID\":\"{id}\"}}\n"));
                ("/v3/lease/keepalive", ids.collect())
            }
            Self::Snapshot => ("/v3/maintenance/snapshot", "{}".to_owned()),
        };
        let accept = if self == Self::Events {
            "text/event-stream"
        } else {
            "*/*"
        };
        Request::post(path, body)
            .header("content-type", "application/json")
            .header("accept", accept)
            .header("origin", ORIGIN)
    }

    /// What etcd does.
    pub fn script(self) -> Script {
        let started = Script::default().step(Step::AwaitMessages(1)).head();
        match self {
            Self::Small | Self::Malformed => Script::message(&bytes_field(1, &varint_field(3, 7))),
            Self::Large => {
                let value: Vec<u8> = (0..1_000_000_u32).map(|n| (n / 7) as u8).collect();
                let pair = [bytes_field(1, b"foo"), bytes_field(5, &value)].concat();
                Script::message(&bytes_field(2, &pair))
            }
            Self::Refused => Script::error(5, "etcdserver: not so"),
            Self::Late => Script::after_request()
                .head()
                .step(Step::Delay(Duration::from_millis(5)))
                .status(5, "etcdserver: not so"),
            Self::Watch | Self::Events => started
                .data(frame(&varint_field(3, 1)))
                .step(Step::Delay(SILENCE))
                .data(frame(&event(1)))
                .data(frame(&event(2)))
                .step(Step::Delay(SILENCE))
                .data([frame(&event(3)), frame(&event(4))[..9].to_vec()].concat())
                .data(&frame(&event(4))[9..])
                .status(14, "over"),
            Self::Keepalive(count) => (1..=count)
                .fold(Script::default(), |script, id| {
                    let script = script.step(Step::AwaitMessages(id));
                    let script = if id == 1 { script.head() } else { script };
                    script.data(frame(&varint_field(2, id as u64)))
                })
                .step(Step::AwaitRequest)
                .status(0, ""),
            Self::Snapshot => (0..SNAPSHOT_MESSAGES)
                .fold(started, |script, at| {
                    script.data(frame(&bytes_field(3, &vec![at as u8; SNAPSHOT_MESSAGE])))
                })
                .status(0, ""),
        }
    }
}

/// A watch's answer with one event.
fn event(revision: u64) -> Vec<u8> {
    let pair = [bytes_field(1, b"foo"), varint_field(3, revision)].concat();
    bytes_field(11, &bytes_field(2, &pair))
}

/// The version of HTTP that a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http1,
    Http2,
}

impl Protocol {
    pub const BOTH: [Self; 2] = [Self::Http1, Self::Http2];
}

/// What a client has seen of an answer.
pub struct Seen {
    /// No answer is an error too.
    pub response: Result<Response, Error>,
    /// When each piece of the body came, and the end.
    times: Vec<Instant>,
}

impl Seen {
    /// Sends a request and reads the answer.
    pub fn of(address: SocketAddr, protocol: Protocol, request: &Request) -> Self {
        let mut times = Vec::new();
        let response = match protocol {
            Protocol::Http1 => over_http1(address, request, &mut times),
            Protocol::Http2 => over_http2(address, request, &mut times),
        };
        times.push(Instant::now());
        Self { response, times }
    }

    /// The body as the client reads it.
    pub fn body(&self) -> Vec<u8> {
        self.first_pieces(usize::MAX)
    }

    /// What the client can read of so many pieces.
    fn first_pieces(&self, count: usize) -> Vec<u8> {
        let Ok(response) = &self.response else {
            return Vec::new();
        };
        let pieces = response.pieces.iter().take(count);
        let bytes: Vec<u8> = pieces.flatten().copied().collect();
        if response.header("content-encoding").as_deref() != Some("gzip") {
            return bytes;
        }
        let mut body = Vec::new();
        // What is readable of a part counts.
        let _ = MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut body);
        body
    }

    /// Whether it is the same answer, chunks and further headers aside.
    pub fn is(&self, other: &Self) -> bool {
        match (&self.response, &other.response) {
            (Ok(ours), Ok(theirs)) => {
                (ours.status, ours.end) == (theirs.status, theirs.end)
                    && self.body() == other.body()
            }
            _ => false,
        }
    }

    /// Whether the client knows by it that the call has failed.
    pub fn is_error(&self) -> bool {
        match &self.response {
            Err(_) => true,
            Ok(response) => {
                response.status >= 400 || response.end == End::Cut || ends_with_error(&self.body())
            }
        }
    }

    /// Whether something of a stream could be read while it was open.
    pub fn was_prompt(&self) -> bool {
        let end = self.times.last().copied();
        let early = |time: &&Instant| end.is_some_and(|end| end - **time > SILENCE / 4);
        let count = self.times.iter().filter(early).count();
        !self.first_pieces(count).is_empty()
    }
}

/// As a person reads it: this is what a failed test shows.
impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (status, end) = match &self.response {
            Ok(response) => (response.status, response.end),
            Err(error) => return write!(f, "{error}"),
        };
        let body = self.body();
        let tail = body.get(body.len().saturating_sub(100)..).unwrap_or(&body);
        let tail = tail.escape_ascii();
        let (length, prompt) = (body.len(), self.was_prompt());
        write!(
            f,
            "{status} {end:?} {length} bytes, prompt: {prompt}: …{tail}"
        )
    }
}

/// Whether the last line of a body is an error, or the data of an event that is.
fn ends_with_error(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let line = text.trim_end().lines().next_back().unwrap_or_default();
    let line = line.strip_prefix("data: ").unwrap_or(line);
    serde_json::from_str(line).is_ok_and(|line: Value| line.get("error").is_some())
}

fn over_http1(
    address: SocketAddr,
    request: &Request,
    times: &mut Vec<Instant>,
) -> Result<Response, Error> {
    let mut connection = h1::Connection::open(address)?;
    connection.send(request)?;
    let mut response = connection.read_head()?;
    while let Some(piece) = connection.read_piece(&mut response)? {
        times.push(Instant::now());
        response.pieces.push(piece);
    }
    Ok(response)
}

fn over_http2(
    address: SocketAddr,
    request: &Request,
    times: &mut Vec<Instant>,
) -> Result<Response, Error> {
    let connection = h2::Connection::open(address)?;
    let mut stream = connection.begin(request)?;
    // A peer that answers early may take no more of the body.
    if let Body::Sized(_) = &request.body {
        let _ = stream.send_body(request);
    }
    let mut response = stream.read_head()?;
    while let Some(piece) = stream.read_piece(&mut response)? {
        times.push(Instant::now());
        response.pieces.push(piece);
    }
    Ok(response)
}
