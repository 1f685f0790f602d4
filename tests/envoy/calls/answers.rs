//! The answers of unary calls in a real Envoy: their headers, and bodies of every size.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use testbed::client::{End, Request, Response};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Upstream};
use testbed::wire::{bytes_field, frame, varint_field};

const RANGE: &str = "/v3/kv/range";

fn each_mode(test: impl Fn(&Gateway, &Upstream, Mode)) {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address()).callouts().start();
        test(&gateway, &upstream, mode);
    }
}

#[test]
fn an_answer_has_etcds_headers_and_none_of_grpcs() {
    each_mode(|gateway, upstream, mode| {
        let reply = varint_field(4, 7);
        upstream.always(Script::message(&reply));
        for response in [
            gateway.post(RANGE, "{}"),
            gateway.send(&Request::new("POST", RANGE)),
        ] {
            let case = format!("{mode:?}: {response:?}");
            assert_eq!(
                (response.status, response.text().as_str()),
                (200, r#"{"count":"7"}"#),
                "{case}"
            );
            assert_eq!(
                response.header("content-type").unwrap(),
                "application/json",
                "{case}"
            );
            assert_eq!(
                response.header("grpc-metadata-content-type").unwrap(),
                "application/grpc",
                "{case}"
            );
            assert_eq!(
                response.header("access-control-allow-origin").unwrap(),
                "*",
                "{case}"
            );
            assert_free_of_grpc(&response, &case);
        }
        let response = gateway.post(RANGE, "{}");
        if mode == Mode::Full {
            assert_eq!(
                response.header("content-length").unwrap(),
                response.body().len().to_string()
            );
        }
        let response = gateway.send_h2(&Request::post(RANGE, "{}"));
        assert_eq!(
            (response.text().as_str(), response.end),
            (r#"{"count":"7"}"#, End::Clean)
        );
        assert_free_of_grpc(&response, "HTTP/2");
        upstream.always(Script::error(5, "no"));
        let response = gateway.post(RANGE, "{}");
        assert_eq!(
            response.header("access-control-allow-origin").unwrap(),
            "*",
            "{mode:?}"
        );
        assert_free_of_grpc(&response, "an error");
        upstream.always(Script::message(b""));
    });
}

fn assert_free_of_grpc(response: &Response, case: &str) {
    let leaks = |fields: &[(String, Vec<u8>)]| {
        fields.iter().any(|(name, _)| {
            name == "trailer" || name.starts_with("grpc-") && !name.starts_with("grpc-metadata-")
        })
    };
    assert!(
        !leaks(&response.headers) && response.trailers.is_empty(),
        "{case}"
    );
}

#[test]
fn an_answer_of_several_megabytes_is_exact_to_the_byte() {
    let value: Vec<u8> = (0..3_000_001_u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let kv = |key: &[u8], value: &[u8]| {
        bytes_field(2, &[bytes_field(1, key), bytes_field(5, value)].concat())
    };
    let reply = [
        kv(b"a", &value),
        kv(b"b", b""),
        kv(b"c", &value[..999_999]),
        varint_field(4, 3),
    ]
    .concat();
    let expected = format!(
        r#"{{"kvs":[{{"key":"YQ==","value":"{}"}},{{"key":"Yg=="}},{{"key":"Yw==","value":"{}"}}],"count":"3"}}"#,
        BASE64_STANDARD.encode(&value),
        BASE64_STANDARD.encode(&value[..999_999]),
    );
    each_mode(|gateway, upstream, mode| {
        for size in [1_001, 16_384, 400_000] {
            upstream.always(
                Script::after_request()
                    .head()
                    .data_in_frames(&frame(&reply), size)
                    .status(0, ""),
            );
            for response in [
                gateway.post(RANGE, "{}"),
                gateway.send_h2(&Request::post(RANGE, "{}")),
            ] {
                let case = format!("{mode:?} in frames of {size}");
                assert_eq!((response.status, response.end), (200, End::Clean), "{case}");
                assert!(
                    response.body() == expected.as_bytes(),
                    "{case}: the body differs"
                );
            }
        }
    });
}

#[test]
fn an_answer_of_85_megabytes_passes_in_bounded_memory() {
    const VALUES: usize = 64;
    const MEMORY: u64 = 24 << 20;
    let value: Vec<u8> = (0..1_000_000).map(|index| (index % 251) as u8).collect();
    let kv = bytes_field(2, &[bytes_field(1, b"k"), bytes_field(5, &value)].concat());
    let reply = frame(&[kv.repeat(VALUES), varint_field(4, VALUES as u64)].concat());
    let encoded = BASE64_STANDARD.encode(&value);
    let item = format!(r#"{{"key":"aw==","value":"{encoded}"}}"#);
    let expected = format!(
        r#"{{"kvs":[{}],"count":"64"}}"#,
        vec![item; VALUES].join(",")
    );
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let mut gateway = Gateway::start(mode, json!({}), &upstream);
        assert_eq!(gateway.post(RANGE, "{}").status, 200, "{mode:?}");
        let before = gateway.process().usage().unwrap().rss;
        let script = Script::after_request().head();
        upstream.once(script.data_in_frames(&reply, 1 << 20).status(0, ""));
        let response = gateway.post(RANGE, "{}");
        assert_eq!(
            (response.status, response.end),
            (200, End::Clean),
            "{mode:?}"
        );
        assert!(
            response.body() == expected.as_bytes(),
            "{mode:?}: the body differs"
        );
        let after = gateway.process().usage().unwrap().peak_rss;
        let grown = after.saturating_sub(before);
        assert!(grown < MEMORY, "{mode:?}: Envoy grew by {} MB", grown >> 20);
    }
}

#[test]
fn an_answer_cut_anywhere_into_frames_is_the_same_answer() {
    let reply = [
        bytes_field(1, &varint_field(3, 9)),
        bytes_field(2, &bytes_field(1, b"k")),
        varint_field(4, 1),
    ]
    .concat();
    each_mode(|gateway, upstream, mode| {
        let framed = frame(&reply);
        for at in 0..=framed.len() {
            let (head, tail) = framed.split_at(at);
            upstream.always(
                Script::after_request()
                    .head()
                    .data(head)
                    .data(tail)
                    .status(0, ""),
            );
            let response = gateway.post(RANGE, "{}");
            assert_eq!(
                response.json(),
                json!({"header": {"revision": "9"}, "kvs": [{"key": "aw=="}], "count": "1"}),
                "{mode:?} at {at}"
            );
        }
        upstream.always(Script::message(b""));
    });
}
