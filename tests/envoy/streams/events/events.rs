//! Reading event streams, and what the tests send.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testbed::client::{Body, End, Request, Response, h1, h2};
use testbed::gateway::Gateway;
use testbed::loopback;
use testbed::wire::{bytes_field, varint_field};

pub const WATCH: &str = "/v3/watch";
pub const HEARTBEAT: &[u8] = b":\n\n";

/// How long a silent stream goes without a heartbeat, with room for a slow machine.
pub const SILENCE: Duration = Duration::from_secs(17);

/// How events are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http1,
    Http2,
}

pub const PROTOCOLS: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

/// An event as a browser dispatches it; a comment has no data.
#[derive(Debug)]
pub struct Event {
    pub kind: Option<String>,
    pub data: Value,
    pub id: Option<u64>,
}

impl Event {
    /// From the bytes of one event, the empty line behind it included.
    pub fn parse(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap();
        let lines = text.strip_suffix("\n\n").unwrap();
        let mut event = Self {
            kind: None,
            data: Value::Null,
            id: None,
        };
        for line in lines.lines() {
            match line.split_once(": ") {
                Some(("event", kind)) => event.kind = Some(kind.to_owned()),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                Some(("id", id)) => event.id = Some(id.parse().unwrap()),
                _ => panic!("an unknown line in {text:?}"),
            }
        }
        event
    }

    /// The values of a watch's events, each with the revision that it was put in.
    pub fn puts(&self) -> Vec<(String, u64)> {
        let events = self.data["result"]["events"].as_array();
        let puts = events.into_iter().flatten().map(|event| {
            let value = STANDARD.decode(event["kv"]["value"].as_str().unwrap());
            let revision = event["kv"]["mod_revision"].as_str().unwrap();
            (
                String::from_utf8(value.unwrap()).unwrap(),
                revision.parse().unwrap(),
            )
        });
        puts.collect()
    }
}

/// An event stream that is being read.
pub struct Events {
    pub source: Source,
    pub head: Response,
    /// What has come and not been looked at.
    pub bytes: Vec<u8>,
}

pub enum Source {
    Http1(h1::Connection),
    Http2(
        h2::Stream,
        #[expect(dead_code, reason = "open as long as it is kept")] h2::Connection,
    ),
}

impl Events {
    pub fn open(gateway: &Gateway, protocol: Protocol, request: &Request) -> Self {
        let (source, head) = match protocol {
            Protocol::Http1 => {
                let mut connection = h1::Connection::open(gateway.address()).unwrap();
                connection.send(request).unwrap();
                let head = connection.read_head().unwrap();
                (Source::Http1(connection), head)
            }
            Protocol::Http2 => {
                let connection = h2::Connection::open(gateway.address()).unwrap();
                let mut stream = connection.begin(request).unwrap();
                if let Body::Sized(body) = &request.body {
                    stream.send_data(body, true).unwrap();
                }
                let head = stream.read_head().unwrap();
                (Source::Http2(stream, connection), head)
            }
        };
        assert_eq!(
            (head.status, head.header("content-type").as_deref()),
            (200, Some("text/event-stream")),
            "{protocol:?} {request:?}: {head:?}"
        );
        let bytes = Vec::new();
        Self {
            source,
            head,
            bytes,
        }
    }

    pub fn chunk(&mut self) -> Option<Vec<u8>> {
        match &mut self.source {
            Source::Http1(connection) => connection.read_piece(&mut self.head),
            Source::Http2(stream, _) => stream.read_piece(&mut self.head),
        }
        .unwrap()
    }

    /// The next event or the end; no event may be cut short by it.
    pub fn next_or_end(&mut self) -> Option<Event> {
        loop {
            if let Some(at) = self.bytes.windows(2).position(|end| end == b"\n\n") {
                let rest = self.bytes.split_off(at + 2);
                return Some(Event::parse(&std::mem::replace(&mut self.bytes, rest)));
            }
            let Some(chunk) = self.chunk() else {
                assert!(self.bytes.is_empty(), "{}", self.bytes.escape_ascii());
                return None;
            };
            self.bytes.extend(chunk);
        }
    }

    pub fn next(&mut self) -> Event {
        self.next_or_end()
            .unwrap_or_else(|| panic!("the end and no event"))
    }

    /// The values that come until there are `count`, and the last id.
    pub fn puts(&mut self, count: usize) -> (Vec<String>, u64) {
        let (mut values, mut id) = (Vec::new(), 0);
        while values.len() < count {
            let event = self.next();
            for (value, revision) in event.puts() {
                assert!(revision <= event.id.unwrap(), "{event:?}");
                values.push(value);
            }
            id = event.id.unwrap_or(id);
        }
        (values, id)
    }

    /// Asserts that nothing more comes, and that this is a regular end.
    pub fn end(mut self) {
        let more = self.next_or_end();
        assert!(more.is_none(), "{more:?}");
        assert_eq!(self.head.end, End::Clean);
    }
}

pub fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

pub fn get(path: &str) -> Request {
    Request::new("GET", path).header("Accept", "text/event-stream")
}

pub fn watch(key: &str) -> Request {
    // Unescaped as people write it.
    get(&format!("{WATCH}?create_request.key={}", base64(key)))
}

/// Puts a value, and says in which revision.
pub fn put(url: &str, key: &str, value: &str) -> u64 {
    let body = json!({"key": base64(key), "value": base64(value)});
    let answer = loopback::post(&format!("{url}/v3/kv/put"), &body.to_string()).unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["header"]["revision"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// A watch response with nothing but its header's revision and one event at `revision`.
pub fn watch_response(revision: u64) -> Vec<u8> {
    let header = bytes_field(1, &varint_field(3, revision));
    let kv = varint_field(3, revision);
    [header, bytes_field(11, &bytes_field(2, &kv))].concat()
}
