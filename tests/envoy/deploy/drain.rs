//! Streams of a listener that is changed while they are open.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use testbed::client::{Body, End, Request, h1, h2};
use testbed::envoy::{Envoy, Options};
use testbed::envoy_config::EnvoyConfig;
use testbed::upstream::{Call, Upstream};
use testbed::wire::varint_field;
use testbed::{loopback, module, scratch};

/// For how long Envoy lets the streams of a listener go on that is no more.
const DRAIN: Duration = Duration::from_secs(1);

/// Within that time.
const MEANWHILE: Duration = Duration::from_millis(300);

/// Puts a listener where Envoy looks for it: the whole file at once, as it wants files to be replaced.
fn publish(file: &Path, listener: &Value) {
    let text = json!({"resources": [listener]}).to_string();
    let next = file.with_extension("next");
    fs::write(&next, text).unwrap();
    fs::rename(&next, file).unwrap();
}

/// An Envoy that takes its listener from `file`, and the listener.
fn start(upstream: &Upstream, file: &Path) -> (Envoy, Value) {
    let mut config = EnvoyConfig::example().unwrap();
    let address = upstream.address().to_string();
    let port = loopback::free_port().unwrap();
    config
        .upstream(&address)
        .unwrap()
        .admin_port(0)
        .unwrap()
        .module(&module::path().unwrap())
        .unwrap()
        .listen("127.0.0.1", port)
        .unwrap();
    let mut listener = config.listener().unwrap().clone();
    listener["@type"] = json!("type.googleapis.com/envoy.config.listener.v3.Listener");
    publish(file, &listener);
    let bootstrap = config.bootstrap();
    bootstrap["static_resources"]["listeners"] = json!([]);
    bootstrap["node"] = json!({"id": "drained", "cluster": "drained"});
    bootstrap["dynamic_resources"] = json!({"lds_config": {"path_config_source": {"path": file}}});
    let mut options = Options::default();
    let drain = ["--drain-time-s".to_owned(), DRAIN.as_secs().to_string()];
    options.arguments.extend(drain);
    (Envoy::start_with(&config, &options).unwrap(), listener)
}

/// Answers a watch with its first message.
fn begun(upstream: &Upstream) -> Call {
    let call = upstream.call();
    call.head();
    call.reply(&varint_field(3, 1));
    call
}

#[test]
fn streams_go_on_while_their_listener_is_drained_and_are_cut_then() {
    let upstream = Upstream::start().unwrap();
    upstream.live();
    let folder = scratch::folder("listeners").unwrap();
    let file = folder.path().join("listeners.json");
    let (envoy, mut listener) = start(&upstream, &file);
    let address = envoy.address().parse().unwrap();
    let request = Request::new("POST", "/v3/watch").body(Body::Pieces(Vec::new()));
    let create = b"{\"create_request\":{}}";

    let mut one = h1::Connection::open(address).unwrap();
    one.send_head(&request).unwrap();
    one.send_chunk(create).unwrap();
    let call_one = begun(&upstream);
    let mut answer_one = one.read_head().unwrap();
    one.read_piece(&mut answer_one).unwrap().unwrap();
    let connection = h2::Connection::open(address).unwrap();
    let mut two = connection.begin(&request).unwrap();
    two.send_data(create, false).unwrap();
    let call_two = begun(&upstream);
    let mut answer_two = two.read_head().unwrap();
    two.read_piece(&mut answer_two).unwrap().unwrap();

    listener["per_connection_buffer_limit_bytes"] = json!(1_000_000);
    publish(&file, &listener);
    std::thread::sleep(MEANWHILE);
    let event = varint_field(2, 7);
    let line = b"{\"result\":{\"watch_id\":\"7\"}}\n";
    call_one.reply(&event);
    call_two.reply(&event);
    assert_eq!(one.read_piece(&mut answer_one).unwrap().unwrap(), line);
    assert_eq!(two.read_piece(&mut answer_two).unwrap().unwrap(), line);

    // Envoy closes the sockets before it tells anybody: there is no way left for an error line.
    assert_eq!(one.read_piece(&mut answer_one).unwrap(), None);
    assert_eq!(two.read_piece(&mut answer_two).unwrap(), None);
    assert_eq!([answer_one.end, answer_two.end], [End::Cut; 2]);
    call_one.wait_for("the end of the watch", |watch| watch.reset.is_some());
    call_two.wait_for("the end of the watch", |watch| watch.reset.is_some());
}
