//! How a crowd presses.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use testbed::client::{Request, h1};
use testbed::wire::bytes_field;

use crate::Stage;
use crate::crowd::{Asked, Crowd, Protocol};

/// A value that is more than all windows and buffers on its way.
const LARGE: usize = 1_000_000;

/// A value of which a few fill a stream's window.
const EVENT: usize = 40_000;

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

#[test]
fn a_thousand_clients_that_do_not_read_a_large_answer() {
    for protocol in Protocol::ALL {
        let mut stage = Stage::new();
        put(&stage, "large", LARGE);
        stage.watch_over(&format!("large answers unread, {protocol:?}"), |stage| {
            Crowd::of(protocol, stage.gateway.address(), &range(), false)
        });
    }
}

#[test]
fn a_thousand_clients_that_do_not_read_their_watches() {
    for protocol in Protocol::ALL {
        let mut stage = Stage::new();
        stage.watch_over(&format!("watches unread, {protocol:?}"), |stage| {
            let crowd = Crowd::of(protocol, stage.gateway.address(), &watch(), true);
            for _ in 0..30 {
                put(stage, "busy", EVENT);
            }
            crowd
        });
    }
}
