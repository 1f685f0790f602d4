//! The filter as it ships, with a model of Envoy around it: whatever the client and the upstream send, in whatever pieces
//! and turns of the event loop, what goes out is whole, in order and once, and no more is held than is accounted for.

use std::rc::Rc;

use allocation_counter::{measure, opt_out};
use envoy_model::{Ended, List, Meter, Model, Options};
use etcd_json_gateway::http::{Header, Reply};
use etcd_json_gateway::schema::tables::ROUTES;
use serde_json::json;

use crate::input::{Input, Seed};
use crate::pieces::Cut;
use crate::script::{self, Event, Script};
use crate::seen::{Body, End, Seen};
use crate::{vectors, wild};

/// Bytes that a stream may hold beside what it accounts for and its headers: the scopes of a message that streams.
const UNACCOUNTED: usize = 24 << 10;

const METER: Meter = Meter {
    counted: |act| measure(act).bytes_current,
    uncounted: |act| opt_out(act),
};

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let cut = Cut::from(input.byte());
    let turns = input.byte();
    let kind = input.byte();
    let script = Script::read(&mut input);
    let whole = play(&script, Cut::Whole, 0xff, kind);
    let pieces = play(&script, cut, turns, kind);
    for seen in [&whole, &pieces] {
        seen.check_upstream();
        seen.check_answer();
    }
    // How much room there is decides what is refused, and what comes in pieces needs more of it.
    if !script.full {
        whole.assert_like(&pieces);
    }
}

/// What comes of a script whose bodies arrive in pieces; the bits of `turns` say behind which of them the loop turns.
fn play(script: &Script, mut cut: Cut, turns: u8, kind: u8) -> Seen {
    let model = Model::open_metered(options(script, kind), METER);
    let others = script.full.then(|| wild::fill(envoy_model::ROOT));
    let memory = Memory::new(&model, script);
    model.request_headers(script.head.clone(), script.end);
    memory.check();
    let mut count = 0;
    for event in &script.events {
        let body = matches!(event, Event::RequestBody(..) | Event::ResponseBody(..));
        let (Event::RequestBody(bytes, end) | Event::ResponseBody(bytes, end)) = event else {
            deliver(&model, event);
            memory.check();
            continue;
        };
        assert!(body);
        let pieces = cut.pieces(bytes);
        let last = pieces.len() - 1;
        for (index, piece) in pieces.into_iter().enumerate() {
            let end = *end && index == last;
            match event {
                Event::RequestBody(..) => request_body(&model, piece, end),
                _ => response_body(&model, piece, end),
            }
            count += 1;
            if turns >> (count % 8) & 1 == 1 {
                model.turn();
            }
            memory.check();
        }
    }
    for _ in 0..8 {
        model.turn();
        memory.check();
    }
    let seen = seen(&model, script);
    if let Some(others) = others {
        others.delete();
    }
    model.close();
    seen
}

/// What a stream may hold.
struct Memory<'m> {
    model: &'m Model,
    /// Bytes that others hold, and that the plugin does.
    before: (i64, i64),
    unaccounted: usize,
}

impl<'m> Memory<'m> {
    fn new(model: &'m Model, script: &Script) -> Self {
        let size = |(name, value): &(Vec<u8>, Vec<u8>)| name.len() + value.len() + 200;
        Self {
            model,
            before: (model.accounted() as i64, model.held()),
            unaccounted: UNACCOUNTED + 4 * script.head.iter().map(size).sum::<usize>(),
        }
    }

    fn check(&self) {
        // Others that have waited for too long give back what they held.
        let accounted = self.model.accounted() as i64 - self.before.0;
        let held = self.model.held() - self.before.1;
        assert!(
            held <= accounted + self.unaccounted as i64,
            "{held} bytes are held, {accounted} accounted for"
        );
    }
}

fn options(script: &Script, kind: u8) -> Options {
    let config = &script.config;
    let [holds_heads, http2, retries, large] = [1, 2, 4, 8].map(|bit| kind & bit != 0);
    let buffer = if large { 1 << 20 } else { 32 << 10 };
    let plugin = json!({
        "allow_on_headers_stop_iteration": holds_heads,
        "listener_buffer_bytes": buffer,
        "max_request_bytes": config.max_request_bytes,
        "stream_document_bytes": config.stream_document_bytes,
        "cors": config.cors,
    });
    Options {
        plugin: plugin.to_string(),
        holds_heads,
        http2,
        retries,
        buffer,
    }
}

/// Delivers what could come now.
fn deliver(model: &Rc<Model>, event: &Event) {
    let requests = model.halves(|request, _| !request.has_ended());
    let answers = answers(model);
    match event {
        Event::RequestTrailers if requests => model.request_trailers(Vec::new()),
        Event::Wait => model.tick(),
        Event::ResponseHead(list, end, origin) if answers && !has_head(model) => {
            if let Some(details) = origin {
                model.set_details(details);
            }
            model.response_headers(list.clone(), *end);
        }
        Event::ResponseTrailers(list) if answers => {
            begin_answer(model);
            model.response_trailers(list.clone());
        }
        Event::CallAnswered(Ok(message)) => model.call_answered(Ok(message)),
        Event::CallAnswered(Err(status)) => {
            model.call_answered(Err((status.code.0, &status.message)));
        }
        Event::Lost(details) if answers && has_head(model) => model.lost(details),
        _ => {}
    }
}

fn request_body(model: &Rc<Model>, piece: &[u8], end: bool) {
    // Envoy hands over an empty piece only where it is the last.
    if model.halves(|request, _| !request.has_ended()) && (end || !piece.is_empty()) {
        model.request_body(piece, end);
    }
}

fn response_body(model: &Rc<Model>, piece: &[u8], end: bool) {
    if answers(model) && (end || !piece.is_empty()) {
        begin_answer(model);
        model.response_body(piece, end);
    }
}

/// Whether the upstream has the request and has not ended its answer.
fn answers(model: &Model) -> bool {
    model.halves(|request, response| request.head_out && !response.has_ended())
}

fn has_head(model: &Model) -> bool {
    model.halves(|_, response| response.has_head())
}

fn begin_answer(model: &Rc<Model>) {
    if !has_head(model) {
        model.response_headers(script::grpc_head(), false);
    }
}

/// What client and upstream have got.
fn seen(model: &Rc<Model>, script: &Script) -> Seen {
    let mut seen = Seen::default();
    let text = model.to_client().concat();
    model.halves(|request, response| {
        let path = request.headers.iter().find(|(name, _)| name == b":path");
        let path = path.map_or(&b""[..], |(_, path)| path);
        let route = ROUTES
            .iter()
            .find(|route| route.method.path.as_bytes() == path);
        let lines = route
            .is_some_and(|route| route.method.client_streaming || route.method.server_streaming);
        seen.passed = route.is_none() || request.headers == script.head;
        if request.head_out && !seen.passed {
            seen.forward(&borrowed(&request.headers), script);
            seen.upstream = request.out.concat();
            if response.head_out {
                let mut headers = response.headers.clone();
                let length = |(name, value): &(Vec<u8>, Vec<u8>)| {
                    let is_length = name == b"content-length";
                    let true_one = *value == text.len().to_string().into_bytes();
                    assert!(!is_length || true_one, "a wrong content-length");
                    !is_length
                };
                headers.retain(length);
                seen.respond(&borrowed(&headers));
            }
            if !text.is_empty() {
                let body = if lines { Body::Lines } else { Body::Text };
                seen.write(body, &text);
            }
        }
        let ends_in_error = text.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
        let ends_in_error = ends_in_error.is_some_and(|last| {
            let mut errors = [&b"{\"error\""[..], b"data: {\"error\""].into_iter();
            lines && errors.any(|error| last.starts_with(error))
        });
        match model.ended() {
            Some(Ended::Reply {
                status,
                headers,
                body,
                grpc_status: -1,
            }) => seen.reply(&Reply {
                status: u16::try_from(status).expect("a status"),
                headers: borrowed(&headers).into_iter().map(owned).collect(),
                body,
                ..Reply::empty(0)
            }),
            Some(Ended::Reply { .. }) => seen.finish(End::Reply(200)),
            Some(Ended::Cut) if ends_in_error => seen.finish(End::Error),
            Some(Ended::Cut) => seen.finish(End::Cut),
            None if response.end_out && ends_in_error => seen.finish(End::Error),
            None if response.end_out => seen.finish(End::Good),
            None => {}
        }
    });
    seen
}

fn borrowed(list: &List) -> Vec<Header<'_>> {
    list.iter()
        .map(|(name, value)| (name[..].into(), value[..].into()))
        .collect()
}

fn owned(header: Header<'_>) -> Header<'static> {
    (header.0.into_owned().into(), header.1.into_owned().into())
}

/// The recorded requests, answers and streams, each as an exchange behind one byte of no meaning.
pub fn exchanges() -> Vec<Vec<u8>> {
    let requests = vectors::requests().into_iter().step_by(8);
    let requests = requests.map(|(method, body)| script::seed(method, &body, &[Vec::new()]));
    let replies = vectors::replies().into_iter().step_by(4);
    let replies = replies.map(|(method, message)| script::seed(method, b"{}", &[message]));
    let streams = vectors::streams().into_iter();
    let streams = streams.map(|(method, body, messages)| script::seed(method, &body, &messages));
    requests.chain(replies).chain(streams).collect()
}

/// Those, before every kind of Envoy, and cut in every way.
pub fn seeds() -> Vec<Vec<u8>> {
    let seeds = exchanges().into_iter().zip(0_u8..=255);
    let kinds = seeds.map(|(seed, index)| {
        let kind = [index, index.reverse_bits(), index];
        [&kind[..], &seed[1..]].concat()
    });
    kinds.chain(streams()).collect()
}

/// Streams of requests whose values come in several pieces, before every kind of Envoy.
fn streams() -> Vec<Vec<u8>> {
    let route = |path: &str| ROUTES.iter().position(|route| route.path == path);
    let keepalive = route("/lease/keepalive").and_then(|at| u8::try_from(at).ok());
    let keepalive = keepalive.expect("a route");
    let stream = |kind: u8| {
        let mut seed = Seed::default();
        for byte in [7, 0, kind, 0, 0, 0, 0, 0, 0, keepalive, 0, 0] {
            seed = seed.byte(byte);
        }
        for _ in 0..4 {
            seed = seed.byte(0).bytes(br#"{"ID":1}{"ID":2}"#);
        }
        seed = seed.byte(6).bytes(&[0x10, 1]);
        seed.byte(0).bytes(br#"{"ID":3}"#).rest(&[])
    };
    (0..16).map(stream).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_answers_come_out_well() {
        for (method, message) in vectors::replies() {
            let seed = script::seed(method, b"{}", &[message]);
            let mut input = Input::new(&seed[1..]);
            let seen = play(&Script::read(&mut input), Cut::Whole, 0xff, 0);
            assert_eq!(
                seen.end,
                Some(End::Good),
                "{}",
                String::from_utf8_lossy(&seen.text)
            );
        }
    }
}
