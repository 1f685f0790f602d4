//! A model of what Envoy does with a filter's one stream: enough of its filter manager to drive the filter natively.
//!
//! The filter of these tests stands between a client and Envoy's router, alone. What the model knows of Envoy is in
//! `docs/envoy.md`.

mod half;
mod host;
mod meter;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use etcd_json_gateway::filter::abi::Action;
use etcd_json_gateway::filter::{callbacks, scripted};

pub use half::{Half, List};
pub use meter::Meter;
use meter::Uncounted;

/// The plugin's context.
pub const ROOT: u32 = 1;

/// The first stream's.
const FIRST: u32 = 2;

/// What the client and the upstream are like.
#[derive(Debug, Clone)]
pub struct Options {
    /// The plugin's configuration.
    pub plugin: String,
    /// Whether the listener's filter may hold heads (`allow_on_headers_stop_iteration`).
    pub holds_heads: bool,
    /// Whether the client speaks HTTP/2.
    pub http2: bool,
    /// Whether the route allows retries, for which the router keeps what it has sent.
    pub retries: bool,
    /// Envoy's buffer limit in bytes.
    pub buffer: usize,
}

/// How a stream has ended that its upstream has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// By an answer of the filter's own.
    Reply {
        /// The HTTP status.
        status: u32,
        /// The headers.
        headers: List,
        /// The body.
        body: Vec<u8>,
        /// The gRPC status; -1 where it is none.
        grpc_status: i32,
    },
    /// Cut off, behind a head.
    Cut,
}

/// A call that the filter makes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The service's full name.
    pub service: String,
    /// The method's name.
    pub method: String,
    /// The request message.
    pub message: Vec<u8>,
    token: u32,
}

/// An Envoy with one plugin and one stream.
#[derive(Debug)]
pub struct Model {
    options: Options,
    pub(crate) state: RefCell<State>,
    next: Cell<u32>,
    meter: Option<Meter>,
    held: Cell<i64>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) request: Half,
    pub(crate) response: Half,
    pub(crate) queue: VecDeque<Vec<u8>>,
    pub(crate) call: Option<Call>,
    pub(crate) answer: Vec<u8>,
    pub(crate) details: String,
    pub(crate) upstream_ended: bool,
    pub(crate) ended: Option<Ended>,
    pub(crate) effective: u32,
    pub(crate) answered: Vec<u32>,
    pub(crate) log: Vec<String>,
    pub(crate) told: BTreeMap<String, String>,
    pub(crate) looks: usize,
    pub(crate) clock: u64,
    pub(crate) counting: usize,
    pub(crate) metrics: Vec<(String, u64)>,
}

/// One of the two directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Response,
}

impl Model {
    /// A plugin with a stream.
    ///
    /// # Panics
    /// When the plugin's configuration cannot be used.
    #[must_use]
    pub fn open(options: Options) -> Rc<Self> {
        Self::open_with(options, None, 0)
    }

    /// The same, and what the filter holds is counted.
    ///
    /// # Panics
    /// When the plugin's configuration cannot be used.
    #[must_use]
    pub fn open_metered(options: Options, meter: Meter) -> Rc<Self> {
        Self::open_with(options, Some(meter), 0)
    }

    /// The same behind so many streams, of which nothing is known.
    ///
    /// # Panics
    /// When the plugin's configuration cannot be used.
    #[must_use]
    pub fn open_behind(options: Options, streams: u32) -> Rc<Self> {
        Self::open_with(options, None, streams)
    }

    fn open_with(options: Options, meter: Option<Meter>, streams: u32) -> Rc<Self> {
        let model = Rc::new(Self {
            options,
            state: RefCell::default(),
            next: Cell::new(FIRST),
            meter,
            held: Cell::new(0),
        });
        let size = model.options.plugin.len();
        model.call_in(|| callbacks::create(ROOT, 0));
        let configured = model.call_in(|| callbacks::configure(ROOT, size));
        assert!(configured, "{:?}", model.state.borrow().log);
        for _ in 0..streams {
            model.another();
        }
        model.call_in(|| callbacks::create(FIRST, ROOT));
        model
    }

    /// A further stream of the plugin, of which nothing is known but its number.
    pub fn another(self: &Rc<Self>) -> u32 {
        let id = self.next.get() + 1;
        self.next.set(id);
        self.call_in(|| callbacks::create(id, ROOT));
        id
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// The head of the request.
    pub fn request_headers(self: &Rc<Self>, headers: List, end: bool) {
        self.headers(Side::Request, headers, end);
    }

    /// A piece of the request's body.
    pub fn request_body(self: &Rc<Self>, bytes: &[u8], end: bool) {
        self.body(Side::Request, bytes, end);
    }

    /// The trailers of the request.
    pub fn request_trailers(self: &Rc<Self>, trailers: List) {
        self.trailers(Side::Request, trailers);
    }

    /// The head of the upstream's answer.
    pub fn response_headers(self: &Rc<Self>, headers: List, end: bool) {
        self.state.borrow_mut().upstream_ended = end;
        self.headers(Side::Response, headers, end);
    }

    /// A piece of the answer's body.
    pub fn response_body(self: &Rc<Self>, bytes: &[u8], end: bool) {
        self.state.borrow_mut().upstream_ended |= end;
        self.body(Side::Response, bytes, end);
    }

    /// The answer's trailers.
    pub fn response_trailers(self: &Rc<Self>, trailers: List) {
        self.state.borrow_mut().upstream_ended = true;
        self.trailers(Side::Response, trailers);
    }

    /// The answer to the filter's own call.
    pub fn call_answered(self: &Rc<Self>, answer: Result<&[u8], (u32, &str)>) {
        let Some(call) = self.state.borrow_mut().call.take() else {
            return;
        };
        let (bytes, status) = match answer {
            Ok(message) => (message.to_vec(), 0),
            Err((status, message)) => (message.as_bytes().to_vec(), status),
        };
        let size = if status == 0 { bytes.len() } else { 0 };
        self.state.borrow_mut().answer = bytes;
        self.call_in(|| callbacks::call_answered(call.token, status, size));
    }

    /// The next turn of the event loop: every entry of the queue that is there.
    pub fn turn(self: &Rc<Self>) {
        let entries = self.state.borrow().queue.len();
        for _ in 0..entries {
            self.call_in(|| callbacks::queue_ready(host::QUEUE));
        }
    }

    /// A tick of the plugin's.
    pub fn tick(self: &Rc<Self>) {
        self.call_in(|| callbacks::tick(ROOT));
    }

    /// The stream ends with these details of why.
    pub fn lost(self: &Rc<Self>, details: &str) {
        self.set_details(details);
        self.call_in(|| callbacks::delete(FIRST));
        let mut state = self.state.borrow_mut();
        if !state.response.end_out {
            state.ended.get_or_insert(Ended::Cut);
        }
    }

    /// All contexts end.
    ///
    /// # Panics
    /// When anything is held once all streams have ended.
    pub fn close(self: &Rc<Self>) {
        for id in FIRST..=self.next.get() {
            self.call_in(|| callbacks::delete(id));
        }
        assert_eq!(callbacks::held(ROOT), 0, "held after the end");
        self.call_in(|| callbacks::delete(ROOT));
    }

    /// Bytes that the filter has allocated and not freed since the model was opened with a meter.
    #[must_use]
    pub fn held(&self) -> i64 {
        self.held.get()
    }

    /// Bytes that the filter says its streams hold.
    #[must_use]
    pub fn accounted(&self) -> usize {
        callbacks::held(ROOT)
    }

    /// What the client has got of an answer's body, piece by piece.
    #[must_use]
    pub fn to_client(&self) -> Vec<Vec<u8>> {
        self.state.borrow().response.out.clone()
    }

    /// What the upstream has got of the request's body.
    #[must_use]
    pub fn to_upstream(&self) -> Vec<u8> {
        self.state.borrow().request.out.concat()
    }

    /// Both directions as they stand.
    pub fn halves<R>(&self, look: impl FnOnce(&Half, &Half) -> R) -> R {
        let state = self.state.borrow();
        look(&state.request, &state.response)
    }

    /// How the stream has ended before its upstream did.
    #[must_use]
    pub fn ended(&self) -> Option<Ended> {
        self.state.borrow().ended.clone()
    }

    /// The streams that the filter has answered by itself.
    #[must_use]
    pub fn answered(&self) -> Vec<u32> {
        self.state.borrow().answered.clone()
    }

    /// The call that the filter waits for.
    #[must_use]
    pub fn call(&self) -> Option<Call> {
        self.state.borrow().call.clone()
    }

    /// What the filter has logged.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.state.borrow().log.clone()
    }

    /// The properties that the filter has set for Envoy's logs.
    #[must_use]
    pub fn told(&self) -> BTreeMap<String, String> {
        self.state.borrow().told.clone()
    }

    /// Envoy has this word for the answer that comes next.
    pub fn set_details(&self, details: &str) {
        details.clone_into(&mut self.state.borrow_mut().details);
    }

    /// So much time passes, in nanoseconds. It stands still otherwise.
    pub fn pass(&self, nanos: u64) {
        self.state.borrow_mut().clock += nanos;
    }

    /// How often the filter has asked for the time.
    #[must_use]
    pub fn looks_at_the_clock(&self) -> usize {
        self.state.borrow().looks
    }

    /// How often the filter has counted something or told Envoy's logs something.
    #[must_use]
    pub fn counting_calls(&self) -> usize {
        self.state.borrow().counting
    }

    /// Envoy's word for how the stream has ended.
    #[must_use]
    pub fn details(&self) -> String {
        self.state.borrow().details.clone()
    }

    /// What the filter has counted, by name, without what is 0.
    #[must_use]
    pub fn metrics(&self) -> BTreeMap<String, u64> {
        let metrics = self.state.borrow().metrics.clone();
        metrics
            .into_iter()
            .filter(|(_, value)| *value > 0)
            .collect()
    }

    /// Calls into the module with this host, and does what it has asked for by then.
    pub fn call_in<R>(self: &Rc<Self>, act: impl FnOnce() -> R) -> R {
        let result = self.enter(act);
        for side in [Side::Request, Side::Response] {
            let resumed = std::mem::take(&mut self.state.borrow_mut().half(side).resumes);
            if resumed && self.is_open() {
                self.resume(side);
            }
        }
        result
    }

    fn enter<R>(self: &Rc<Self>, act: impl FnOnce() -> R) -> R {
        self.state.borrow_mut().effective = FIRST;
        let host: Rc<dyn scripted::Host> = Rc::clone(self) as _;
        let Some(meter) = self.meter else {
            return scripted::with(host, act);
        };
        let host: Rc<dyn scripted::Host> = Rc::new(Uncounted { meter, host });
        // The last one to hold it frees it, uncounted.
        let (result, bytes) = meter.count(|| scripted::with(Rc::clone(&host), act));
        self.held.set(self.held.get() + bytes);
        result
    }

    fn is_open(&self) -> bool {
        self.state.borrow().ended.is_none()
    }

    /// Does something where the stream is open, and does with it what the filter's action says.
    fn act(
        self: &Rc<Self>,
        side: Side,
        call: impl FnOnce() -> Action,
        then: fn(&mut Half, Action),
    ) {
        let action = self.enter(call);
        if self.is_open() {
            let mut state = self.state.borrow_mut();
            let retains = self.retains(side, &state);
            let half = state.half(side);
            half.retains = retains;
            then(half, action);
            assert!(
                half.buffer.len() <= self.options.buffer.max(half.retained),
                "{side:?}: {} bytes in a buffer of {}",
                half.buffer.len(),
                self.options.buffer
            );
        }
        self.call_in(|| ());
    }

    fn headers(self: &Rc<Self>, side: Side, headers: List, end: bool) {
        if !self.is_open() {
            return;
        }
        {
            let mut state = self.state.borrow_mut();
            let half = state.half(side);
            half.headers = headers;
            half.has_head = true;
            half.has_ended = end;
        }
        let call = move || match side {
            Side::Request => callbacks::request_headers(FIRST, end),
            Side::Response => callbacks::response_headers(FIRST, end),
        };
        let holds_heads = self.options.holds_heads;
        self.state.borrow_mut().half(side).holds_all = !holds_heads;
        self.act(side, call, Half::after_headers);
    }

    fn body(self: &Rc<Self>, side: Side, bytes: &[u8], end: bool) {
        if !self.is_open() {
            return;
        }
        let size = {
            let mut state = self.state.borrow_mut();
            let half = state.half(side);
            half.has_ended |= end;
            let Some(size) = half.piece(bytes) else {
                return;
            };
            size
        };
        let call = move || match side {
            Side::Request => callbacks::request_body(FIRST, size, end),
            Side::Response => callbacks::response_body(FIRST, size, end),
        };
        self.act(side, call, Half::after_body);
    }

    fn trailers(self: &Rc<Self>, side: Side, trailers: List) {
        if !self.is_open() {
            return;
        }
        {
            let mut state = self.state.borrow_mut();
            let half = state.half(side);
            half.trailers = Some(trailers);
            half.has_ended = true;
            if half.waits() {
                return;
            }
        }
        let call = move || match side {
            Side::Request => callbacks::request_trailers(FIRST),
            Side::Response => callbacks::response_trailers(FIRST),
        };
        self.act(side, call, Half::after_trailers);
    }

    /// What has been held goes on, and what came behind it.
    fn resume(self: &Rc<Self>, side: Side) {
        let (waited, trailers, end) = {
            let mut state = self.state.borrow_mut();
            let retains = self.retains(side, &state);
            let half = state.half(side);
            half.retains = retains;
            let waited = half.resume();
            (waited, half.trailers.clone(), half.has_ended)
        };
        let Some(bytes) = waited else {
            return;
        };
        // What came while everything was held is handed over now.
        if !bytes.is_empty() || end {
            self.body(side, &bytes, end && trailers.is_none());
        }
        if let Some(trailers) = trailers {
            self.trailers(side, trailers);
        }
    }

    /// Whether the router keeps what it sends.
    fn retains(&self, side: Side, state: &State) -> bool {
        side == Side::Request && self.options.retries && !state.response.has_head
    }
}

impl State {
    pub(crate) fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        }
    }
}
