//! What is counted of a stream, and what Envoy's logs are told of it.

use super::Stream;
use crate::exchange::Ending;
use crate::filter::host;
use crate::filter::metrics::Metrics;
use crate::filter::series::{End, Series};
use crate::grpc::Code;
use crate::http::{Reason, Side};

/// The gRPC code of a JSON call, in Envoy's logs: `%FILTER_STATE(wasm.etcd_json_gateway_code:PLAIN)%`.
const CODE: &str = "etcd_json_gateway_code";

/// Why it is not 0: the name of a [`Reason`].
const REASON: &str = "etcd_json_gateway_reason";

const NANOS_PER_MICRO: u64 = 1000;

/// What has been counted and told of a stream.
#[derive(Debug)]
pub(super) struct Course {
    /// Nanoseconds in the module, where they are taken.
    spent: Option<u64>,
    /// When the message of a unary call has gone to etcd, likewise.
    sent: Option<u64>,
    /// Whether it counts as a stream that has been opened.
    opened: bool,
    /// Whether Envoy has been told how it has ended.
    told: bool,
}

impl Course {
    pub(super) fn new(metrics: &Metrics) -> Self {
        Self {
            spent: metrics.times().then_some(0),
            sent: None,
            opened: false,
            told: false,
        }
    }
}

impl Stream {
    /// A callback begins: when, if that is of interest.
    pub(in crate::filter) fn begins(&self) -> Option<u64> {
        self.course.spent.map(|_| host::now())
    }

    /// A callback that began then has ended.
    pub(in crate::filter) fn ends(&mut self, began: Option<u64>) {
        if let (Some(spent), Some(began)) = (&mut self.course.spent, began) {
            *spent = spent.saturating_add(host::now().saturating_sub(began));
        }
    }

    /// Counts a stream that begins.
    pub(super) fn count_begin(&mut self) {
        if self.exchange.streams()
            && let Some(method) = self.exchange.method()
        {
            self.course.opened = true;
            self.metrics.count(Series::Opened(method));
        }
    }

    /// The message of a unary call goes to etcd.
    pub(super) fn sends(&mut self) {
        if !self.course.opened && self.course.spent.is_some() {
            self.course.sent.get_or_insert_with(host::now);
        }
    }

    /// Records how long etcd has taken for a call that it has ended, for this reason.
    fn record_time(&self, reason: Reason) {
        if let (Some(sent), Some(method)) = (self.course.sent, self.exchange.method())
            && matches!(reason, Reason::Answer | Reason::Etcd)
        {
            let nanos = host::now().saturating_sub(sent);
            let series = Series::CallTime(method);
            self.metrics.record(series, nanos / NANOS_PER_MICRO);
        }
    }

    /// Tells Envoy's logs how the call has ended, once that is known. They are written before the stream is deleted.
    pub(super) fn tell_ending(&mut self) {
        let Some(Ending { code, reason }) = self.exchange.ending() else {
            return;
        };
        if std::mem::replace(&mut self.course.told, true) || self.exchange.method().is_none() {
            return;
        }
        self.record_time(reason);
        let mut digits = itoa::Buffer::new();
        let told = host::set_property(CODE, digits.format(code.0).as_bytes());
        if told.is_ok() && reason != Reason::Answer {
            let _ = host::set_property(REASON, reason.name().as_bytes()); // a log lacks it then
        }
    }

    /// Counts what has become of the stream, which is over.
    pub(super) fn count_end(&mut self) {
        let ending = self.exchange.ending();
        if let Some(Ending { reason, .. }) = ending
            && reason.side() != Side::Neither
        {
            self.metrics.count(Series::Reason(reason));
        }
        let Some(method) = self.exchange.method() else {
            return;
        };
        let code = ending.map_or(Code::CANCELLED, |ending| ending.code);
        self.metrics.count(Series::Calls(method, code));
        if self.course.opened {
            self.metrics.count(Series::Closed(method, self.end()));
        } else if let Some(spent) = self.course.spent {
            self.metrics.record(Series::Time, spent / NANOS_PER_MICRO);
        }
    }

    /// How a stream has ended.
    fn end(&self) -> End {
        let cut = self.flow.as_ref().map(|flow| flow.is_cut());
        match (self.exchange.ending(), cut) {
            (_, Some(true)) => End::Cut,
            (None, _) => End::Client,
            (Some(ending), _) if ending.code == Code::OK => End::Server,
            (Some(ending), _) if ending.reason == Reason::Host => End::Cut,
            // Nothing could be said.
            (Some(ending), None) if ending.reason == Reason::Lost => End::Cut,
            _ => End::Error,
        }
    }
}
