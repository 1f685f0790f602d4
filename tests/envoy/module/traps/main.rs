//! What happens should the module end all the same: nobody hangs, and the next request works.
//!
//! Nothing is known that would end it (`tests/envoy/module/module`), so these tests put a fault into the module as it
//! ships.

mod faulty;

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use faulty::Fault;
use testbed::client::{Body, End, Request, Response, h1};
use testbed::envoy_config::EnvoyConfig;
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::scratch;
use testbed::upstream::{Received, Script, Step, Upstream};
use testbed::wire::{bytes_field, frame, varint_field};

/// By when a client must know that the module has ended.
const SOON: Duration = Duration::from_secs(3);

/// How long Envoy waits after it has made a VM until it replaces it, by default.
const BACKOFF: Duration = Duration::from_millis(1100);

/// The length of the body that the faults in `proxy_on_request_body` are for.
const FATAL_BODY: u32 = 7777;

/// The length of the answer to a call that the fault in `proxy_on_grpc_receive` is for.
const FATAL_ANSWER: u32 = 777;

/// Envoy's buffer limit: what it hands over at once is small beside the body that has too little memory.
const BUFFER: u32 = 32 << 10;

/// Envoy's counter of the VMs that it has replaced.
const RELOADS: &str = "wasm.etcd_json_gateway.vm_reload_success";

const PUT: &str = "/etcdserverpb.KV/Put";
const WATCH: &str = "/etcdserverpb.Watch/Watch";

/// Opens watches, answers ranges, never answers a put, and answers for its status in the fatal length.
fn answer(received: &Received) -> Script {
    match received.path.as_str() {
        WATCH => Script::default()
            .step(Step::AwaitMessages(1))
            .head()
            .data(frame(&varint_field(3, 1))),
        PUT => Script::stall(),
        "/etcdserverpb.Maintenance/Status" => {
            let field = bytes_field(2, &vec![b'x'; FATAL_ANSWER as usize - 3]);
            assert_eq!(field.len(), FATAL_ANSWER as usize);
            Script::message(&field)
        }
        _ => Script::message(&varint_field(4, 7)),
    }
}

/// A gateway with a fault.
fn start(mode: Mode, upstream: &Upstream, fault: Fault) -> Gateway {
    upstream.always_with(answer);
    let folder = scratch::folder("faulty").unwrap();
    let module = folder.path().join("faulty.wasm");
    fs::write(&module, faulty::module(fault).unwrap()).unwrap();
    let change = move |config: &mut EnvoyConfig| config.module(&module).map(|_| ());
    let gateway = Setup::new(mode, upstream.address())
        .change(change)
        .buffer_limit(BUFFER)
        .may_trap()
        .start();
    thread::sleep(BACKOFF);
    gateway
}

/// Asks for a watch.
fn open_watch(gateway: &Gateway) -> h1::Connection {
    let mut connection = h1::Connection::open(gateway.address()).unwrap();
    let request = Request::new("POST", "/v3/watch").body(Body::Pieces(Vec::new()));
    connection.send_head(&request).unwrap();
    connection
        .send_chunk(br#"{"create_request":{"key":"Zm9v"}}"#)
        .unwrap();
    connection
}

/// Reads the first line of a watch.
fn read_first(connection: &mut h1::Connection) -> Response {
    let mut head = connection.read_head().unwrap();
    assert!(connection.read_piece(&mut head).unwrap().is_some());
    head
}

/// Sends a request from another thread, and waits until the upstream has it.
fn pending_put(gateway: &Gateway, upstream: &Upstream) -> thread::JoinHandle<Response> {
    let address = gateway.address();
    let put = thread::spawn(move || h1::send(address, &Request::post("/v3/kv/put", "{}")).unwrap());
    upstream.wait_for("a put", |all| {
        all.iter().any(|one| one.path == PUT && one.ended)
    });
    put
}

fn assert_serves_again(gateway: &mut Gateway, case: &str) {
    let answer = gateway.post("/v3/kv/range", "{}");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (200, r#"{"count":"7"}"#),
        "{case}"
    );
    assert_eq!(gateway.envoy().admin_stat(RELOADS).unwrap(), 1, "{case}");
    read_first(&mut open_watch(gateway));
}

/// Brings a gateway to its end by a request, and sees that everybody knows.
fn assert_all_end(mode: Mode, fault: Fault, fatal: &Request) {
    let case = format!("{mode:?} {fault:?}");
    let upstream = Upstream::start().unwrap();
    let mut gateway = start(mode, &upstream, fault);
    let mut watch = open_watch(&gateway);
    let mut head = read_first(&mut watch);
    let put = pending_put(&gateway, &upstream);
    let started = Instant::now();
    let answer = gateway.send(fatal);
    assert!(answer.status >= 500, "{case}: {answer:?}");
    assert_eq!(watch.read_piece(&mut head).unwrap(), None, "{case}");
    assert_eq!(head.end, End::Cut, "{case}");
    let put = put.join().unwrap();
    assert_eq!((put.status, put.end), (503, End::Clean), "{case}: {put:?}");
    assert!(started.elapsed() < SOON, "{case}: {:?}", started.elapsed());
    upstream.wait_for("the end of the watch and the put", |all| {
        all.iter()
            .filter(|one| [WATCH, PUT].contains(&one.path.as_str()))
            .all(|one| one.reset.is_some())
    });
    assert_serves_again(&mut gateway, &case);
}

#[test]
fn a_panic_ends_every_stream_of_its_worker_at_once() {
    let callback = "proxy_on_request_body";
    let fault = Fault::Panic {
        callback,
        index: 1,
        value: FATAL_BODY,
    };
    let length = FATAL_BODY as usize;
    for mode in Mode::BOTH {
        assert_all_end(
            mode,
            fault,
            &Request::post("/v3/kv/range", format!("{:length$}", "{}")),
        );
    }
}

#[test]
fn a_panic_outside_any_stream_ends_them_too() {
    let callback = "proxy_on_grpc_receive";
    let fault = Fault::Panic {
        callback,
        index: 2,
        value: FATAL_ANSWER,
    };
    for mode in Mode::BOTH {
        assert_all_end(mode, fault, &Request::new("GET", "/version"));
    }
}

#[test]
fn so_does_memory_that_has_run_out() {
    let fault = Fault::OutOfMemory { pages: 24 };
    let value = "A".repeat(2 << 20);
    let body = format!(r#"{{"key":"{value}"}}"#);
    for mode in Mode::BOTH {
        assert_all_end(mode, fault, &Request::post("/v3/kv/range", &body));
    }
}

#[test]
fn a_trap_without_a_panic_ends_the_others_with_what_comes_next_on_them() {
    let callback = "proxy_on_request_body";
    let fault = Fault::Trap {
        callback,
        index: 1,
        value: FATAL_BODY,
    };
    let length = FATAL_BODY as usize;
    for mode in Mode::BOTH {
        let upstream = Upstream::start().unwrap();
        let mut gateway = start(mode, &upstream, fault);
        upstream.live();
        let mut watch = open_watch(&gateway);
        let call = upstream.call();
        call.head();
        call.reply(&varint_field(3, 1));
        let mut head = read_first(&mut watch);
        upstream.always_with(answer);
        let fatal = gateway.post("/v3/kv/range", &format!("{:length$}", "{}"));
        assert_eq!(fatal.status, 503, "{mode:?}: {fatal:?}");
        call.reply(&varint_field(3, 1));
        let started = Instant::now();
        assert_eq!(watch.read_piece(&mut head).unwrap(), None, "{mode:?}");
        assert_eq!(head.end, End::Cut, "{mode:?}");
        assert!(started.elapsed() < SOON, "{mode:?}");
        assert_serves_again(&mut gateway, &format!("{mode:?}"));
    }
}
