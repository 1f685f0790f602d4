//! How a crowd presses.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use testbed::client::{Request, h1};
use testbed::wire::bytes_field;

use crate::crowd::{Asked, Crowd, Protocol};
use crate::{GROWTH, Stage};

/// A value that is more than all windows and buffers on its way.
const LARGE: usize = 1_000_000;

/// A value of which a few fill a stream's window.
const EVENT: usize = 16_000;

/// A value whose document is nearly the largest that stays whole.
const LARGE_EVENT: usize = 40_000;

fn put(stage: &Stage, key: &str, size: usize) {
    let value = BASE64_STANDARD.encode(vec![b'x'; size]);
    let body = format!(
        r#"{{"key":"{}","value":"{value}"}}"#,
        BASE64_STANDARD.encode(key)
    );
    let answer = h1::send(
        stage.etcd.client_address().parse().unwrap(),
        &Request::post("/v3/kv/put", body),
    );
    assert_eq!(answer.unwrap().status, 200);
}

fn range() -> Asked {
    Asked {
        path: "/v3/kv/range",
        json: r#"{"key":"bGFyZ2U="}"#.to_owned(),
        grpc_path: "/etcdserverpb.KV/Range",
        message: bytes_field(1, b"large"),
    }
}

fn watch() -> Asked {
    Asked {
        path: "/v3/watch",
        json: r#"{"create_request":{"key":"YnVzeQ=="}}"#.to_owned(),
        grpc_path: "/etcdserverpb.Watch/Watch",
        message: bytes_field(1, &bytes_field(1, b"busy")),
    }
}

/// From the first revision on.
fn history() -> Asked {
    let mut create = bytes_field(1, b"busy");
    create.extend([0x18, 1]); // start_revision
    Asked {
        json: r#"{"create_request":{"key":"YnVzeQ==","start_revision":1}}"#.to_owned(),
        message: bytes_field(1, &create),
        ..watch()
    }
}

#[test]
fn a_thousand_clients_that_do_not_read_a_large_answer() {
    for protocol in Protocol::ALL {
        let mut stage = Stage::new();
        put(&stage, "large", LARGE);
        stage.watch_over(
            &format!("large answers unread, {protocol:?}"),
            GROWTH,
            |stage| Crowd::of(protocol, stage.gateway.address(), &range(), false),
        );
    }
}

fn watches(size: usize) {
    for protocol in Protocol::ALL {
        let mut stage = Stage::new();
        let what = format!("watches of {size} bytes unread, {protocol:?}");
        stage.watch_over(&what, GROWTH, |stage| {
            let crowd = Crowd::of(protocol, stage.gateway.address(), &watch(), true);
            for _ in 0..30 {
                put(stage, "busy", size);
            }
            crowd
        });
    }
}

#[test]
fn a_thousand_clients_that_do_not_read_their_watches() {
    watches(EVENT);
}

#[test]
fn a_thousand_clients_that_do_not_read_large_documents() {
    watches(LARGE_EVENT);
}

#[test]
fn a_thousand_clients_that_do_not_read_large_events_of_old() {
    for protocol in Protocol::ALL {
        let mut stage = Stage::new();
        for _ in 0..2 {
            put(&stage, "busy", LARGE);
        }
        stage.watch_over(
            &format!("old events unread, {protocol:?}"),
            GROWTH,
            |stage| Crowd::of(protocol, stage.gateway.address(), &history(), true),
        );
    }
}
