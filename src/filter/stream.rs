//! One request: Envoy's callbacks in, the exchange's actions out.

mod count;
mod request;
mod response;

use std::rc::Rc;

use super::abi::{Action, StreamType};
use super::flow::Flow;
use super::kick::{Kicks, Turn};
use super::metrics::Metrics;
use super::request_flow::RequestFlow;
use super::{call, details, host};
use crate::exchange::{Answered, Call, Exchange, RequestBody, Settings};
use crate::grpc::Status;
use crate::http::{Reason, Reply};
use count::Course;

/// A request's context.
pub(super) struct Stream {
    exchange: Exchange,
    /// Whether the response head waits for the exchange to have something to send.
    holding: bool,
    /// Whether Envoy has stopped at us with the response's head or body.
    stopped: bool,
    /// Bytes of the response's body that have been read and are still in the host's buffer.
    left: usize,
    /// What of an answer waits for its end, because a filter behind holds that.
    waiting: Vec<u8>,
    /// Whether the client has been answered by us: what comes through the callbacks then is our own.
    replied: bool,
    /// Whether the request is none of ours, and neither it nor its answer is to be read.
    passing: bool,
    /// Whether the request's head waits, as it came, for the first piece of body.
    head_waits: bool,
    /// The way out of the messages of a stream of requests.
    requests: RequestFlow,
    /// The call that the exchange waits for.
    call: Option<u32>,
    id: u32,
    kicks: Kicks,
    metrics: Rc<Metrics>,
    /// What has been counted and told of it.
    course: Course,
    /// The way out of the lines of a stream, once there are any.
    flow: Option<Flow>,
}

impl Stream {
    pub(super) fn new(id: u32, settings: Rc<Settings>, metrics: Rc<Metrics>, kicks: Kicks) -> Self {
        Self {
            course: Course::new(&metrics),
            metrics,
            exchange: Exchange::new(settings),
            holding: false,
            stopped: false,
            left: 0,
            waiting: Vec::new(),
            replied: false,
            passing: false,
            head_waits: false,
            requests: RequestFlow::default(),
            call: None,
            id,
            kicks,
            flow: None,
        }
    }

    /// Does something with the way out of the lines, which is opened by the first that need it.
    fn with_flow(
        &mut self,
        act: impl FnOnce(&mut Flow, Kicks, u32) -> Result<Action, host::HostError>,
    ) -> Action {
        let flow = self.flow.get_or_insert_with(|| {
            let budget = self.exchange.paused_buffer();
            Flow::new(self.exchange.heartbeat(), budget, self.stopped)
        });
        let result = act(flow, self.kicks, self.id);
        self.exchange.set_waiting(flow.held());
        result.unwrap_or_else(|error| self.give_up("send a stream's lines", error))
    }

    /// Ends an answer that is under way with a line.
    fn end_with(&mut self, line: Vec<u8>) -> Action {
        self.tell_ending();
        self.requests.take();
        self.exchange.set_kept(self.requests.held());
        self.with_flow(|flow, kicks, id| {
            flow.end_with(line, kicks, id);
            Ok(Action::Continue)
        })
    }

    fn reply(&mut self, reply: &Reply) -> Action {
        self.replied = true;
        self.tell_ending();
        if let Err(error) = host::reply(reply) {
            self.give_up("send a reply", error);
        }
        Action::Pause
    }

    fn refuse_grpc(&mut self, status: &Status) -> Action {
        self.replied = true;
        let ending = self.exchange.ending();
        let reason = ending.map_or(Reason::NativeGrpc, |ending| ending.reason);
        if let Err(error) = host::reply_grpc(status, reason) {
            self.give_up("refuse a native gRPC call", error);
        }
        Action::Pause
    }

    /// Ends a request that the host no longer lets us handle: never silence.
    fn give_up(&mut self, what: &str, error: host::HostError) -> Action {
        self.replied = true;
        self.exchange.given_up();
        self.tell_ending();
        log::warn!("cannot {what}: {error}");
        // Not by closing the stream, on which Envoy itself crashes where no answer has begun.
        let _ = host::end_reply(details::HOST); // nothing is left to do should this fail too
        Action::Pause
    }

    /// Makes a call on the cluster of the request's own route.
    fn make_call(&mut self, call: &Call) -> Action {
        match call::start(call) {
            Ok(token) => {
                self.sends();
                self.call = Some(token);
                Action::Pause
            }
            Err(status) => self.answered(Err(status)),
        }
    }

    /// Lets a request that has been held go on as it is.
    fn let_go(&mut self) -> Action {
        if let Err(error) = host::resume(StreamType::HttpRequest) {
            self.give_up("let a request go on", error);
        }
        Action::Pause
    }

    fn answered(&mut self, answer: Result<&[u8], Status>) -> Action {
        match self.exchange.call_answered(answer) {
            Answered::Nothing => Action::Pause,
            Answered::Call(call) => self.make_call(&call),
            Answered::Reply(reply) => self.reply(&reply),
            Answered::Pass => self.let_go(),
        }
    }
}

/// The host's callbacks.
impl Stream {
    /// The call that the stream waits for.
    pub(super) fn call(&self) -> Option<u32> {
        self.call
    }

    /// A turn of the event loop that one of its directions has asked for.
    pub(super) fn turn(&mut self, turn: Turn) {
        if host::set_effective_context(self.id).is_err() {
            return;
        }
        match (turn, &mut self.flow) {
            (Turn::Request, _) if self.replied => {}
            (Turn::Request, _) => {
                if let Err(error) = self.requests.turn() {
                    self.give_up("send a stream's requests", error);
                }
                self.exchange.set_kept(self.requests.held());
            }
            (Turn::Response, Some(flow)) => {
                flow.turn(self.kicks, self.id);
                self.exchange.set_waiting(flow.held());
            }
            (Turn::Response, None) => {}
        }
    }

    /// Sends a heartbeat where one is wanted or what could not be sent before, and ends a request
    /// that does not come.
    pub(super) fn tick(&mut self) {
        if !self.replied
            && let Some(overdue) = self.exchange.tick()
            && host::set_effective_context(self.id).is_ok()
        {
            match overdue {
                RequestBody::Reply(reply) => self.reply(&reply),
                RequestBody::RefuseGrpc(status) => self.refuse_grpc(&status),
                RequestBody::End(line) => self.end_with(line),
                RequestBody::Pass
                | RequestBody::Hold
                | RequestBody::HoldLoosely
                | RequestBody::KeepOpen
                | RequestBody::Send(_) => Action::Continue,
            };
            return;
        }
        if self.requests.tick() && host::set_effective_context(self.id).is_ok() {
            self.turn(Turn::Request);
        }
        if let Some(flow) = &mut self.flow
            && flow.wants_beat()
            && host::set_effective_context(self.id).is_ok()
        {
            flow.beat();
        }
    }

    /// The stream is over, its answer sent or not.
    pub(super) fn done(&mut self) {
        if let Some(token) = self.call.take() {
            let _ = host::cancel_call(token); // it may have ended by itself
        }
        let unended = self.flow.as_ref().is_some_and(|flow| !flow.has_ended());
        let unknown = self.exchange.method().is_some() && self.exchange.ending().is_none();
        if unended || unknown {
            let lost = details::lost(&host::property(details::NAME).unwrap_or_default());
            let line = lost.and_then(|lost| self.exchange.response_lost(lost));
            if let (Some(flow), Some(line)) = (&mut self.flow, line)
                && unended
            {
                flow.lost(&line);
            }
        }
        self.count_end();
    }

    /// The answer to a call of `size` bytes, or how it failed.
    pub(super) fn call_answered(&mut self, token: u32, status: u32, size: usize) {
        if self.call.take_if(|waiting| *waiting == token).is_none() || self.replied {
            return;
        }
        match call::answer(status, size) {
            Ok(answer) => self.answered(answer.as_deref().map_err(Status::clone)),
            Err(error) => self.give_up("read the answer to a call", error),
        };
    }
}
