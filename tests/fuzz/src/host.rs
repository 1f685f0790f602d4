//! A host that does what the exchange says, and delivers to it what a real one would: it follows `src/filter/stream.rs`.

use std::rc::Rc;

use allocation_counter::measure;
use etcd_json_gateway::exchange::{
    Answered, Call, Exchange, Lost, RequestBody, RequestHead, RequestTrailers, ResponseBody,
    ResponseHead, ResponseTrailers, Settings,
};
use etcd_json_gateway::http::Reply;

use crate::script::{self, Event, List, Script, borrowed};
use crate::seen::{Body, End, Seen};

/// Bytes that an exchange may hold beside what it accounts for and its headers: the scopes of a message that streams.
const UNACCOUNTED: usize = 24 << 10;

/// One exchange and what comes of it.
pub struct Host<'a> {
    exchange: Exchange,
    script: &'a Script,
    settings: Rc<Settings>,
    chaos: bool,
    /// Bytes that other exchanges hold.
    others: usize,
    /// Bytes that the exchange has allocated and not freed.
    held: i64,
    /// Most bytes that it may.
    unaccounted: usize,
    /// Whether the request has not ended.
    requesting: bool,
    /// Whether the head waits for the first piece of body.
    head_waits: bool,
    /// Whether the body is held back, so that the trailers may add to it.
    holding: bool,
    /// Whether the exchange waits for a call.
    calling: bool,
    /// Whether the request went upstream, and its answer has not ended.
    answering: bool,
    /// Whether the head of the answer has come.
    has_head: bool,
    pub seen: Seen,
}

impl<'a> Host<'a> {
    /// A host that has delivered the request head.
    pub fn new(script: &'a Script, settings: Rc<Settings>) -> Self {
        let mut held = 0;
        let mut exchange = None;
        let size = |(name, value): &(Vec<u8>, Vec<u8>)| name.len() + value.len() + 200;
        let shared = Rc::clone(&settings);
        held += measure(|| exchange = Some(Exchange::new(shared))).bytes_current;
        let mut host = Self {
            exchange: exchange.expect("it was made"),
            others: settings.held(),
            settings,
            script,
            chaos: script.chaos,
            held,
            unaccounted: UNACCOUNTED + 4 * script.head.iter().map(size).sum::<usize>(),
            requesting: !script.end,
            head_waits: false,
            holding: false,
            calling: false,
            answering: false,
            has_head: false,
            seen: Seen::new(script.chaos),
        };
        let head = borrowed(&script.head);
        let action = host.measured(|exchange| exchange.request_head(&head, script.end));
        match &action {
            RequestHead::Pass | RequestHead::PassWith(_) => host.seen.passed = true,
            RequestHead::RefuseGrpc(_) => host.seen.finish(End::Reply(200)),
            RequestHead::Reply(reply) => host.reply(reply),
            RequestHead::Call(call) => host.call(call),
            RequestHead::Hold => host.head_waits = true,
            RequestHead::Forward(list) => {
                host.answering = true;
                host.seen.forward(list, script);
            }
        }
        host.release(action);
        host
    }

    /// Delivers an event, if there can be such a one now.
    pub fn deliver(&mut self, event: &Event) {
        match event {
            Event::RequestBody(bytes, end) => self.request_body(bytes, *end),
            Event::RequestTrailers => self.request_trailers(),
            Event::Wait => self.wait(),
            Event::ResponseHead(list, end, origin) => {
                self.response_head(list, *end, origin.as_ref())
            }
            Event::ResponseBody(bytes, end) => self.response_body(bytes, *end),
            Event::ResponseTrailers(list) => self.response_trailers(list),
            Event::CallAnswered(answer) => self.call_answered(answer),
            Event::Lost(details) => self.lost(details),
        }
    }

    /// Ends the exchange; what it held is given back.
    pub fn finish(mut self) -> Seen {
        let exchange = self.exchange;
        self.held += measure(|| drop(exchange)).bytes_current;
        assert_eq!(
            (self.held, self.settings.held()),
            (0, self.others),
            "held after the end"
        );
        self.seen
    }

    fn request_body(&mut self, bytes: &[u8], end: bool) {
        if !self.can_be(self.requesting) {
            return;
        }
        self.requesting = !end;
        if self.calling && !self.chaos {
            return;
        }
        let action = self.measured(|exchange| exchange.request_body(bytes.to_vec(), end));
        match &action {
            RequestBody::Pass => assert!(self.chaos, "what was taken is not passed on"),
            RequestBody::Hold | RequestBody::HoldLoosely => {
                assert!(self.chaos || !end, "held for ever");
            }
            RequestBody::KeepOpen => {}
            RequestBody::Send(bytes) => self.send(bytes),
            RequestBody::Reply(reply) => self.reply(reply),
            RequestBody::End(line) => self.end_with(line),
        }
        self.holding = action == RequestBody::Hold;
        self.release(action);
    }

    /// Sends bytes upstream, behind the head if that has waited.
    fn send(&mut self, bytes: &[u8]) {
        if std::mem::take(&mut self.head_waits) {
            let script = self.script;
            let head = borrowed(&script.head);
            let sent = self.measured(|exchange| exchange.held_head(&head));
            match &sent {
                Ok(list) if list.is_empty() => assert!(self.chaos, "a head without headers"),
                Ok(list) => {
                    self.answering = true;
                    self.seen.forward(list, script);
                }
                Err(reply) => self.reply(reply),
            }
            self.release(sent);
        }
        self.seen.upstream.extend_from_slice(bytes);
    }

    /// A request that has been waited for too long.
    fn wait(&mut self) {
        if !self.can_be(self.requesting && !self.calling) {
            return;
        }
        for _ in 0..u8::MAX {
            let action = self.measured(Exchange::tick);
            match &action {
                None => {}
                Some(RequestBody::Reply(reply)) => self.reply(reply),
                Some(RequestBody::End(line)) => self.end_with(line),
                Some(action) => panic!("{action:?}"),
            }
            self.release(action);
            if self.seen.end.is_some() {
                return;
            }
        }
    }

    fn request_trailers(&mut self) {
        if !self.can_be(self.requesting) {
            return;
        }
        self.requesting = false;
        if self.calling && !self.chaos {
            return;
        }
        let action = self.measured(Exchange::request_trailers);
        match &action {
            RequestTrailers::Pass => assert!(self.chaos, "what was taken is not passed on"),
            RequestTrailers::Drop => self.send(&[]),
            RequestTrailers::Send(bytes) => {
                assert!(self.holding, "added to a body that is not held");
                self.send(bytes);
            }
            RequestTrailers::Reply(reply) => self.reply(reply),
            RequestTrailers::End(line) => self.end_with(line),
        }
        self.release(action);
    }

    fn response_head(&mut self, list: &List, end: bool, origin: Option<&String>) {
        if !self.can_be(self.answering && !self.has_head) {
            return;
        }
        self.has_head = true;
        let list = borrowed(list);
        let action =
            self.measured(|exchange| exchange.response_head(&list, end, || origin.cloned()));
        match &action {
            ResponseHead::Pass => assert!(self.chaos, "what was taken is not passed on"),
            ResponseHead::Reply(reply) => self.reply(reply),
            ResponseHead::Rewrite { headers, .. } => {
                assert!(!end, "an answer that is only a head is a status");
                self.seen.respond(headers);
            }
        }
        self.release(action);
    }

    fn response_body(&mut self, bytes: &[u8], end: bool) {
        if !self.begin_answer() {
            return;
        }
        let action = self.measured(|exchange| exchange.response_body(bytes, end));
        match &action {
            ResponseBody::Pass => assert!(self.chaos, "what was taken is not passed on"),
            ResponseBody::Hold | ResponseBody::HoldLoosely => assert!(!end, "held for ever"),
            ResponseBody::Send(text) => self.seen.write(Body::Text, text),
            ResponseBody::Lines { lines, .. } => self.seen.write_all(lines),
            ResponseBody::LastLines(lines) => {
                self.seen.write_all(lines);
                self.seen.finish(End::Error);
            }
            ResponseBody::Reply(reply) => self.reply(reply),
        }
        self.answering &= !end;
        assert!(
            self.chaos || !end || !self.is_open(),
            "the answer has no end"
        );
        self.release(action);
    }

    fn response_trailers(&mut self, list: &List) {
        if !self.begin_answer() {
            return;
        }
        self.answering = false;
        let action = self.measured(|exchange| exchange.response_trailers(&borrowed(list)));
        match &action {
            ResponseTrailers::Pass => assert!(self.chaos, "what was taken is not passed on"),
            ResponseTrailers::Reply(reply) => self.reply(reply),
            ResponseTrailers::End => self.seen.finish(End::Good),
            ResponseTrailers::Send(text) => {
                self.seen.write(Body::Text, text);
                self.seen.finish(End::Good);
            }
            ResponseTrailers::Tail(line) if line.is_empty() => self.seen.finish(End::Good),
            ResponseTrailers::Tail(line) => self.end_with(line),
        }
        self.release(action);
    }

    fn call_answered(&mut self, answer: &Result<Vec<u8>, etcd_json_gateway::grpc::Status>) {
        if !self.can_be(self.calling) {
            return;
        }
        self.calling = false;
        let action = self.measured(|exchange| match answer {
            Ok(message) => exchange.call_answered(Ok(message)),
            Err(status) => exchange.call_answered(Err(status.clone())),
        });
        match &action {
            Answered::Nothing => assert!(self.chaos, "a call that nobody waits for"),
            Answered::Call(call) => self.call(call),
            Answered::Pass => self.seen.passed = true,
            Answered::Reply(reply) => self.reply(reply),
        }
        self.release(action);
    }

    fn lost(&mut self, details: &str) {
        if !self.can_be(self.answering && self.has_head) {
            return;
        }
        self.answering = false;
        let kind = [Lost::Timeout, Lost::Reset, Lost::Gone][details.len() % 3];
        let line = self.measured(|exchange| exchange.response_lost(kind(details.to_owned())));
        match &line {
            Some(line) => self.end_with(line),
            None => self.seen.finish(End::Cut),
        }
        self.release(line);
    }

    /// Whether there can be a body or trailers of an answer; its head comes first.
    fn begin_answer(&mut self) -> bool {
        if !self.chaos && self.answering && !self.has_head {
            self.response_head(&script::grpc_head(), false, None);
        }
        self.can_be(self.answering)
    }

    /// Whether there can be an event that could be one while the client waits for more.
    fn can_be(&self, event: bool) -> bool {
        self.chaos || (event && self.is_open())
    }

    /// Whether the client waits for more.
    fn is_open(&self) -> bool {
        !self.seen.passed && self.seen.end.is_none()
    }

    fn call(&mut self, call: &Call) {
        assert!(
            !self.calling && call.target().1 == call.path.rsplit('/').next().unwrap_or_default()
        );
        self.calling = true;
    }

    fn reply(&mut self, reply: &Reply) {
        self.seen.reply(reply);
        assert!(self.chaos || self.accounted() == 0, "held after the reply");
    }

    fn end_with(&mut self, line: &[u8]) {
        self.seen.write(Body::Lines, line);
        self.seen.finish(End::Error);
    }

    /// What the exchange does, and what it holds then.
    fn measured<T>(&mut self, act: impl FnOnce(&mut Exchange) -> T) -> T {
        let mut action = None;
        let exchange = &mut self.exchange;
        self.held += measure(|| action = Some(act(exchange))).bytes_current;
        action.expect("it acted")
    }

    /// Drops what the exchange has answered, after which it alone holds anything.
    fn release<T>(&mut self, action: T) {
        self.held += measure(|| drop(action)).bytes_current;
        let accounted = self.accounted();
        let most = accounted + self.unaccounted;
        assert!(
            self.held <= most as i64,
            "{} bytes are held, {accounted} accounted for",
            self.held
        );
    }

    /// Bytes that the exchange says it holds.
    fn accounted(&self) -> usize {
        self.settings.held() - self.others
    }
}
