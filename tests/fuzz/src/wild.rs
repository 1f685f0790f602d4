//! A host that does anything: callbacks in whatever order and with whatever numbers, and calls that fail as they like.
//! Nothing panics, and nothing is held once all streams have ended.

use std::cell::RefCell;
use std::rc::Rc;

use envoy_model::List;
use etcd_json_gateway::exchange::MAX_LARGE;
use etcd_json_gateway::filter::abi::{BufferType, LogLevel, MapType, MetricType, StreamType};
use etcd_json_gateway::filter::host::{GrpcCall, HostError, Result};
use etcd_json_gateway::filter::{callbacks, pairs, scripted};
use etcd_json_gateway::http::Header;
use serde_json::json;

use crate::input::Input;
use crate::script::{self, Event, Script};

/// The plugin's context.
const ROOT: u32 = 1;
/// Contexts of streams, and one that nothing is known of.
const STREAMS: [u32; 4] = [2, 3, 4, 99];
/// The first context of those that fill a worker's memory.
const OTHERS: u32 = 1000;

/// What the host has for whoever asks, and how its calls go.
#[derive(Default)]
struct Wild {
    plugin: String,
    headers: RefCell<Vec<u8>>,
    body: RefCell<Vec<u8>>,
    /// A status for each call; success once there are no more.
    statuses: RefCell<Vec<u8>>,
}

impl Wild {
    fn done(&self) -> Result<()> {
        match self.statuses.borrow_mut().pop() {
            // Three calls of four succeed.
            Some(status @ 1..=12) => Err(HostError(status.into())),
            _ => Ok(()),
        }
    }
}

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let statuses = input.bytes().iter().map(|byte| byte % 48).collect();
    let order = input.bytes().to_vec();
    let script = Script::read(&mut input);
    let host = Rc::new(Wild {
        plugin: plugin(&script),
        statuses: RefCell::new(statuses),
        ..Wild::default()
    });
    scripted::with(Rc::clone(&host) as _, || {
        callbacks::create(ROOT, 0);
        callbacks::configure(ROOT, host.plugin.len());
        for id in &STREAMS[..3] {
            callbacks::create(*id, ROOT);
        }
        for (index, event) in script.events.iter().enumerate() {
            let choice = order.get(index).copied().unwrap_or_default();
            let id = STREAMS[usize::from(choice & 3)];
            deliver(&host, &script, id, event);
            between(choice >> 2, id);
        }
        for id in STREAMS {
            callbacks::delete(id);
        }
        assert_eq!(callbacks::held(ROOT), 0, "held after the end");
        callbacks::delete(ROOT);
    });
}

fn plugin(script: &Script) -> String {
    let config = &script.config;
    let plugin = json!({
        "allow_on_headers_stop_iteration": config.allow_on_headers_stop_iteration,
        "max_request_bytes": config.max_request_bytes,
        "stream_document_bytes": config.stream_document_bytes,
        "cors": config.cors,
        "bodyless_calls": if script.end { "callout" } else { "refuse" },
    });
    plugin.to_string()
}

/// Delivers an event to a stream, whether or not it can be one now.
fn deliver(host: &Wild, script: &Script, id: u32, event: &Event) {
    let headers = |list: &List| *host.headers.borrow_mut() = encoded(list);
    let body = |bytes: &[u8]| {
        *host.body.borrow_mut() = bytes.to_vec();
        bytes.len()
    };
    match event {
        Event::RequestBody(bytes, end) => {
            callbacks::request_body(id, body(bytes), *end);
        }
        Event::RequestTrailers => {
            callbacks::request_trailers(id);
        }
        Event::Wait => callbacks::tick(ROOT),
        Event::ResponseHead(list, end, _) => {
            headers(list);
            callbacks::response_headers(id, *end);
        }
        Event::ResponseBody(bytes, end) => {
            callbacks::response_body(id, body(bytes), *end);
        }
        Event::ResponseTrailers(list) => {
            headers(list);
            callbacks::response_trailers(id);
        }
        Event::CallAnswered(Ok(message)) => callbacks::call_answered(id, 0, body(message)),
        Event::CallAnswered(Err(status)) => callbacks::call_answered(id, status.code.0, 0),
        Event::Lost(_) => {
            headers(&script.head);
            callbacks::request_headers(id, script.end);
        }
    }
}

/// Something of the host's own between two events.
fn between(choice: u8, id: u32) {
    match choice {
        1 => callbacks::tick(ROOT),
        2..=8 => callbacks::queue_ready(0),
        9 => callbacks::create(id, ROOT),
        10 => callbacks::delete(id),
        11 => callbacks::end_all("the host's mood"),
        _ => {}
    }
}

fn encoded(list: &List) -> Vec<u8> {
    let header = |(name, value): &(Vec<u8>, Vec<u8>)| -> Header<'static> {
        (name.clone().into(), value.clone().into())
    };
    pairs::encode(&list.iter().map(header).collect::<Vec<_>>())
}

/// Has streams of a plugin hold together as much as such may; `delete` ends them.
pub fn fill(root: u32) -> Others {
    let head = [(":method", "POST"), (":path", "/v3/kv/put")];
    let head = head.map(|(name, value)| (name.into(), value.into()));
    let host = Rc::new(Wild::default());
    *host.headers.borrow_mut() = encoded(&head.to_vec());
    let mut ids = OTHERS..OTHERS;
    scripted::with(Rc::clone(&host) as _, || {
        while callbacks::held(root) < MAX_LARGE {
            callbacks::create(ids.end, root);
            callbacks::request_headers(ids.end, false);
            // Room is held too.
            *host.body.borrow_mut() = Vec::with_capacity(script::MAX_REQUEST as usize);
            callbacks::request_body(ids.end, 1, false);
            ids.end += 1;
        }
    });
    Others(ids, host)
}

/// Streams that hold much.
pub struct Others(std::ops::Range<u32>, Rc<Wild>);

impl Others {
    pub fn delete(self) {
        scripted::with(self.1, || self.0.for_each(callbacks::delete));
    }
}

impl scripted::Host for Wild {
    fn log(&self, _: LogLevel, _: &str) {}

    fn buffer(&self, kind: BufferType, start: usize, most: usize) -> Result<Vec<u8>> {
        if kind == BufferType::PluginConfiguration {
            return Ok(self.plugin.clone().into_bytes());
        }
        self.done()?;
        let mut bytes = self.body.take();
        bytes.truncate(start.saturating_add(most));
        bytes.drain(..start.min(bytes.len()));
        Ok(bytes)
    }

    fn buffer_length(&self, _: BufferType) -> Result<usize> {
        self.done().map(|()| self.body.borrow().len())
    }

    fn set_buffer(&self, _: BufferType, _: usize, _: usize, _: &[u8]) -> Result<()> {
        self.done()
    }

    fn header_pairs(&self, _: MapType) -> Result<Vec<u8>> {
        self.done().map(|()| self.headers.borrow().clone())
    }

    fn set_header_pairs(&self, _: MapType, _: &[u8]) -> Result<()> {
        self.done()
    }

    fn add_header(&self, _: MapType, _: &[u8], _: &[u8]) -> Result<()> {
        self.done()
    }

    fn set_header(&self, _: MapType, _: &[u8], _: &[u8]) -> Result<()> {
        self.done()
    }

    fn remove_header(&self, _: MapType, _: &[u8]) -> Result<()> {
        self.done()
    }

    fn property(&self, _: &str) -> Result<Vec<u8>> {
        self.done().map(|()| b"HTTP/2".to_vec())
    }

    fn set_property(&self, _: &str, _: &[u8]) -> Result<()> {
        self.done()
    }

    fn define_metric(&self, _: MetricType, _: &str) -> Result<u32> {
        self.done().map(|()| 0)
    }

    fn increment_metric(&self, _: u32, _: i64) -> Result<()> {
        self.done()
    }

    fn record_metric(&self, _: u32, _: u64) -> Result<()> {
        self.done()
    }

    fn local_response(&self, _: u32, _: &[u8], _: &[u8], _: &[u8], _: i32) -> Result<()> {
        self.done()
    }

    fn resume(&self, _: StreamType) -> Result<()> {
        self.done()
    }

    fn set_effective_context(&self, _: u32) -> Result<()> {
        self.done()
    }

    fn register_queue(&self, _: &str) -> Result<u32> {
        self.done().map(|()| 0)
    }

    fn enqueue(&self, _: u32, entry: &[u8]) -> Result<()> {
        self.done()?;
        *self.body.borrow_mut() = entry.to_vec();
        Ok(())
    }

    fn dequeue(&self, _: u32) -> Result<Vec<u8>> {
        self.done().map(|()| self.body.borrow().clone())
    }

    fn tick_every(&self, _: u32) -> Result<()> {
        self.done()
    }

    fn now(&self) -> u64 {
        0
    }

    fn grpc_call(&self, _: &GrpcCall<'_>) -> Result<u32> {
        self.done().map(|()| STREAMS[0])
    }

    fn cancel_call(&self, _: u32) -> Result<()> {
        self.done()
    }

    fn call_status_message(&self) -> Result<Vec<u8>> {
        self.done().map(|()| self.body.borrow().clone())
    }
}

/// Every recorded exchange, in an order of its own, before a host whose every third call fails.
pub fn seeds() -> Vec<Vec<u8>> {
    let seeds = crate::filter::exchanges().into_iter().zip(0_u8..=255);
    let seeds = seeds.map(|(seed, index)| {
        let statuses = [0, index, 47].repeat(usize::from(index % 20));
        let mut wild = vec![statuses.len() as u8];
        wild.extend(&statuses);
        wild.extend([4, index, index.reverse_bits(), index % 47, 4]);
        wild.extend(&seed[1..]);
        wild
    });
    seeds.collect()
}
