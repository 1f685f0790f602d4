//! Native gRPC through the filter: etcdctl and JSON clients share one port.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

use serde_json::json;
use testbed::client::{Body, End, Request, h2};
use testbed::gateway::{Gateway, Mode};
use testbed::upstream::{Script, Upstream, fields};
use testbed::wire::frame;

fn grpc(path: &str) -> Request {
    Request::new("POST", path)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("token", "t")
}

#[test]
fn a_grpc_call_and_its_answer_are_untouched() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for content_type in ["application/grpc", "application/grpc+proto"] {
            let request = Request {
                headers: fields(&[("content-type", content_type), ("token", "t")]),
                ..grpc("/etcdserverpb.KV/Range")
            };
            upstream.once(Script::message(b"\x20\x07"));
            let response = gateway.send_h2(&request.body(Body::Pieces(vec![frame(b"\x0a\x01k")])));
            assert_eq!(
                (response.status, response.body()),
                (200, frame(b"\x20\x07")),
                "{mode:?}"
            );
            assert_eq!(
                response.header("content-type").unwrap(),
                "application/grpc",
                "{mode:?}"
            );
            assert_eq!(
                response.header("access-control-allow-origin"),
                None,
                "{mode:?}"
            );
            assert_eq!(
                response.trailers,
                fields(&[("grpc-status", "0")]),
                "{mode:?}"
            );
            let received = upstream.take().remove(0);
            assert_eq!(received.path, "/etcdserverpb.KV/Range");
            assert_eq!(received.body, frame(b"\x0a\x01k"));
            assert_eq!(received.header("content-type").unwrap(), content_type);
            assert_eq!(
                received.header("token").unwrap(),
                "t",
                "a gRPC client's own token"
            );
            assert!(received.values("grpcgateway-accept").is_empty());
        }
    }
}

#[test]
fn a_grpc_error_is_untouched() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::error(5, "gone 100%"));
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        // Also on a path of the JSON API: the content type decides.
        for path in ["/etcdserverpb.KV/Range", "/v3/kv/range"] {
            let response = gateway.send_h2(&grpc(path).body(Body::Pieces(vec![frame(b"")])));
            assert_eq!(
                (response.status, response.header("grpc-status").as_deref()),
                (200, Some("5")),
                "{mode:?}"
            );
            assert_eq!(
                response.header("grpc-message").unwrap(),
                "gone 100%25",
                "{mode:?}"
            );
            assert_eq!(upstream.take()[0].path, path, "{mode:?}");
        }
    }
}

#[test]
fn a_grpc_stream_flows_in_both_directions() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        let connection = h2::Connection::open(gateway.address()).unwrap();
        let mut stream = connection
            .begin(&grpc("/etcdserverpb.Watch/Watch").body(Body::Pieces(Vec::new())))
            .unwrap();
        stream.send_data(&frame(b"first"), false).unwrap();
        let call = upstream.call();
        assert_eq!(call.message(0), b"first", "{mode:?}");
        call.head();
        call.reply(b"one");
        let mut response = stream.read_head().unwrap();
        assert_eq!(
            stream.read_piece(&mut response).unwrap().unwrap(),
            frame(b"one"),
            "{mode:?}"
        );
        stream.send_data(&frame(b"second"), true).unwrap();
        assert_eq!(call.message(1), b"second", "{mode:?}");
        call.reply(b"two");
        call.finish(1, "done");
        assert_eq!(
            stream.read_piece(&mut response).unwrap().unwrap(),
            frame(b"two"),
            "{mode:?}"
        );
        assert_eq!(stream.read_piece(&mut response).unwrap(), None, "{mode:?}");
        assert_eq!(
            (response.end, response.trailers),
            (
                End::Clean,
                fields(&[("grpc-status", "1"), ("grpc-message", "done")])
            )
        );
    }
}
