//! The services that Envoy's filters ask, by script.

use std::time::Duration;

use testbed::upstream::{Script, Step, Upstream};
use testbed::wire::{bytes_field, frame};

/// Most messages that a stream of an external processor has in these tests.
const MESSAGES: usize = 400;

/// What an external processor is asked, by the numbers that its answers have
/// (`envoy.service.ext_proc.v3.ProcessingResponse`).
#[derive(Clone, Copy)]
pub enum Asked {
    RequestHeaders = 1,
    ResponseHeaders = 2,
    ResponseBody = 4,
}

impl Asked {
    /// The answer that changes nothing: a `CommonResponse` without members.
    fn unchanged(self) -> Vec<u8> {
        bytes_field(self as u32, &bytes_field(1, b""))
    }
}

/// An external processor that changes nothing. It answers for the response's body as often as it is asked.
pub fn processor(asked: &'static [Asked], body: bool) -> Upstream {
    let upstream = Upstream::start().unwrap();
    let heads = asked.len();
    let rest = if body { MESSAGES } else { 0 };
    let start = Script::default().step(Step::AwaitMessages(1)).head();
    let script = (1..=heads + rest).fold(start, |script, count| {
        let answer = asked.get(count - 1).copied().unwrap_or(Asked::ResponseBody);
        script
            .step(Step::AwaitMessages(count))
            .data(frame(&answer.unchanged()))
    });
    upstream.always(script);
    upstream
}

/// An external authorization that allows everything: a `CheckResponse` whose status is OK.
pub fn authorization() -> Upstream {
    let upstream = Upstream::start().unwrap();
    upstream.always(Script::message(b""));
    upstream
}

/// The same, taking its time.
pub fn slow() -> Upstream {
    let upstream = Upstream::start().unwrap();
    let start = Script::after_request().step(Step::Delay(Duration::from_millis(30)));
    upstream.always(start.head().data(frame(b"")).status(0, ""));
    upstream
}
