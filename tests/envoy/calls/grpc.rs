//! Native gRPC through the filter: etcdctl and JSON clients share one port.

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
            // Or an etcd behind mutual TLS would take Envoy for the caller.
            assert_eq!(received.values("grpcgateway-accept"), [b"*/*"]);
        }
    }
}

#[test]
fn a_grpc_error_is_untouched() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::error(5, "gone 100%"));
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        let call = grpc("/etcdserverpb.KV/Range").body(Body::Pieces(vec![frame(b"")]));
        let response = gateway.send_h2(&call);
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

#[test]
fn native_grpc_passes_as_it_is_or_is_refused_where_that_is_configured() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let call = grpc("/etcdserverpb.KV/Range").body(Body::Pieces(vec![frame(b"")]));
        let plugin = json!({"native_grpc": "as_certificate"});
        let gateway = Gateway::start(mode, plugin, &upstream);
        assert_eq!(gateway.send_h2(&call).status, 200, "{mode:?}");
        let received = upstream.take().remove(0);
        assert!(received.values("grpcgateway-accept").is_empty());

        let gateway = Gateway::start(mode, json!({"native_grpc": "refuse"}), &upstream);
        for content_type in [
            "application/grpc",
            "application/grpc+proto",
            "Application/Grpc",
        ] {
            let call = Request::new("POST", "/etcdserverpb.KV/Range")
                .header("content-type", content_type)
                .body(Body::Pieces(vec![frame(b"")]));
            let response = gateway.send_h2(&call);
            assert!(upstream.take().is_empty(), "{mode:?} {content_type}");
            if content_type.starts_with('a') {
                let status = response.header("grpc-status");
                assert_eq!(status.as_deref(), Some("12"), "{mode:?} {response:?}");
            }
        }
        assert_eq!(gateway.post("/v3/kv/range", "{}").status, 200, "{mode:?}");
        upstream.take();
    }
}
