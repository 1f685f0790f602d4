//! The gateways that all cases are played against, one for each mode and dialect, and who plays them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::Result;
use serde_json::{Value, json};
use testbed::client::{Request, h1};
use testbed::envoy_config::EnvoyConfig;
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::upstream::{Script, Upstream};
use testbed::vectors::Dialect;
use testbed::wire::varint_field;

use crate::raw_upstream::{self, RawUpstream};

/// How many cases are played side by side against one gateway: most of them wait, for instance for the second that
/// Envoy gives a client to close its connection.
const PLAYERS: usize = 6;

/// The route of a normal request.
pub const RANGE: &str = "/v3/kv/range";

/// The answer to a normal request.
pub const SERVED: &str = r#"{"count":"7"}"#;

/// One gateway with a well-behaved upstream and a hostile one.
pub struct World {
    pub mode: Mode,
    pub dialect: Dialect,
    pub gateway: Gateway,
    /// Answers what no case asks the other one for.
    pub upstream: Upstream,
    _hostile: RawUpstream,
}

/// Something hostile, which a client does alone or together with an upstream.
pub struct Case {
    pub name: String,
    pub play: Play,
}

/// What is done; an error says what should not have happened.
pub type Play = Box<dyn Fn(&World) -> Result<(), String> + Send + Sync>;

impl Case {
    pub fn new(
        name: impl Into<String>,
        play: impl Fn(&World) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            play: Box::new(play),
        }
    }
}

impl World {
    pub fn start(mode: Mode, dialect: Dialect, scripts: &Arc<Vec<raw_upstream::Script>>) -> Self {
        let upstream = Upstream::start().unwrap();
        upstream.always(Script::message(&varint_field(4, 7)));
        let hostile = RawUpstream::start(Arc::clone(scripts));
        let port = hostile.address().port();
        let gateway = Setup::new(mode, upstream.address())
            .plugin(json!({
                "dialect": dialect.name(),
                "max_request_bytes": 100_000,
                // Cases and stalls are asked for by it.
                "metadata": ["*"],
            }))
            // By default calls without a body are refused, and cannot do harm.
            .callouts()
            .buffer_limit(BUFFER_LIMIT)
            .change(move |config| harden_nothing(config, port))
            .start();
        Self {
            mode,
            dialect,
            gateway,
            upstream,
            _hostile: hostile,
        }
    }
}

/// The least that the filter takes: what does not fit a paused buffer is found soonest.
const BUFFER_LIMIT: u32 = 32 << 10;

/// Lets through to the filter as much as Envoy can let through, and sends what asks for it to the hostile upstream.
fn harden_nothing(config: &mut EnvoyConfig, hostile: u16) -> Result<()> {
    let limits = json!({"max_headers_count": 3000});
    let manager = config.connection_manager()?;
    manager["http_protocol_options"] =
        json!({"accept_http_10": true, "default_host_for_http_10": "etcd"});
    manager["common_http_protocol_options"] = limits.clone();
    manager["max_request_headers_kb"] = json!(2000);
    manager["proxy_100_continue"] = json!(true);

    let mut cluster = config.cluster("etcd")?.clone();
    cluster["name"] = json!("hostile");
    let endpoint = "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";
    cluster.pointer_mut(endpoint).unwrap()["port_value"] = json!(hostile);
    // What one script does to its connection must not befall another's.
    cluster["max_requests_per_connection"] = json!(1);
    let options = cluster["typed_extension_protocol_options"].as_object_mut();
    for option in options.unwrap().values_mut() {
        option["common_http_protocol_options"] = limits.clone();
        option["common_http_protocol_options"]["max_response_headers_kb"] = json!(2000);
    }
    let clusters = &mut config.bootstrap()["static_resources"]["clusters"];
    clusters.as_array_mut().unwrap().push(cluster);

    // The filter takes the prefix away, after which Envoy selects the route again.
    let asked = |header: &str| json!([{"name": header, "present_match": true}]);
    let route = |headers: Value, action: Value| json!({"match": {"prefix": "/", "headers": headers}, "route": action});
    let impatient = json!({"cluster": "hostile", "timeout": "0.3s", "idle_timeout": "0.3s"});
    let patient = json!({"cluster": "hostile"});
    *config.routes()? = vec![
        route(asked("grpc-metadata-stall"), impatient.clone()),
        route(asked("stall"), impatient),
        route(asked("grpc-metadata-case"), patient.clone()),
        route(asked("case"), patient),
        route(json!([]), json!({"cluster": "etcd"})),
    ];
    Ok(())
}

/// Plays every case against every gateway, each followed by a normal request, and panics with all that went wrong.
pub fn play_all(cases: &[Case], scripts: Vec<raw_upstream::Script>) {
    eprintln!("{} cases", cases.len());
    let scripts = Arc::new(scripts);
    let wrong = Mutex::new(Vec::new());
    let modes = Mode::BOTH.into_iter();
    let worlds = modes.flat_map(|mode| Dialect::ALL.map(|dialect| (mode, dialect)));
    thread::scope(|scope| {
        for (mode, dialect) in worlds {
            let (scripts, wrong) = (&scripts, &wrong);
            scope.spawn(move || {
                let world = World::start(mode, dialect, scripts);
                let found = world.play(cases);
                wrong.lock().unwrap().extend(found);
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

impl World {
    fn play(&self, cases: &[Case]) -> Vec<String> {
        let next = AtomicUsize::new(0);
        let wrong = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..PLAYERS {
                scope.spawn(|| {
                    let mut normal = h1::Connection::open(self.gateway.address()).unwrap();
                    while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let outcome = (case.play)(self).and_then(|()| serves(&mut normal));
                        if let Err(error) = outcome {
                            let (mode, dialect) = (self.mode, self.dialect);
                            let wrong = &mut wrong.lock().unwrap();
                            wrong.push(format!("{mode:?} {dialect:?} {}: {error}", case.name));
                        }
                    }
                });
            }
        });
        wrong.into_inner().unwrap()
    }

    /// Whether a normal request is served.
    pub fn still_serves(&self) -> Result<(), String> {
        serves(&mut h1::Connection::open(self.gateway.address()).unwrap())
    }
}

fn serves(connection: &mut h1::Connection) -> Result<(), String> {
    match connection.exchange(&Request::post(RANGE, "{}")) {
        Ok(answer) if answer.status == 200 && answer.text() == SERVED => Ok(()),
        answer => Err(format!("the request after it: {answer:?}")),
    }
}
