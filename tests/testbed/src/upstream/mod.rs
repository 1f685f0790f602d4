//! A scripted gRPC upstream: HTTP/2 with prior knowledge on a free loopback port.
//!
//! It records every request as it arrives and answers by [`Script`]; or it hands each request to the test as a
//! [`Call`], which then reads and writes message by message.

mod script;
mod serve;

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};

pub use script::{Field, Script, Step, fields, grpc_head, status_fields};

use crate::{runtime, wire};

/// How long a test waits for something to reach the upstream before it fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A request as far as it has reached the upstream.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// `:method`.
    pub method: String,
    /// `:path`.
    pub path: String,
    /// `:authority`, if any.
    pub authority: String,
    /// Every header as it was on the wire; values of one name keep their order and stand together.
    pub headers: Vec<Field>,
    /// The DATA bytes so far, gRPC prefixes included.
    pub body: Vec<u8>,
    /// Request trailers.
    pub trailers: Vec<Field>,
    /// Whether the request has ended in the regular way.
    pub ended: bool,
    /// The HTTP/2 error code with which the peer gave the stream up.
    pub reset: Option<u32>,
}

impl Received {
    /// All values of a header, in order.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        let matching = self
            .headers
            .iter()
            .filter(|(candidate, _)| candidate == name);
        matching.map(|(_, value)| value.as_slice()).collect()
    }

    /// The first value of a header as text.
    pub fn header(&self, name: &str) -> Option<String> {
        self.values(name)
            .first()
            .map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// The whole request messages so far.
    pub fn messages(&self) -> Vec<Vec<u8>> {
        wire::messages(&self.body).0
    }
}

type Answers = Arc<dyn Fn(&Received) -> Script + Send + Sync>;

/// What answers a request for which no one-off script is queued.
enum Otherwise {
    Script(Answers),
    Live,
}

struct State {
    log: Vec<watch::Sender<Received>>,
    next: VecDeque<Script>,
    otherwise: Otherwise,
    calls: VecDeque<Call>,
    connections: usize,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Blocks until `ready` yields something; panics with `what` when patience runs out.
    fn wait<T>(&self, what: &str, mut ready: impl FnMut(&mut State) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.lock();
        loop {
            if let Some(found) = ready(&mut state) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "the upstream waited {PATIENCE:?} for {what}"
            );
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

/// A running upstream. It stops, and its connections close, when it is dropped.
pub struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
}

impl Upstream {
    /// Listens on a free loopback port; every unary request is answered with an empty message until a script says
    /// otherwise.
    pub fn start() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let state = State {
            log: Vec::new(),
            next: VecDeque::new(),
            otherwise: Otherwise::Script(Arc::new(|_| Script::message(b""))),
            calls: VecDeque::new(),
            connections: 0,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        let (stop, stopped) = watch::channel(false);
        let accepting = Arc::clone(&shared);
        runtime::shared().spawn(async move {
            // Inside the runtime, because the listener registers with its reactor.
            if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                serve::accept(listener, accepting, stopped).await;
            }
        });
        Ok(Self {
            address,
            shared,
            stop,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers every request with this script.
    pub fn always(&self, script: Script) {
        self.always_with(move |_| script.clone());
    }

    /// Answers every request with the script that its head asks for.
    pub fn always_with(&self, answers: impl Fn(&Received) -> Script + Send + Sync + 'static) {
        self.shared.lock().otherwise = Otherwise::Script(Arc::new(answers));
    }

    /// Answers one request with this script, after those queued before, and before what `always` says.
    pub fn once(&self, script: Script) {
        self.shared.lock().next.push_back(script);
    }

    /// Hands every request from now on to the test, which takes it with [`Upstream::call`].
    pub fn live(&self) {
        self.shared.lock().otherwise = Otherwise::Live;
    }

    /// The next request that `live` has set aside; waits for it.
    pub fn call(&self) -> Call {
        self.shared.wait("a call", |state| state.calls.pop_front())
    }

    /// The requests so far, oldest first.
    pub fn requests(&self) -> Vec<Received> {
        snapshot(&self.shared.lock())
    }

    /// Forgets the requests so far and the one-off scripts, and hands the requests out.
    pub fn take(&self) -> Vec<Received> {
        let mut state = self.shared.lock();
        let requests = snapshot(&state);
        state.log.clear();
        state.next.clear();
        requests
    }

    /// Waits until the requests so far satisfy `condition`, and returns them.
    pub fn wait_for(&self, what: &str, condition: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        self.shared.wait(what, |state| {
            let requests = snapshot(state);
            condition(&requests).then_some(requests)
        })
    }

    /// How many connections have been made to it since it started.
    pub fn connections(&self) -> usize {
        self.shared.lock().connections
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        // Only fails when the accepting task is gone already.
        let _ = self.stop.send(true);
    }
}

fn snapshot(state: &State) -> Vec<Received> {
    state
        .log
        .iter()
        .map(|entry| entry.borrow().clone())
        .collect()
}

/// A request whose answer the test writes step by step. Dropping it leaves the stream open.
pub struct Call {
    shared: Arc<Shared>,
    received: watch::Receiver<Received>,
    steps: mpsc::UnboundedSender<Step>,
}

impl Call {
    /// The request as far as it has arrived.
    pub fn received(&self) -> Received {
        self.received.borrow().clone()
    }

    /// Waits until the request satisfies `condition`.
    pub fn wait_for(&self, what: &str, condition: impl Fn(&Received) -> bool) -> Received {
        self.shared.wait(what, |_| {
            let received = self.received();
            condition(&received).then_some(received)
        })
    }

    /// The request's message number `index`, counted from 0; waits for it.
    pub fn message(&self, index: usize) -> Vec<u8> {
        let received = self.wait_for("a request message", |received| {
            received.messages().len() > index
        });
        received.messages().swap_remove(index)
    }

    /// Does one step of the answer. On a stream that is over it does nothing.
    pub fn send(&self, step: Step) {
        let _ = self.steps.send(step);
    }

    /// Sends the gRPC response head.
    pub fn head(&self) {
        self.send(grpc_head());
    }

    /// Sends one message in one DATA frame.
    pub fn reply(&self, message: &[u8]) {
        self.send(Step::Data(wire::frame(message)));
    }

    /// Ends the call with a status in trailers.
    pub fn finish(&self, code: u32, message: &str) {
        self.send(Step::Trailers(status_fields(code, message)));
    }
}
