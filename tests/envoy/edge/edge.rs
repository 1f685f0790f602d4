//! What the full example does at the edge of a network: requests that etcd's own port serves, and clients that vanish.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;
use testbed::client::{Request, h1};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Upstream};

const RANGE: &str = "/v3/kv/range";

fn example(upstream: &Upstream) -> Gateway {
    upstream.always(Script::message(b""));
    Setup::example(Mode::Full, upstream.address()).start()
}

/// What comes back for these bytes until the connection is quiet.
fn raw(address: SocketAddr, request: &str) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer); // ends by the timeout where it is kept open
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn an_offer_to_upgrade_is_overheard() {
    let upstream = Upstream::start().unwrap();
    let gateway = example(&upstream);
    for offer in [
        "TLS/1.2",
        "TLS/1.3, TLS/1.2",
        "h2c",
        "HTTP/2.0",
        "foo",
        "w",
        "websockets",
        "websocke",
    ] {
        let request = Request::post(RANGE, "{}")
            .header("Connection", "Upgrade")
            .header("Upgrade", offer);
        let answer = gateway.send(&request);
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, "{}"),
            "{offer}"
        );
    }
    // curl's, with the settings that go with it.
    let request = Request::post(RANGE, "{}")
        .header("Connection", "Upgrade, HTTP2-Settings")
        .header("Upgrade", "h2c")
        .header("HTTP2-Settings", "AAMAAABkAAQAAP__");
    assert_eq!(gateway.send(&request).status, 200);
}

#[test]
fn http_1_0_is_served_with_and_without_a_host() {
    let upstream = Upstream::start().unwrap();
    let gateway = example(&upstream);
    let address = gateway.address();
    for (head, kept) in [
        ("", false),
        ("Host: localhost\r\n", false),
        ("Connection: keep-alive\r\n", true),
    ] {
        let request = format!("POST {RANGE} HTTP/1.0\r\n{head}Content-Length: 2\r\n\r\n{{}}");
        let answer = raw(address, &request);
        assert!(answer.contains(" 200 OK"), "{head}: {answer}");
        assert!(answer.ends_with("{}"), "{head}: {answer}");
        assert_eq!(answer.contains("keep-alive"), kept, "{head}: {answer}");
    }
}

#[test]
fn an_error_keeps_its_connection() {
    let upstream = Upstream::start().unwrap();
    let gateway = example(&upstream);
    let mut connection = h1::Connection::open(gateway.address()).unwrap();
    for code in [3, 9, 11].repeat(10) {
        upstream.once(Script::error(code, "refused"));
        let answer = connection.exchange(&Request::post(RANGE, "{}")).unwrap();
        assert_eq!(answer.status, 400, "{code}");
        assert_eq!(answer.header("connection"), None, "{code}");
    }
    // A body that has come whole, and is no JSON or no message.
    for body in ["{", "[]", r#"{"limit":"x"}"#, r#"{"key":"!"}"#].repeat(10) {
        let answer = connection.exchange(&Request::post(RANGE, body)).unwrap();
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.header("connection"), None, "{body}");
    }
    let answer = connection
        .exchange(&Request::post("/v3/watch", "{}"))
        .unwrap();
    assert_eq!(answer.status, 400);
    let answer = connection.exchange(&Request::post(RANGE, "{}")).unwrap();
    assert_eq!(answer.status, 200);
}

#[test]
fn a_page_is_served_under_the_names_that_are_listed_alone() {
    let upstream = Upstream::start().unwrap();
    let gateway = example(&upstream);
    let address = gateway.address();
    let post = |host: &str, more: &str| {
        let head = format!("POST {RANGE} HTTP/1.1\r\nHost: {host}\r\n{more}");
        raw(
            address,
            &format!("{head}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"),
        )
    };
    for host in ["localhost", "localhost:8379", "127.0.0.1:1", "[::1]:8379"] {
        let origin = format!("Origin: http://{host}\r\n");
        assert!(post(host, &origin).contains(" 200 OK"), "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:8379",
        "127.0.0.1.evil.example",
        "localhost.evil",
    ] {
        upstream.take();
        let origin = format!("Origin: http://{host}\r\n");
        let answer = post(host, &origin);
        assert!(answer.contains(" 421 "), "{host}: {answer}");
        let get = format!(
            "GET /v3/watch?create_request.key=YQ== HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n"
        );
        let answer = raw(address, &get);
        assert!(answer.contains(" 421 "), "{host}: {answer}");
        assert!(upstream.take().is_empty(), "{host}");
        // Who is no browser may call it what he likes.
        assert!(post(host, "").contains(" 200 OK"), "{host}");
    }
}

/// Whether the kernel has a keepalive timer on the connection from this client's port to the gateway's.
fn has_keepalive(gateway: u16, client: u16) -> bool {
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().skip(1).any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let port = |field: &str| u16::from_str_radix(field.split(':').nth(1).unwrap(), 16).unwrap();
        // Documentation/networking/proc_net_tcp.rst: timer 2 is keepalive.
        port(fields[1]) == gateway && port(fields[2]) == client && fields[5].starts_with("02:")
    })
}

#[test]
fn the_kernel_looks_after_clients_that_say_nothing() {
    let upstream = Upstream::start().unwrap();
    let gateway = example(&upstream);
    let mut socket = TcpStream::connect(gateway.address()).unwrap();
    let body = r#"{"progress_request":{}}"#;
    upstream.always(Script::stall());
    let head = format!(
        "POST /v3/watch HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all((head + body).as_bytes()).unwrap();
    upstream.wait_for("the watch", |requests| !requests.is_empty());
    let client = socket.local_addr().unwrap().port();
    assert!(has_keepalive(gateway.address().port(), client));
}

#[test]
fn a_vanished_http2_client_takes_its_watch_with_it() {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::stall());
    // In the file it takes 30 s.
    let gateway = Setup::example(Mode::Full, upstream.address())
        .change(|config| {
            let http2 = &mut config.connection_manager()?["http2_protocol_options"];
            http2["connection_keepalive"] = json!({"interval": "0.3s", "timeout": "0.3s"});
            Ok(())
        })
        .start();
    // It opens a watch and then neither reads nor answers pings.
    let mut socket = TcpStream::connect(gateway.address()).unwrap();
    let literal = |name: &str, value: &str| {
        let length = |text: &str| u8::try_from(text.len()).unwrap();
        let mut field = vec![0, length(name)];
        field.extend(name.bytes());
        field.push(length(value));
        field.extend(value.bytes());
        field
    };
    let fields = [
        literal(":method", "POST"),
        literal(":scheme", "http"),
        literal(":path", "/v3/watch"),
        literal(":authority", "localhost"),
    ]
    .concat();
    let frame = |kind: u8, flags: u8, stream: u32, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
    };
    let body = br#"{"progress_request":{}}"#;
    let hello = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        frame(4, 0, 0, b""),
        frame(1, 4, 1, &fields),
        frame(0, 0, 1, body),
    ];
    socket.write_all(&hello.concat()).unwrap();
    upstream.wait_for("the watch", |requests| !requests.is_empty());
    let started = Instant::now();
    upstream.wait_for("its end", |requests| requests[0].reset.is_some());
    assert!(started.elapsed() < Duration::from_secs(5));
}
