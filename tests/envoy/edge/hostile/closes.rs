//! Clients that leave, at every stage of a call of every kind.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use envoy_tests::answers::{MESSAGE, head, message};
use envoy_tests::frames::{END_STREAM, data, reset};
use envoy_tests::raw_client::{Raw, with};
use envoy_tests::raw_upstream::{Act, CASE, Script, case_value};
use envoy_tests::world::{Case, World};
use testbed::client::h1;

/// Long enough for what was sent to be on its way, and for nothing to depend on it.
const MOMENT: Duration = Duration::from_millis(15);

/// Answers that begin and never end.
pub fn scripts() -> Vec<Script> {
    let beginnings: [fn(u32) -> Vec<u8>; 5] = [
        |_| Vec::new(),
        head,
        |stream| [head(stream), message(stream, MESSAGE)].concat(),
        |stream| [head(stream), data(stream, 0, &[0, 0, 0, 0, 200, 0x12])].concat(),
        |stream| {
            let many = testbed::wire::frame(MESSAGE).repeat(8000);
            [head(stream), data(stream, 0, &many)].concat()
        },
    ];
    let script = |beginning: fn(u32) -> Vec<u8>| -> Script {
        Arc::new(move |stream| vec![Act::AwaitData, Act::Send(beginning(stream))])
    };
    beginnings.map(script).into()
}

/// Calls, by their heads and bodies.
const CALLS: [(&str, &str, &str); 7] = [
    ("POST", "/v3/kv/range", "{}"),
    ("POST", "/v3/kv/range", ""),
    ("GET", "/version", ""),
    ("POST", "/v3/watch", "{\"create_request\":{}} {}"),
    ("POST", "/v3/lease/keepalive", "{\"ID\":1}{\"ID\":2}[[["),
    ("POST", "/v3/maintenance/snapshot", "{}"),
    ("GET", "/v3/watch?create_request.key=AA==", ""),
];

pub fn cases(scripts: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    for number in 0..scripts {
        for (method, path, body) in CALLS {
            let name = format!("a client that leaves answer {number} of {method} {path} {body}");
            cases.push(Case::new(name, move |world: &World| {
                let leave = leave_http1(world, number, method, path, body);
                leave.map_err(|error| error.to_string())?;
                leave_http2(world, number, path, body).map_err(|error| error.to_string())
            }));
        }
    }
    cases
}

/// Cuts a request at several places, and leaves there: at once, politely, or after a moment.
fn leave_http1(
    world: &World,
    number: usize,
    method: &str,
    path: &str,
    body: &str,
) -> Result<(), testbed::client::Error> {
    let case = case_value(number);
    let events = if method == "GET" {
        "Accept: text/event-stream\r\n"
    } else {
        ""
    };
    let length = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: etcd\r\nGrpc-Metadata-{CASE}: {case}\r\n{events}{length}\r\n"
    );
    let whole = format!("{head}{body}");
    for (index, cut) in [
        10,
        head.len() - 2,
        head.len(),
        head.len() + body.len() / 2,
        whole.len(),
    ]
    .into_iter()
    .enumerate()
    {
        let mut connection = h1::Connection::open(world.gateway.address())?;
        connection.send_raw(&whole.as_bytes()[..cut])?;
        if index % 2 == 0 {
            thread::sleep(MOMENT);
        }
        if number.is_multiple_of(2) {
            connection.shut()?;
        }
    }
    Ok(())
}

/// The same by resetting streams, with several codes, or by closing the connection under them.
fn leave_http2(world: &World, number: usize, path: &str, body: &str) -> std::io::Result<()> {
    let mut client = Raw::open(world)?;
    let case = case_value(number);
    let more = [
        ("grpc-metadata-case", case.as_str()),
        ("accept", "text/event-stream"),
    ];
    let flags = if body.is_empty() { END_STREAM } else { 0 };
    for (index, code) in [0, 2, 5, 8, 255].into_iter().enumerate() {
        let stream = 1 + 2 * index as u32;
        client.send(&with(stream, path, flags, &more));
        if !body.is_empty() {
            let flags = if index % 2 == 0 { END_STREAM } else { 0 };
            client.send(&data(stream, flags, body.as_bytes()));
        }
        thread::sleep(MOMENT);
        client.send(&reset(stream, code));
    }
    client.send(&with(101, path, flags, &more));
    thread::sleep(MOMENT);
    Ok(())
}
