//! Answers that the filter gives by Envoy's local reply, which the filters in front of it do not see.

use serde_json::{Value, json};
use testbed::client::Request;
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Upstream};

use crate::calls::{Call, ORIGIN};
use crate::chains::{Place, plain};
use crate::filters;

/// The header that the filter in front adds, of each of these calls.
fn added(gateway: &Gateway, upstream: &Upstream, calls: &[Call]) -> Vec<bool> {
    let seen = calls.iter().map(|call| {
        upstream.always(call.script());
        let response = gateway.send(&call.request());
        response.header("x-tried").is_some()
    });
    seen.collect()
}

#[test]
fn errors_that_etcd_sends_pass_by_the_filters_in_front() {
    let upstream = Upstream::start().unwrap();
    let front = plain("header_mutation", |_, _| filters::header_mutation());
    let calls = [Call::Small, Call::Watch, Call::Malformed, Call::Refused];
    for mode in Mode::BOTH {
        let chain = front.start(Place::Front, mode, &upstream);
        let seen = added(&chain.gateway, &upstream, &calls);
        assert_eq!(seen, [true, true, true, false], "{mode:?}");
    }
}

#[test]
fn answers_that_the_filter_makes_of_calls_of_its_own_pass_through_the_filters_in_front() {
    let upstream = Upstream::start().unwrap();
    let front = plain("header_mutation", |_, _| filters::header_mutation());
    for mode in Mode::BOTH {
        let chain = front.start(Place::Front, mode, &upstream);
        upstream.always(Script::message(b""));
        let response = chain.gateway.send(&Request::new("GET", "/version"));
        assert_eq!(response.status, 200, "{mode:?}: {response:?}");
        assert!(
            response.header("x-tried").is_some(),
            "{mode:?}: {response:?}"
        );
    }
}

#[test]
fn headers_of_the_virtual_host_are_on_errors_that_etcd_sends() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .change(|config| {
                let hosts =
                    config.connection_manager()?["route_config"]["virtual_hosts"].as_array_mut();
                hosts.unwrap()[0]["response_headers_to_add"] =
                    json!([{"header": {"key": "x-tried", "value": "yes"}}]);
                Ok(())
            })
            .start();
        let calls = [Call::Small, Call::Watch, Call::Malformed, Call::Refused];
        let seen = added(&gateway, &upstream, &calls);
        assert_eq!(seen, [true; 4], "{mode:?}");
    }
}

#[test]
fn envoy_s_own_cors_and_the_filter_s_make_one_header() {
    let upstream = Upstream::start().unwrap();
    let front = plain("cors", |_, _| filters::cors());
    for mode in Mode::BOTH {
        let chain = front.start(Place::Front, mode, &upstream);
        for (call, origin) in [
            (Call::Small, ORIGIN),
            (Call::Malformed, ORIGIN),
            (Call::Refused, "*"),
        ] {
            upstream.always(call.script());
            let response = chain.gateway.send(&call.request());
            let found = response.values("access-control-allow-origin");
            assert_eq!(found, [origin.as_bytes()], "{mode:?} {call:?}");
        }
    }
}

/// An Envoy that writes local replies anew, as this `local_reply_config` says.
fn rewriting(mode: Mode, upstream: &Upstream, config: Value) -> Gateway {
    Setup::new(mode, upstream.address())
        .change(move |envoy| {
            envoy.connection_manager()?["local_reply_config"] = config;
            Ok(())
        })
        .start()
}

/// Whether errors of etcd's, of the filter's and of Envoy's are written anew.
fn rewritten(gateway: &Gateway, upstream: &Upstream) -> [bool; 3] {
    let calls = [Call::Refused, Call::Malformed].map(|call| {
        upstream.always(call.script());
        gateway.send(&call.request())
    });
    let [refused, malformed] = calls;
    let unknown = gateway.send(&Request::new("GET", "/nowhere").header("upgrade", "no"));
    [refused, malformed, unknown].map(|response| response.text().contains("anew"))
}

#[test]
fn local_reply_config_can_leave_the_filter_s_errors_alone() {
    let upstream = Upstream::start().unwrap();
    let format = json!({"text_format_source": {"inline_string": "anew"}});
    for mode in Mode::BOTH {
        let all = rewriting(mode, &upstream, json!({"body_format": format}));
        assert_eq!(rewritten(&all, &upstream), [true, true, false], "{mode:?}");
        let mapper =
            json!({"filter": {"response_flag_filter": {}}, "body_format_override": format});
        let some = rewriting(mode, &upstream, json!({"mappers": [mapper]}));
        assert_eq!(
            rewritten(&some, &upstream),
            [false, false, false],
            "{mode:?}"
        );
    }
}

#[test]
fn a_compressor_in_front_compresses_streams_too() {
    let upstream = Upstream::start().unwrap();
    let front = plain("compressor", |_, _| filters::compressor());
    let chain = front.start(Place::Front, Mode::Full, &upstream);
    for call in [Call::Large, Call::Watch, Call::Snapshot] {
        upstream.always(call.script());
        let request = call.request().header("accept-encoding", "gzip");
        let response = chain.gateway.send(&request);
        let encoding = response.header("content-encoding");
        assert_eq!(encoding.as_deref(), Some("gzip"), "{call:?}");
    }
}
