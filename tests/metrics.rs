//! What the filter counts and tells Envoy's logs, natively, with a model of Envoy around it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

use std::collections::BTreeMap;
use std::rc::Rc;

use envoy_model::{List, Model, Options};
use testbed::wire::{bytes_field, frame, varint_field};

fn list(headers: &[(&str, &str)]) -> List {
    let owned =
        |(name, value): &(&str, &str)| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
    headers.iter().map(owned).collect()
}

fn head(method: &str, path: &str) -> List {
    list(&[
        (":method", method),
        (":path", path),
        (":authority", "etcd"),
        (":scheme", "http"),
    ])
}

fn grpc_head() -> List {
    list(&[(":status", "200"), ("content-type", "application/grpc")])
}

fn status(code: &str) -> List {
    list(&[("grpc-status", code), ("grpc-message", "why")])
}

fn open(holds_heads: bool) -> Rc<Model> {
    Model::open(options(holds_heads))
}

/// A stream that is the one of sixteen whose times are taken.
fn open_timed() -> Rc<Model> {
    Model::open_behind(options(true), 15)
}

fn options(holds_heads: bool) -> Options {
    Options {
        plugin: format!(
            r#"{{"allow_on_headers_stop_iteration":{holds_heads},"native_grpc":"refuse"}}"#
        ),
        holds_heads,
        http2: true,
        retries: false,
        buffer: 32 << 10,
    }
}

/// What has been counted, without the prefix of the names.
fn counted(model: &Model) -> BTreeMap<String, u64> {
    let metrics = model.metrics().into_iter();
    let short = metrics.map(|(name, value)| {
        let name = name.strip_prefix("etcd_json_gateway_").unwrap();
        (name.to_owned(), value)
    });
    short
        .filter(|(name, _)| !name.starts_with("info"))
        .collect()
}

fn expected(metrics: &[(&str, u64)]) -> BTreeMap<String, u64> {
    let owned = |(name, value): &(&str, u64)| ((*name).to_owned(), *value);
    metrics.iter().map(owned).collect()
}

/// The code and the reason that logs are told.
fn told(model: &Model) -> (Option<String>, Option<String>) {
    let told = model.told();
    let of = |name: &str| told.get(name).cloned();
    (of("etcd_json_gateway_code"), of("etcd_json_gateway_reason"))
}

fn some(code: &str, reason: &str) -> (Option<String>, Option<String>) {
    (Some(code.to_owned()), Some(reason.to_owned()))
}

#[test]
fn the_version_that_runs_is_a_label() {
    let model = open(true);
    let version = env!("CARGO_PKG_VERSION");
    let name = format!("etcd_json_gateway_infogateway_version=.={version};.;");
    assert_eq!(model.metrics(), BTreeMap::from([(name, 1)]));
    model.close();
}

#[test]
fn a_call_counts_once_it_is_over_and_its_bytes_with_the_next_tick() {
    for holds_heads in [true, false] {
        let model = open(holds_heads);
        let body = br#"{"key":"YQ==","value":"Yg=="}"#;
        let answer = frame(&bytes_field(1, &varint_field(3, 7)));
        model.request_headers(head("POST", "/v3/kv/put"), false);
        model.request_body(body, true);
        model.response_headers(grpc_head(), false);
        model.response_body(&answer, false);
        assert_eq!(told(&model), (None, None), "not ended");
        model.response_trailers(status("0"));
        assert_eq!(told(&model), (Some("0".to_owned()), None));
        assert_eq!(counted(&model), expected(&[]));
        let sent = model.to_upstream().len() as u64;
        let got = model.to_client().concat().len() as u64;
        model.lost("via_upstream");
        let call = ("calls_totalmethod=.=KV.Put;.;code=.=0;.;", 1);
        assert_eq!(counted(&model), expected(&[call]));
        model.tick();
        let bytes = [
            call,
            ("json_bytes_totaldirection=.=request;.;", body.len() as u64),
            ("json_bytes_totaldirection=.=response;.;", got),
            ("grpc_bytes_totaldirection=.=request;.;", sent),
            (
                "grpc_bytes_totaldirection=.=response;.;",
                answer.len() as u64,
            ),
        ];
        assert_eq!(counted(&model), expected(&bytes));
        model.tick();
        assert_eq!(counted(&model), expected(&bytes), "counted once");
        model.close();
    }
}

#[test]
fn an_error_of_etcd_s_counts_by_its_code_and_is_no_refusal() {
    let model = open(true);
    model.request_headers(head("POST", "/v3/kv/range"), false);
    model.request_body(br#"{"key":"YQ=="}"#, true);
    model.response_headers(status_head("5"), true);
    assert_eq!(told(&model), some("5", "etcd"));
    assert_eq!(model.details(), "etcd_json_gateway{etcd}");
    model.close();
    let call = ("calls_totalmethod=.=KV.Range;.;code=.=5;.;", 1);
    assert_eq!(counted(&model), expected(&[call]));
}

/// The head of an answer that is nothing but an error.
fn status_head(code: &str) -> List {
    [grpc_head(), status(code)].concat()
}

#[test]
fn a_refusal_counts_by_its_reason_and_says_it_in_the_details() {
    type Case<'a> = (&'a str, &'a str, &'a [u8], &'a str, Option<&'a str>);
    let cases: [Case<'_>; 7] = [
        ("POST", "/v3/kv/nothing", b"{}", "no_route", None),
        ("POST", "/v3/kv%2Fput", b"{}", "no_route", None),
        (
            "GET",
            "/v3/kv/put",
            b"{}",
            "http_method",
            Some("KV.Put;.;code=.=12"),
        ),
        (
            "POST",
            "/v3/kv/put",
            b"{",
            "bad_json",
            Some("KV.Put;.;code=.=3"),
        ),
        (
            "POST",
            "/v3/watch",
            b"{",
            "bad_json",
            Some("Watch.Watch;.;code=.=3"),
        ),
        (
            "POST",
            "/v3/watch",
            b"",
            "no_body",
            Some("Watch.Watch;.;code=.=3"),
        ),
        (
            "POST",
            "/v3/auth/enable",
            b"",
            "no_body",
            Some("Auth.AuthEnable;.;code=.=3"),
        ),
    ];
    for (method, path, body, reason, call) in cases {
        let model = open(true);
        model.request_headers(head(method, path), body.is_empty());
        model.request_body(body, true);
        let details = format!("etcd_json_gateway{{{reason}}}");
        assert_eq!(model.details(), details, "{method} {path}");
        model.close();
        let mut counts = counted(&model);
        let refused = format!("refused_totalreason=.={reason};.;");
        assert_eq!(counts.remove(&refused), Some(1), "{method} {path}");
        let call = call.map(|call| format!("calls_totalmethod=.={call};.;"));
        let counted = call.as_ref().and_then(|call| counts.remove(call));
        assert_eq!(counted, call.map(|_| 1), "{method} {path}: {counts:?}");
    }
}

#[test]
fn native_grpc_counts_only_where_it_is_refused() {
    let native = [
        head("POST", "/etcdserverpb.KV/Range"),
        list(&[("content-type", "application/grpc")]),
    ];
    let model = open(true);
    model.request_headers(native.concat(), false);
    model.close();
    let refused = ("refused_totalreason=.=native_grpc;.;", 1);
    assert_eq!(counted(&model), expected(&[refused]));
}

#[test]
fn what_fails_behind_the_filter_keeps_envoy_s_own_details() {
    let model = open(true);
    model.request_headers(head("POST", "/v3/kv/range"), false);
    model.request_body(br#"{"key":"YQ=="}"#, true);
    let details = "upstream_reset_before_response_started{connection_failure}";
    model.set_details(details);
    let proxys = [(":status", "503"), ("content-type", "text/plain")];
    model.response_headers(list(&proxys), false);
    assert_eq!(told(&model), some("14", "proxy"));
    assert_eq!(model.details(), details);
    model.close();
    let expected = expected(&[
        ("calls_totalmethod=.=KV.Range;.;code=.=14;.;", 1),
        ("failed_totalreason=.=proxy;.;", 1),
    ]);
    assert_eq!(counted(&model), expected);
}

/// A watch whose answer has begun, with an event if it is said so.
fn watch(holds_heads: bool, event: bool) -> Rc<Model> {
    let model = open(holds_heads);
    model.request_headers(head("POST", "/v3/watch"), false);
    model.request_body(br#"{"create_request":{"key":"YQ=="}}"#, false);
    model.response_headers(grpc_head(), false);
    if event {
        model.response_body(&frame(&varint_field(3, 1)), false);
        model.turn();
    }
    model
}

#[test]
fn a_stream_counts_as_it_opens_and_by_how_it_ends() {
    type End = fn(&Rc<Model>);
    let server: End = |model| model.response_trailers(status("0"));
    let error: End = |model| model.response_trailers(status("14"));
    let broken: End = |model| model.response_body(b"\x02\0\0\0\0", false);
    let bad: End = |model| model.request_body(b"{\"x\":}", false);
    let leaves: End = |model| model.lost("downstream_remote_disconnect");
    let reset: End =
        |model| model.lost("upstream_reset_after_response_started{connection_termination}");
    let idle: End = |model| model.lost("stream_idle_timeout");
    let cases = [
        ("server", server, true, "server", "0", None),
        ("error", error, true, "error", "14", None),
        (
            "broken",
            broken,
            true,
            "error",
            "13",
            Some("failed_totalreason=.=broken_answer;.;"),
        ),
        (
            "bad",
            bad,
            true,
            "error",
            "3",
            Some("refused_totalreason=.=bad_json;.;"),
        ),
        ("leaves", leaves, true, "client", "1", None),
        ("leaves early", leaves, false, "client", "1", None),
        (
            "reset",
            reset,
            true,
            "error",
            "14",
            Some("failed_totalreason=.=lost;.;"),
        ),
        (
            "reset early",
            reset,
            false,
            "cut",
            "14",
            Some("failed_totalreason=.=lost;.;"),
        ),
        (
            "idle",
            idle,
            true,
            "error",
            "4",
            Some("failed_totalreason=.=lost;.;"),
        ),
    ];
    for holds_heads in [true, false] {
        for (name, act, event, end, code, reason) in cases {
            let model = watch(holds_heads, event);
            let opened = ("streams_opened_totalmethod=.=Watch.Watch;.;", 1);
            assert_eq!(counted(&model), expected(&[opened]), "{name}");
            act(&model);
            model.turn();
            model.close();
            let call = format!("calls_totalmethod=.=Watch.Watch;.;code=.={code};.;");
            let closed = format!("streams_closed_totalmethod=.=Watch.Watch;.;end=.={end};.;");
            let mut all = vec![opened, (call.as_str(), 1), (closed.as_str(), 1)];
            all.extend(reason.map(|reason| (reason, 1)));
            assert_eq!(counted(&model), expected(&all), "{name} {holds_heads}");
        }
    }
}

#[test]
fn one_request_of_sixteen_has_its_time_taken() {
    let mut timed = 0;
    let model = open(true);
    for _ in 0..32 {
        let id = model.another();
        let before = model.looks_at_the_clock();
        model.call_in(|| etcd_json_gateway::filter::callbacks::request_body(id, 0, true));
        timed += usize::from(model.looks_at_the_clock() > before);
    }
    assert_eq!(timed, 2);
    model.close();
}

#[test]
fn a_call_s_time_at_etcd_is_that_from_its_message_to_its_status() {
    const MILLI: u64 = 1_000_000;
    let time = "call_microsecondsmethod=.=KV.Put;.;";
    let model = open_timed();
    model.request_headers(head("POST", "/v3/kv/put"), false);
    model.pass(MILLI);
    model.request_body(br#"{"key":"YQ=="}"#, true);
    model.pass(2 * MILLI);
    model.response_headers(grpc_head(), false);
    model.pass(3 * MILLI);
    model.response_body(&frame(&[]), false);
    model.response_trailers(status("0"));
    model.pass(MILLI);
    assert_eq!(counted(&model).get(time), Some(&5000));
    model.close();
    let model = open(true);
    model.request_headers(head("POST", "/v3/kv/put"), false);
    model.request_body(br#"{"key":"YQ=="}"#, true);
    model.response_headers(grpc_head(), false);
    model.response_body(&frame(&[]), false);
    model.response_trailers(status("0"));
    assert_eq!(counted(&model).get(time), None, "one of sixteen");
    model.close();

    // What never came to etcd, or was never answered by it, has none.
    for details in ["", "no_healthy_upstream"] {
        let model = open_timed();
        model.request_headers(head("POST", "/v3/kv/put"), false);
        let body: &[u8] = if details.is_empty() { b"{" } else { b"{}" };
        model.request_body(body, true);
        model.pass(MILLI);
        model.set_details(details);
        let proxys = [(":status", "503"), ("content-type", "text/plain")];
        model.response_headers(list(&proxys), false);
        assert_eq!(counted(&model).get(time), None, "{details}");
        model.close();
    }
}

#[test]
fn a_call_costs_the_host_two_words() {
    let model = open(true);
    let calls = |model: &Model| model.counting_calls();
    model.request_headers(head("POST", "/v3/kv/put"), false);
    model.request_body(br#"{"key":"YQ=="}"#, true);
    model.response_headers(grpc_head(), false);
    model.response_body(&frame(&[]), false);
    let before = calls(&model);
    model.response_trailers(status("0"));
    assert_eq!(calls(&model), before + 1, "the code");
    model.lost("via_upstream");
    assert_eq!(calls(&model), before + 2, "the call");
    model.close();
}
