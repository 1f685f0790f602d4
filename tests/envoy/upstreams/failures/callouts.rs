//! Answers to the calls that the filter makes itself, for requests without a body. Envoy hands those over whole.

use std::sync::Arc;

use envoy_tests::answers::{head, status};
use envoy_tests::frames::data;
use envoy_tests::raw_upstream::{Act, CASE, Script, case_value};
use envoy_tests::verdict::Expect;
use envoy_tests::world::{RANGE, World};
use serde_json::json;
use testbed::client::{Request, h1};
use testbed::envoy_config::EnvoyConfig;
use testbed::gateway::{Mode, Setup};
use testbed::upstream::{Script as Answer, Upstream};
use testbed::vectors::Dialect;
use testbed::wire::bytes_field;

/// About as much JSON as a message can stand for: 8 bytes for each of its own.
fn transactions(size: usize) -> Script {
    let operation = (0..25).fold(bytes_field(3, &bytes_field(3, b"")), |inner, _| {
        bytes_field(3, &bytes_field(4, &inner))
    });
    let piece = operation.repeat((1 << 14) / operation.len());
    let count = size / piece.len();
    let length = u32::try_from(piece.len() * count).unwrap();
    let prefix = [&[0][..], &length.to_be_bytes()].concat();
    Arc::new(move |stream| {
        vec![
            Act::AwaitEnd,
            Act::Send(head(stream)),
            Act::Flood(data(stream, 0, &prefix), 1),
            Act::Flood(data(stream, 0, &piece), count),
            Act::Send(status(stream, "0")),
        ]
    })
}

#[test]
fn an_answer_to_a_call_without_a_body_is_refused_where_its_json_would_not_fit() {
    let sizes = [3 << 20, 60 << 20];
    let scripts = Arc::new(sizes.map(transactions).to_vec());
    for mode in Mode::BOTH {
        let world = World::start(mode, Dialect::Compatible, &scripts);
        for (number, expect) in [Expect::Status(200), Expect::Error(429, 8)]
            .iter()
            .enumerate()
        {
            let request = Request::new("POST", "/v3/kv/txn")
                .header(&format!("Grpc-Metadata-{CASE}"), case_value(number));
            let answer = h1::send(world.gateway.address(), &request);
            assert_eq!(expect.check(&answer), Ok(()), "{mode:?}");
            world.still_serves().unwrap();
        }
    }
}

#[test]
fn a_call_on_a_cluster_that_is_not_there_is_an_error() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let by_header = |config: &mut EnvoyConfig| {
            let route = json!({"match": {"prefix": "/"}, "route": {"cluster_header": "cluster"}});
            *config.routes()? = vec![route];
            Ok(())
        };
        let gateway = Setup::new(mode, upstream.address())
            .callouts()
            .change(by_header)
            .start();
        let lengths = [0, 1, 117, 118, 119, 127, 128, 200, 300];
        let mut names = lengths.map(|length| "a".repeat(length)).to_vec();
        names.extend(["\"\"\"", "z}", "outbound|2379||etcd"].map(str::to_owned));
        for name in names {
            let request = Request::new("POST", RANGE).header("cluster", &name);
            let answer = h1::send(gateway.address(), &request);
            assert_eq!(Expect::Code(14).check(&answer), Ok(()), "{mode:?} {name:?}");
        }
        let request = Request::new("POST", RANGE).header("cluster", "etcd");
        assert_eq!(gateway.send(&request).status, 200, "{mode:?}");
    }
}

#[test]
fn a_call_where_no_route_leads_anywhere_is_an_error() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let grpc_alone = |config: &mut EnvoyConfig| {
            config.routes()?[0]["match"] = json!({"prefix": "/etcdserverpb."});
            Ok(())
        };
        let gateway = Setup::new(mode, upstream.address())
            .callouts()
            .change(grpc_alone)
            .start();
        for request in [Request::new("POST", RANGE), Request::new("GET", "/version")] {
            let answer = h1::send(gateway.address(), &request);
            assert_eq!(Expect::Error(503, 14).check(&answer), Ok(()), "{mode:?}");
        }
    }
}

#[test]
fn an_error_without_a_message_is_the_same_with_and_without_a_body() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address()).callouts().start();
        for code in 1..17 {
            upstream.always(Answer::error(code, ""));
            let with = gateway.post(RANGE, "{}");
            let without = gateway.send(&Request::new("POST", RANGE));
            assert_eq!(with.status, without.status, "{mode:?} {code}");
            // Of too much Envoy says no more, so that the two cannot be told apart.
            if code != 8 {
                assert_eq!(with.text(), without.text(), "{mode:?} {code}");
            }
        }
    }
}
