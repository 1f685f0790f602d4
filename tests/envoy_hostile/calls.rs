//! Answers to the calls that the filter makes itself, for requests without a body. Envoy hands those over whole.

use std::sync::Arc;

use testbed::client::{Request, h1};
use testbed::gateway::Mode;
use testbed::vectors::Dialect;
use testbed::wire::bytes_field;

use crate::frames::data;
use crate::raw_upstream::{Act, CASE, Script, case_value};
use crate::upstream::{head, status};
use crate::verdict::Expect;
use crate::world::World;

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
