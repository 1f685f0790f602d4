//! Streams as server-sent events, by GET and by POST, up to a browser's `EventSource`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects
)] // a test fails by panicking

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testbed::browser::Page;
use testbed::client::{Body, End, Request, Response, h1, h2};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::loopback;
use testbed::upstream::{Script, Step, Upstream, grpc_head, status_fields};
use testbed::wire::{bytes_field, frame, varint_field};

const WATCH: &str = "/v3/watch";
const HEARTBEAT: &[u8] = b":\n\n";

/// How long a silent stream goes without a heartbeat, with room for a slow machine.
const SILENCE: Duration = Duration::from_secs(17);

/// How events are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

const PROTOCOLS: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

/// An event as a browser dispatches it; a comment has no data.
#[derive(Debug)]
struct Event {
    kind: Option<String>,
    data: Value,
    id: Option<u64>,
}

impl Event {
    /// From the bytes of one event, the empty line behind it included.
    fn parse(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap();
        let lines = text.strip_suffix("\n\n").unwrap();
        let mut event = Self {
            kind: None,
            data: Value::Null,
            id: None,
        };
        for line in lines.lines() {
            match line.split_once(": ") {
                Some(("event", kind)) => event.kind = Some(kind.to_owned()),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                Some(("id", id)) => event.id = Some(id.parse().unwrap()),
                _ => panic!("an unknown line in {text:?}"),
            }
        }
        event
    }

    /// The values of a watch's events, each with the revision that it was put in.
    fn puts(&self) -> Vec<(String, u64)> {
        let events = self.data["result"]["events"].as_array();
        let puts = events.into_iter().flatten().map(|event| {
            let value = STANDARD.decode(event["kv"]["value"].as_str().unwrap());
            let revision = event["kv"]["mod_revision"].as_str().unwrap();
            (
                String::from_utf8(value.unwrap()).unwrap(),
                revision.parse().unwrap(),
            )
        });
        puts.collect()
    }
}

/// An event stream that is being read.
struct Events {
    source: Source,
    head: Response,
    /// What has come and not been looked at.
    bytes: Vec<u8>,
}

enum Source {
    Http1(h1::Connection),
    Http2(
        h2::Stream,
        #[expect(dead_code, reason = "open as long as it is kept")] h2::Connection,
    ),
}

impl Events {
    fn open(gateway: &Gateway, protocol: Protocol, request: &Request) -> Self {
        let (source, head) = match protocol {
            Protocol::Http1 => {
                let mut connection = h1::Connection::open(gateway.address()).unwrap();
                connection.send(request).unwrap();
                let head = connection.read_head().unwrap();
                (Source::Http1(connection), head)
            }
            Protocol::Http2 => {
                let connection = h2::Connection::open(gateway.address()).unwrap();
                let mut stream = connection.begin(request).unwrap();
                if let Body::Sized(body) = &request.body {
                    stream.send_data(body, true).unwrap();
                }
                let head = stream.read_head().unwrap();
                (Source::Http2(stream, connection), head)
            }
        };
        assert_eq!(
            (head.status, head.header("content-type").as_deref()),
            (200, Some("text/event-stream")),
            "{protocol:?} {request:?}: {head:?}"
        );
        let bytes = Vec::new();
        Self {
            source,
            head,
            bytes,
        }
    }

    fn chunk(&mut self) -> Option<Vec<u8>> {
        match &mut self.source {
            Source::Http1(connection) => connection.read_piece(&mut self.head),
            Source::Http2(stream, _) => stream.read_piece(&mut self.head),
        }
        .unwrap()
    }

    /// The next event or the end; no event may be cut short by it.
    fn next_or_end(&mut self) -> Option<Event> {
        loop {
            if let Some(at) = self.bytes.windows(2).position(|end| end == b"\n\n") {
                let rest = self.bytes.split_off(at + 2);
                return Some(Event::parse(&std::mem::replace(&mut self.bytes, rest)));
            }
            let Some(chunk) = self.chunk() else {
                assert!(self.bytes.is_empty(), "{}", self.bytes.escape_ascii());
                return None;
            };
            self.bytes.extend(chunk);
        }
    }

    fn next(&mut self) -> Event {
        self.next_or_end()
            .unwrap_or_else(|| panic!("the end and no event"))
    }

    /// The values that come until there are `count`, and the last id.
    fn puts(&mut self, count: usize) -> (Vec<String>, u64) {
        let (mut values, mut id) = (Vec::new(), 0);
        while values.len() < count {
            let event = self.next();
            for (value, revision) in event.puts() {
                assert!(revision <= event.id.unwrap(), "{event:?}");
                values.push(value);
            }
            id = event.id.unwrap_or(id);
        }
        (values, id)
    }

    /// Asserts that nothing more comes, and that this is a regular end.
    fn end(mut self) {
        let more = self.next_or_end();
        assert!(more.is_none(), "{more:?}");
        assert_eq!(self.head.end, End::Clean);
    }
}

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

fn get(path: &str) -> Request {
    Request::new("GET", path).header("Accept", "text/event-stream")
}

fn watch(key: &str) -> Request {
    // Unescaped as people write it.
    get(&format!("{WATCH}?create_request.key={}", base64(key)))
}

/// Puts a value, and says in which revision.
fn put(url: &str, key: &str, value: &str) -> u64 {
    let body = json!({"key": base64(key), "value": base64(value)});
    let answer = loopback::post(&format!("{url}/v3/kv/put"), &body.to_string()).unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["header"]["revision"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// A watch response with nothing but its header's revision and one event at `revision`.
fn watch_response(revision: u64) -> Vec<u8> {
    let header = bytes_field(1, &varint_field(3, revision));
    let kv = varint_field(3, revision);
    [header, bytes_field(11, &bytes_field(2, &kv))].concat()
}

#[test]
fn a_get_is_a_watch_whose_events_have_ids_to_resume_behind() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, etcd.client_address()).start();
        for protocol in PROTOCOLS {
            let case = format!("{mode:?} {protocol:?}");
            let mut events = Events::open(&gateway, protocol, &watch("a"));
            for (name, value) in [
                ("cache-control", "no-cache"),
                ("access-control-allow-origin", "*"),
            ] {
                assert_eq!(events.head.header(name).as_deref(), Some(value), "{case}");
            }
            let created = events.next();
            assert_eq!(created.data["result"]["created"], true, "{case}");
            let before = created.id.unwrap();

            let revision = put(&etcd.client_url(), "a", "b");
            assert_eq!(revision, before + 1, "{case}");
            let event = events.next();
            assert_eq!(event.kind, None, "{case}");
            assert_eq!(event.puts(), [("b".to_owned(), revision)], "{case}");
            assert_eq!(event.id, Some(revision), "{case}");
        }
    }
}

#[test]
fn a_post_that_accepts_events_gets_them() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, etcd.client_address()).start();
        for protocol in PROTOCOLS {
            let case = format!("{mode:?} {protocol:?}");
            let body = format!(
                r#"{{"create_request":{{"key":"{0}"}}}}{{"create_request":{{"key":"{0}"}}}}"#,
                base64("a")
            );
            let request = Request::post(WATCH, body)
                .header("Accept", "application/json;q=0.1, text/event-stream");
            let mut events = Events::open(&gateway, protocol, &request);
            for id in [Value::Null, json!("1")] {
                let created = events.next();
                assert_eq!(created.data["result"]["watch_id"], id, "{case}");
                // With several watches in one stream one that begins says nothing of the others.
                assert_eq!(created.id, None, "{case}");
            }
            let revision = put(&etcd.client_url(), "a", "b");
            for _ in 0..2 {
                let event = events.next();
                assert_eq!(event.puts(), [("b".to_owned(), revision)], "{case}");
                assert_eq!(event.id, Some(revision), "{case}");
            }
        }
    }
}

#[test]
fn a_watch_resumed_behind_an_id_misses_nothing_and_repeats_nothing() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let url = etcd.client_url();
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, etcd.client_address()).start();
        for protocol in PROTOCOLS {
            let case = format!("{mode:?} {protocol:?}");
            let key = format!("resumed {case}");
            let mut all = Vec::new();
            let mut events = Events::open(&gateway, protocol, &watch(&key));
            let mut last = events.next().id.unwrap();
            // The first time nothing but the beginning of the watch has been seen.
            for round in 0..3 {
                drop(events);
                for number in 0..4 {
                    let value = format!("{round}.{number}");
                    put(&url, &key, &value);
                    all.push(value);
                }
                let again = watch(&key).header("Last-Event-ID", last.to_string());
                events = Events::open(&gateway, protocol, &again);
                let (values, _) = events.puts(4);
                assert_eq!(values, all[all.len() - 4..], "{case}");
                put(&url, &key, "live");
                let (values, id) = events.puts(1);
                assert_eq!(values, ["live"], "{case}");
                last = id;
            }
            drop(events);

            // What the query says of where to start counts the first time.
            let first = last - u64::try_from(all.len()).unwrap() - 2;
            let mut whole = watch(&key);
            whole.path += &format!("&create_request.startRevision={first}");
            let mut events = Events::open(&gateway, protocol, &whole);
            assert_eq!(events.puts(all.len() + 3).0.len(), all.len() + 3, "{case}");
            let mut events = Events::open(
                &gateway,
                protocol,
                &whole.header("Last-Event-ID", last.to_string()),
            );
            put(&url, &key, "new");
            assert_eq!(events.puts(1).0, ["new"], "{case}");
        }
    }
}

#[test]
fn the_events_of_one_revision_have_one_id() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, etcd.client_address()).start();
        let range_end = base64("u");
        let request = get(&format!(
            "{WATCH}?create_request.key={}&create_request.range_end={range_end}",
            base64("t")
        ));
        let mut events = Events::open(&gateway, Protocol::Http1, &request);
        events.next();
        let puts = ["t1", "t2", "t3"]
            .map(|key| json!({"request_put": {"key": base64(key), "value": base64(key)}}));
        let answer = gateway.post("/v3/kv/txn", &json!({"success": puts}).to_string());
        let revision = answer.json()["header"]["revision"].clone();
        let event = events.next();
        let values: Vec<String> = event.puts().into_iter().map(|(value, _)| value).collect();
        assert_eq!(values, ["t1", "t2", "t3"], "{mode:?}");
        assert_eq!(json!(event.id.unwrap().to_string()), revision, "{mode:?}");
    }
}

#[test]
fn other_streams_of_answers_are_events_too() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, etcd.client_address()).start();
        let lease = gateway.post("/v3/lease/grant", r#"{"TTL":60}"#).json()["ID"].clone();
        let lease = lease.as_str().unwrap();
        let election = base64(&format!("{mode:?}"));
        let body = format!(r#"{{"name":"{election}","lease":"{lease}"}}"#);
        assert_eq!(gateway.post("/v3/election/campaign", &body).status, 200);
        for protocol in PROTOCOLS {
            let case = format!("{mode:?} {protocol:?}");
            let alive = get(&format!("/v3/lease/keepalive?ID={lease}"));
            let mut events = Events::open(&gateway, protocol, &alive);
            assert_eq!(events.next().data["result"]["TTL"], "60", "{case}");
            events.end();

            let observe = get(&format!("/v3/election/observe?name={election}"));
            let mut events = Events::open(&gateway, protocol, &observe);
            assert_eq!(events.next().data["result"]["kv"]["lease"], lease, "{case}");

            let mut events = Events::open(&gateway, protocol, &get("/v3/maintenance/snapshot"));
            let mut bytes = 0;
            while let Some(event) = events.next_or_end() {
                let blob = event.data["result"]["blob"].as_str().unwrap();
                bytes += STANDARD.decode(blob).unwrap().len();
            }
            assert!(bytes > 20_000, "{case}: {bytes}");
            assert_eq!(events.head.end, End::Clean, "{case}");
        }
    }
}

#[test]
fn an_error_behind_the_first_event_is_an_event_of_its_own() {
    let upstream = Upstream::start().unwrap();
    let message = frame(&watch_response(7));
    let begun = Script::default()
        .step(Step::AwaitMessages(1))
        .head()
        .data(message);
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for protocol in PROTOCOLS {
            for (name, script, code) in [
                ("a status", begun.clone().status(8, "too many"), 8),
                ("a reset", begun.clone().reset(2), 14),
                (
                    "a lost connection",
                    begun.clone().step(Step::Disconnect),
                    14,
                ),
                ("no status", begun.clone().end(), 13),
                ("a bad frame", begun.clone().data(*b"\x07\0\0\0\0"), 13),
            ] {
                let case = format!("{mode:?} {protocol:?} {name}");
                upstream.once(script);
                let mut events = Events::open(&gateway, protocol, &watch("a"));
                assert_eq!(events.next().id, Some(7), "{case}");
                let error = events.next();
                assert_eq!(error.kind.as_deref(), Some("error"), "{case}");
                assert_eq!(error.data["error"]["code"], code, "{case}: {error:?}");
                assert_eq!(error.id, None, "{case}");
                assert!(events.next_or_end().is_none(), "{case}");
            }
        }
    }
}

#[test]
fn an_etcd_that_is_killed_is_an_error_event() {
    let mut etcd = Etcd::start(Version::V3_7_3).unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, etcd.client_address()).start();
        let mut events = PROTOCOLS.map(|protocol| Events::open(&gateway, protocol, &watch("a")));
        for events in &mut events {
            events.next();
        }
        etcd.kill().unwrap();
        for mut events in events {
            let error = events.next();
            assert_eq!(error.kind.as_deref(), Some("error"), "{mode:?}");
            assert_eq!(error.data["error"]["code"], 14, "{mode:?}: {error:?}");
            assert!(events.next_or_end().is_none(), "{mode:?}");
        }
        etcd.restart().unwrap();
    }
}

#[test]
fn an_error_before_the_first_event_is_an_http_status() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for (code, status) in [(16, 401), (14, 503)] {
            for head in [true, false] {
                let script = Script::default().step(Step::AwaitMessages(1));
                let script = match (mode, head) {
                    // In this mode a head has gone out when its trailers come.
                    (Mode::Plain, _) | (_, false) => {
                        let Step::Head {
                            status, headers, ..
                        } = grpc_head()
                        else {
                            panic!("no head")
                        };
                        let headers = [headers, status_fields(code, "no")].concat();
                        script.step(Step::Head {
                            status,
                            headers,
                            end: true,
                        })
                    }
                    (Mode::Full, true) => script.head().status(code, "no"),
                };
                for send in [Gateway::send, Gateway::send_h2] {
                    upstream.once(script.clone());
                    let answer = send(
                        &gateway,
                        &watch("a").header("Origin", "http://page.example"),
                    );
                    let case = format!("{mode:?} {answer:?}");
                    assert_eq!(answer.status, status, "{case}");
                    assert_eq!(answer.json()["error"]["code"], code, "{case}");
                    assert_eq!(
                        answer.header("access-control-allow-origin").as_deref(),
                        Some("*"),
                        "{case}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_query_that_cannot_be_a_request_is_400() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({"cors": ["http://page.example"]}), &upstream);
        for (query, named) in [
            ("create_request.start_revision=x", "start_revision"),
            ("create_request.start_revision=", "start_revision"),
            ("create_request.key=*", "key"),
            ("create_request.filters=NOPE", "filters"),
            ("create_request.prev_kv=yes", "prev_kv"),
            (
                "create_request.key=YQ==&cancel_request.watch_id=1",
                "cancel_request",
            ),
            ("key=YQ==", "query string"),
            ("", "query string"),
        ] {
            let request = get(&format!("{WATCH}?{query}")).header("Origin", "http://page.example");
            for answer in [gateway.send(&request), gateway.send_h2(&request)] {
                let case = format!("{mode:?} {query}: {answer:?}");
                assert_eq!(
                    (answer.status, answer.json_error()),
                    (400, Some(3)),
                    "{case}"
                );
                let message = answer.json()["message"].clone();
                assert!(message.as_str().unwrap().contains(named), "{case}");
                assert_eq!(
                    answer.header("access-control-allow-origin").as_deref(),
                    Some("http://page.example"),
                    "{case}"
                );
            }
        }
        assert!(upstream.requests().is_empty(), "{mode:?}");
    }
}

#[test]
fn a_get_that_nobody_gave_a_body_is_501_and_says_what_to_do() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::new(mode, upstream.address())
            .without_get_events()
            .start();
        for answer in [gateway.send(&watch("a")), gateway.send_h2(&watch("a"))] {
            assert_eq!(
                (answer.status, answer.json_error()),
                (501, Some(12)),
                "{answer:?}"
            );
            let message = answer.json()["message"].clone();
            assert!(
                message.as_str().unwrap().contains("envoy/get-events.yaml"),
                "{answer:?}"
            );
        }
        assert!(upstream.requests().is_empty(), "{mode:?}");
    }
}

#[test]
fn nothing_but_a_get_of_a_stream_of_events_is_changed() {
    let upstream = Upstream::start().unwrap();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for request in [
            Request::new("GET", WATCH),
            Request::new("GET", WATCH).header("Accept", "*/*"),
            get("/v3/kv/range"),
            watch("a").method("HEAD"),
            watch("a").method("PUT"),
            watch("a").method("DELETE"),
        ] {
            for answer in [gateway.send(&request), gateway.send_h2(&request)] {
                assert_eq!(answer.status, 405, "{mode:?} {request:?}: {answer:?}");
                assert_eq!(answer.header("allow").as_deref(), Some("POST, OPTIONS"));
            }
        }
        assert!(upstream.requests().is_empty(), "{mode:?}");

        // Unary calls have one answer, whatever a client accepts.
        let unary = Request::post("/v3/kv/range", "{}").header("Accept", "text/event-stream");
        let answer = gateway.send(&unary);
        assert_eq!(
            (
                answer.text().as_str(),
                answer.header("content-type").as_deref()
            ),
            ("{}", Some("application/json")),
            "{mode:?}"
        );
        upstream.take();

        // What is not the filter's passes as it came.
        for (request, body) in [
            (get("/elsewhere"), ""),
            (Request::new("GET", "/elsewhere"), ""),
            (
                get("/elsewhere").body(Body::Sized(b"body".to_vec())),
                "body",
            ),
        ] {
            gateway.send_h2(&request);
            let received = upstream.take().pop().unwrap();
            assert_eq!(
                (received.method.as_str(), received.body.as_slice()),
                ("GET", body.as_bytes()),
                "{mode:?} {request:?}"
            );
        }
    }
}

#[test]
fn a_client_that_leaves_cancels_its_watch() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    for mode in Mode::BOTH {
        let gateway = Gateway::start(mode, json!({}), &upstream);
        for protocol in PROTOCOLS {
            let case = format!("the cancellation, {mode:?} {protocol:?}");
            let open = std::thread::scope(|scope| {
                let open = scope.spawn(|| Events::open(&gateway, protocol, &watch("a")));
                let call = upstream.call();
                let create = bytes_field(1, b"a");
                assert_eq!(call.message(0), bytes_field(1, &create), "{case}");
                call.head();
                call.reply(&watch_response(1));
                (open.join().unwrap(), call)
            });
            let (events, call) = open;
            drop(events);
            call.wait_for(&case, |received| received.reset.is_some());
        }
    }
}

#[test]
fn a_silent_stream_has_a_heartbeat_and_lines_have_none() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let gateways = Mode::BOTH.map(|mode| Setup::example(mode, etcd.client_address()).start());
    std::thread::scope(|scope| {
        for gateway in &gateways {
            // Several of one worker have theirs in one turn.
            for protocol in PROTOCOLS {
                scope.spawn(move || {
                    let silent = gateway.url();
                    let mut events = Events::open(gateway, protocol, &watch(&silent));
                    events.next();
                    let since = Instant::now();
                    assert_eq!(events.chunk().unwrap(), HEARTBEAT, "{protocol:?}");
                    assert!(since.elapsed() < SILENCE, "{protocol:?}");
                    // Heartbeats come to all streams of a worker at once.
                    put(&gateway.url(), &silent, "no more");
                    assert_eq!(events.next().puts()[0].0, "no more", "{protocol:?}");
                });
            }
            scope.spawn(move || {
                let body = format!(r#"{{"create_request":{{"key":"{}"}}}}"#, base64("lines"));
                let mut lines = h1::Connection::open(gateway.address()).unwrap();
                lines.send(&Request::post(WATCH, body)).unwrap();
                let mut head = lines.read_head().unwrap();
                assert!(lines.read_piece(&mut head).unwrap().is_some());
                std::thread::sleep(SILENCE);
                put(&gateway.url(), "lines", "a");
                let line = lines.read_piece(&mut head).unwrap().unwrap();
                assert!(line.starts_with(b"{\"result\":"), "{}", line.escape_ascii());
            });
        }
    });
}

#[test]
fn a_browser_that_loses_its_envoy_and_its_etcd_comes_back_and_misses_nothing() {
    for mode in Mode::BOTH {
        let mut etcd = Etcd::start(Version::V3_7_3).unwrap();
        let url = etcd.client_url();
        let port = loopback::free_port().unwrap();
        let start = |address: String| Setup::example(mode, address).port(port).start();
        let gateway = start(etcd.client_address());
        // What the README tells pages to do.
        let mut page = Page::open(&format!(
            "let last = 0n;
            const open = () => {{
              const from = last ? `&create_request.start_revision=${{last + 1n}}` : '';
              const events = new EventSource('{}/v3/watch?create_request.key={}' + from);
              events.onmessage = ({{ data, lastEventId }}) => {{
                last = BigInt(lastEventId || last);
                report('message', JSON.parse(data), lastEventId);
              }};
              events.onerror = ({{ data }}) => {{
                const closed = events.readyState === EventSource.CLOSED;
                report('error', data && JSON.parse(data), closed);
                if (closed) setTimeout(open, 500);
              }};
            }};
            open();",
            gateway.url(),
            base64("a")
        ))
        .unwrap();
        let mut seen = Vec::new();
        let mut errors = Vec::new();
        // What the page says until it has seen so many values; the errors are told apart.
        let mut read_to = |page: &mut Page, count: usize| {
            while seen.len() < count {
                let report = page.report().unwrap();
                match report[0].as_str().unwrap() {
                    "message" => {
                        let event = Event {
                            kind: None,
                            data: report[1].clone(),
                            id: report[2].as_str().unwrap().parse().ok(),
                        };
                        for (value, revision) in event.puts() {
                            assert!(Some(revision) <= event.id, "{mode:?} {event:?}");
                            seen.push(value);
                        }
                    }
                    "error" => errors.push((report[1].clone(), report[2].clone())),
                    _ => {}
                }
            }
            (seen.clone(), std::mem::take(&mut errors))
        };
        assert_eq!(page.report().unwrap()[0], "message", "{mode:?}");
        let by_itself = (Value::Null, json!(false));

        // Before the page has seen a single value.
        drop(gateway);
        put(&url, "a", "1");
        put(&url, "a", "2");
        let gateway = start(etcd.client_address());
        let (values, errors) = read_to(&mut page, 2);
        assert_eq!(values, ["1", "2"], "{mode:?}");
        assert!(
            errors.iter().all(|error| *error == by_itself),
            "{mode:?} {errors:?}"
        );
        put(&url, "a", "3");
        read_to(&mut page, 3);

        drop(gateway);
        put(&url, "a", "4");
        let gateway = start(etcd.client_address());
        put(&url, "a", "5");
        let (_, errors) = read_to(&mut page, 5);
        assert!(
            errors.iter().all(|error| *error == by_itself),
            "{mode:?} {errors:?}"
        );

        etcd.restart().unwrap();
        put(&url, "a", "6");
        let (values, errors) = read_to(&mut page, 6);
        assert_eq!(values, ["1", "2", "3", "4", "5", "6"], "{mode:?}");
        assert_eq!(errors[0].0["error"]["code"], 14, "{mode:?} {errors:?}");
        drop(gateway);
    }
}
