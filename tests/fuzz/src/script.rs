//! What a client and an upstream do in one exchange, as an input describes it.

use etcd_json_gateway::config::{Config, WriteRetries};
use etcd_json_gateway::grpc::{Code, HEADER_LEN, Status, seal};
use etcd_json_gateway::http::Dialect;
use etcd_json_gateway::schema::Method;
use etcd_json_gateway::schema::tables::ROUTES;

use crate::input::{Input, Seed};
use crate::{headers, json_text, wire};

/// Most events of one script.
const EVENTS: usize = 48;

/// How deep described messages nest.
const DEPTH: usize = 4;

/// How often a piece of a body is repeated; the large numbers make bodies that must not be kept.
const REPEATS: [usize; 8] = [1, 1, 1, 1, 1, 2, 30, 3000];

/// Most bytes of one piece of a body.
const PIECE: usize = 512 << 10;

/// The largest request message that can be configured.
pub const MAX_REQUEST: u32 = 64 << 20;

/// A header list.
pub type List = Vec<(Vec<u8>, Vec<u8>)>;

/// Something that happens after the request head.
#[derive(Debug)]
pub enum Event {
    RequestBody(Vec<u8>, bool),
    RequestTrailers,
    /// Nothing comes for so long that the host gives a request up that is not complete.
    Wait,
    ResponseHead(List, bool, Option<String>),
    ResponseBody(Vec<u8>, bool),
    ResponseTrailers(List),
    CallAnswered(Result<Vec<u8>, Status>),
    Lost(String),
}

/// One exchange.
#[derive(Debug)]
pub struct Script {
    pub config: Config,
    /// Whether other exchanges hold as much as they may.
    pub full: bool,
    pub head: List,
    /// Whether the request ends with its head.
    pub end: bool,
    pub events: Vec<Event>,
}

impl Script {
    pub fn read(input: &mut Input<'_>) -> Self {
        let choices = input.byte();
        let mut config = Config {
            allow_on_headers_stop_iteration: choices & 1 != 0,
            ..config(input)
        };
        let route = &ROUTES[input.below(ROUTES.len())];
        let (method, head) = (route.method, head(route.path, input));
        let mut events = Vec::new();
        while !input.is_empty() && events.len() < EVENTS {
            events.push(event(method, input));
        }
        if choices & 0xc0 == 0xc0 {
            config.max_request_bytes = MAX_REQUEST;
        }
        let mut script = Self {
            config,
            full: choices & 0xc0 == 0xc0,
            head,
            end: choices & 0x1c == 0x1c,
            events,
        };
        script.set_length(choices & 0x20 != 0);
        script
    }

    /// Makes the `Content-Length` true, as HTTP does, or leaves it out.
    fn set_length(&mut self, announced: bool) {
        self.head.retain(|(name, _)| name != b"content-length");
        let mut length = 0;
        for event in &self.events {
            let Event::RequestBody(body, end) = event else {
                continue;
            };
            length += body.len();
            if *end && announced && !self.end {
                let header = (b"content-length".to_vec(), length.to_string().into_bytes());
                return self.head.push(header);
            }
        }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{self:?}");
        }
    }
}

/// A seed of a whole exchange with this method: one request body, and these messages as its answer.
pub fn seed(method: &Method, body: &[u8], messages: &[Vec<u8>]) -> Vec<u8> {
    let route = ROUTES
        .iter()
        .position(|route| std::ptr::eq(route.method, method));
    let route = route
        .and_then(|route| u8::try_from(route).ok())
        .expect("a method has a route");
    let mut seed = Seed::default();
    for byte in [0, 0, 0, 0, 0, 0, 0, route, 0, 0] {
        seed = seed.byte(byte);
    }
    seed = seed.byte(0).bytes(body).byte(0x80);
    for message in messages {
        seed = seed.byte(6).bytes(message);
    }
    seed.byte(9).byte(0).rest(&[])
}

fn config(input: &mut Input<'_>) -> Config {
    Config {
        dialect: input.choose(&[Dialect::Compatible, Dialect::V1, Dialect::V2]),
        max_request_bytes: input.choose(&[2 << 20, 64, 4096, MAX_REQUEST]),
        stream_document_bytes: input.choose(&[4 << 20, 64, 4096, 256 << 10]),
        cors: match input.below(3) {
            0 => vec!["*".to_owned()],
            1 => vec!["https://a.example".to_owned()],
            _ => Vec::new(),
        },
        write_retries: input.choose(&[WriteRetries::Never, WriteRetries::Route]),
        ..Config::default()
    }
}

fn head(route: &str, input: &mut Input<'_>) -> List {
    let choice = input.byte();
    let path = match choice & 0x0f {
        0..8 => format!("/v3{route}").into_bytes(),
        8 | 9 => [b"/v3", route.as_bytes(), b"?", input.bytes()].concat(),
        10 => b"/version".to_vec(),
        11 => [b"/health?", input.bytes()].concat(),
        12 => [b"/v3/", input.bytes()].concat(),
        13 => b"/v3/watch?create_request.key=AA".to_vec(),
        _ => input.bytes().to_vec(),
    };
    let method = match choice >> 4 {
        0..10 => "POST",
        10..14 => "GET",
        14 => "OPTIONS",
        _ => "PUT",
    };
    let mut list = vec![
        (b":method".to_vec(), method.into()),
        (b":path".to_vec(), path),
    ];
    let more = headers::described(input).into_iter();
    // HTTP has each of these once.
    list.extend(more.filter(|(name, _)| !matches!(&name[..], b":path" | b":method")));
    list
}

fn event(method: &Method, input: &mut Input<'_>) -> Event {
    let choice = input.byte();
    let end = choice & 0x80 != 0;
    match choice & 0x0f {
        0 if end => Event::RequestBody(Vec::new(), true),
        0..3 => Event::RequestBody(repeated(choice, input), end),
        3 | 4 => {
            let mut text = String::new();
            json_text::write(method.request, DEPTH, input, &mut text);
            Event::RequestBody(text.into_bytes(), end)
        }
        5 if end => Event::Wait,
        5 => Event::RequestTrailers,
        6 => Event::ResponseBody(frame(input.bytes()), end),
        7 => {
            let mut message = Vec::new();
            wire::write(method.response, DEPTH, input, &mut message);
            Event::ResponseBody(frame(&message), end)
        }
        8 => Event::ResponseBody(frame(&repeated(choice, input)), end),
        9 | 10 => Event::ResponseTrailers(trailers(input)),
        11 => Event::ResponseHead(answer_head(input), end, origin(input)),
        12 => Event::ResponseBody(repeated(choice, input), end),
        13 => Event::CallAnswered(Ok(input.bytes().to_vec())),
        14 => Event::CallAnswered(Err(Status::new(Code(input.number() as u32), input.text()))),
        _ => Event::Lost(input.text()),
    }
}

/// Some bytes, perhaps often.
fn repeated(choice: u8, input: &mut Input<'_>) -> Vec<u8> {
    let times = REPEATS[usize::from(choice >> 4 & 7)];
    let (before, unit) = (if times > 1 { input.bytes() } else { &[] }, input.bytes());
    let times = times.min(PIECE / unit.len().max(1));
    [before, &unit.repeat(times)].concat()
}

fn frame(message: &[u8]) -> Vec<u8> {
    let mut frame = [&[0; HEADER_LEN], message].concat();
    seal(&mut frame);
    frame
}

fn trailers(input: &mut Input<'_>) -> List {
    let choice = input.byte();
    match choice {
        0..0x80 => vec![(b"grpc-status".to_vec(), b"0".to_vec())],
        0x80..0xe0 => vec![
            (
                b"grpc-status".to_vec(),
                (choice % 20).to_string().into_bytes(),
            ),
            (b"grpc-message".to_vec(), headers::value(input)),
        ],
        _ => headers::described(input),
    }
}

/// The head of a gRPC answer, or of some other.
fn answer_head(input: &mut Input<'_>) -> List {
    let mut list = Vec::new();
    if input.below(8) > 0 {
        list = grpc_head();
    }
    list.extend(headers::described(input));
    list
}

/// The head of a gRPC answer.
pub fn grpc_head() -> List {
    let list = [(":status", "200"), ("content-type", "application/grpc")];
    list.map(|(name, value)| (name.into(), value.into()))
        .to_vec()
}

fn origin(input: &mut Input<'_>) -> Option<String> {
    input.flag().then(|| input.text())
}
