//! The filter as it ships, with a model of Envoy around it: whatever the client and the upstream send, in whatever pieces
//! and turns of the event loop, what goes out is whole, in order and once.

use std::rc::Rc;

use envoy_model::{Ended, List, Model, Options};
use etcd_json_gateway::http::{Header, Reply};
use etcd_json_gateway::schema::tables::ROUTES;
use serde_json::json;

use crate::input::{Input, Seed};
use crate::pieces::Cut;
use crate::script::{self, Event, Script};
use crate::seen::{Body, End, Seen};

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
    whole.assert_like(&pieces);
}

/// What comes of a script whose bodies arrive in pieces; the bits of `turns` say behind which of them the loop turns.
fn play(script: &Script, mut cut: Cut, turns: u8, kind: u8) -> Seen {
    let model = Model::open(options(script, kind));
    model.request_headers(script.head.clone(), script.end);
    let mut count = 0;
    for event in &script.events {
        let body = matches!(event, Event::RequestBody(..) | Event::ResponseBody(..));
        let (Event::RequestBody(bytes, end) | Event::ResponseBody(bytes, end)) = event else {
            deliver(&model, event);
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
        }
    }
    for _ in 0..8 {
        model.turn();
    }
    let seen = seen(&model, script);
    model.close();
    seen
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
        Event::ResponseHead(list, end, _) if answers && !has_head(model) => {
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
    let mut seen = Seen::new(false);
    let text = model.to_client().concat();
    model.halves(|request, response| {
        let path = request.headers.iter().find(|(name, _)| name == b":path");
        let path = path.map_or(&b""[..], |(_, path)| path);
        let route = ROUTES
            .iter()
            .find(|route| route.method.path.as_bytes() == path);
        seen.passed = route.is_none() || request.headers == script.head;
        if let (true, Some(route)) = (request.head_out && !seen.passed, route) {
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
            let lines = route.method.client_streaming || route.method.server_streaming;
            if !text.is_empty() {
                let body = if lines { Body::Lines } else { Body::Text };
                seen.write(body, &text);
            }
        }
        let ends_in_error = text.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
        let ends_in_error = ends_in_error.is_some_and(|last| {
            last.starts_with(b"{\"error\"") || last.starts_with(b"data: {\"error\"")
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

/// What the exchange begins with, before every kind of Envoy, and cut in every way.
pub fn seeds() -> Vec<Vec<u8>> {
    let seeds = crate::exchange::seeds().into_iter().zip(0_u8..=255);
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
