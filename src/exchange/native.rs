//! Native gRPC under a policy: a call's messages go on as they came, once each has been judged.

use super::action::RequestBody;
use super::guard::Guard;
use super::refusal::too_large;
use super::settings::Settings;
use crate::growth::append;
use crate::grpc::{Code, Frame, FrameError, Frames, HEADER_LEN, Status, seal};

/// The request of such a call.
#[derive(Debug)]
pub(super) struct Native {
    guard: Guard,
    frames: Frames,
    /// The frame that has begun, without what of its header is still to come.
    frame: Vec<u8>,
    /// Whether a message has gone on.
    sent: bool,
}

impl Native {
    pub(super) fn new(guard: Guard) -> Self {
        Self {
            guard,
            frames: Frames::default(),
            frame: Vec::new(),
            sent: false,
        }
    }

    /// The next bytes of the body; what of it may go on. No byte of a message does that has not been judged whole.
    pub(super) fn request_body(
        &mut self,
        settings: &Settings,
        chunk: &[u8],
        end: bool,
    ) -> Result<RequestBody, Status> {
        let mut judged = Vec::new();
        let mut rest = chunk;
        while let Some(part) = self.frames.next(&mut rest).map_err(unreadable)? {
            match part {
                Frame::Begin(length) if length as usize > settings.max_message => {
                    return Err(too_large(settings));
                }
                Frame::Begin(_) => self.frame.resize(HEADER_LEN, 0),
                Frame::Data(data) => {
                    let most = settings.max_message.saturating_add(HEADER_LEN);
                    append(&mut self.frame, data.to_vec(), most);
                }
                Frame::End => {
                    let mut frame = std::mem::take(&mut self.frame);
                    self.guard
                        .judge(settings, frame.get(HEADER_LEN..).unwrap_or_default())?;
                    seal(&mut frame);
                    judged.append(&mut frame);
                }
            }
        }
        if end {
            self.end()?;
        }
        self.sent |= !judged.is_empty();
        if self.sent || end || self.frame.len() > settings.held_body() {
            return Ok(RequestBody::Send(judged));
        }
        Ok(RequestBody::Hold)
    }

    /// The end of the body.
    pub(super) fn end(&self) -> Result<(), Status> {
        if self.frames.is_at_boundary() {
            return Ok(());
        }
        let message = "the body ends within a message";
        Err(Status::new(Code::INVALID_ARGUMENT, message))
    }

    /// Whether a message has begun and not come to its end.
    pub(super) fn awaits_request(&self) -> bool {
        !self.frames.is_at_boundary()
    }

    /// Bytes that are held.
    pub(super) fn held(&self) -> usize {
        self.frame.capacity()
    }
}

/// The refusal of what cannot be judged.
fn unreadable(error: FrameError) -> Status {
    let message = match error {
        FrameError::Compressed => "under a policy messages must not be compressed",
        _ => "the body is not gRPC",
    };
    Status::new(Code::UNIMPLEMENTED, message)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use crate::config::Config;
    use crate::exchange::{Exchange, RequestBody, RequestHead, RequestTrailers, Settings};
    use crate::grpc::{HEADER_LEN, seal};
    use crate::http::Headers;

    fn exchange(policy: &str) -> Exchange {
        let text = format!(r#"{{"max_request_bytes":1000,"policies":[{policy}]}}"#);
        let config = Config::parse(text.as_bytes()).unwrap();
        Exchange::new(Rc::new(Settings::new(&config)))
    }

    fn head(exchange: &mut Exchange, path: &str, kind: &str) -> String {
        let list = [(":path", path), (":method", "POST"), ("content-type", kind)];
        let headers = list.map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        match exchange.request_head(&Headers::new(headers.to_vec()), false) {
            RequestHead::PassWith(_) | RequestHead::Pass => String::new(),
            RequestHead::RefuseGrpc(status) => format!("{}: {}", status.code.0, status.message),
            other => panic!("{other:?}"),
        }
    }

    fn frame(message: &[u8]) -> Vec<u8> {
        let mut frame = [&[0; HEADER_LEN], message].concat();
        seal(&mut frame);
        frame
    }

    const RANGE: &str = "/etcdserverpb.KV/Range";
    const WATCH: &str = "/etcdserverpb.Watch/Watch";
    const KEYS: &str = r#"{"name":"p","keys":["/a/"]}"#;

    /// What of a body in these pieces goes on, and how the call is refused, if it is.
    fn play(path: &str, pieces: &[&[u8]]) -> (Vec<u8>, String) {
        let mut exchange = exchange(KEYS);
        assert_eq!(head(&mut exchange, path, "application/grpc"), "");
        let mut sent = Vec::new();
        for (index, piece) in pieces.iter().enumerate() {
            match exchange.request_body(piece.to_vec(), index + 1 == pieces.len()) {
                RequestBody::Send(bytes) => sent.extend(bytes),
                RequestBody::Hold => assert!(sent.is_empty()),
                RequestBody::RefuseGrpc(status) => {
                    return (sent, format!("{}: {}", status.code.0, status.message));
                }
                other => panic!("{other:?}"),
            }
        }
        (sent, String::new())
    }

    #[test]
    fn messages_that_are_allowed_go_on_as_they_came_at_every_cut() {
        let create = |key: &[u8]| {
            let create = [&[0x0a, key.len() as u8], key].concat();
            frame(&[&[0x0a, create.len() as u8], &create[..]].concat())
        };
        let good = [create(b"/a/x"), create(b"/a/y")].concat();
        let bad = [good.clone(), create(b"/b/x")].concat();
        for at in 0..=good.len() {
            let (front, back) = good.split_at(at);
            assert_eq!(
                play(WATCH, &[front, back]),
                (good.clone(), String::new()),
                "cut at {at}"
            );
        }
        for at in 0..=bad.len() {
            let (front, back) = bad.split_at(at);
            let (sent, refusal) = play(WATCH, &[front, back]);
            assert!(good.starts_with(&sent), "cut at {at}");
            assert!(
                refusal.starts_with("7: ") && refusal.contains("rule keys"),
                "{refusal}"
            );
        }
        let bytes: Vec<&[u8]> = bad.chunks(1).collect();
        assert_eq!(play(WATCH, &bytes).0, good);
    }

    #[test]
    fn what_cannot_be_judged_is_refused_before_a_byte_of_it_goes_on() {
        let good = frame(b"\x0a\x04/a/x");
        for (body, code) in [
            (&b"\x01\0\0\0\x01x"[..], "12: "),
            (b"{}{}{}", "12: "),
            (b"\0\0\0\x03\xe9", "8: "),
            (&good[..good.len() - 1], "3: "),
            (&good[..3], "3: "),
            (&frame(b"\x0a\x09/a/x"), "3: "),
            (&frame(b"\x0a\x04/b/x"), "7: "),
            (&frame(b""), "7: "),
        ] {
            let (sent, refusal) = play(RANGE, &[body]);
            assert!(
                sent.is_empty() && refusal.starts_with(code),
                "{body:?}: {refusal}"
            );
            let (sent, refusal) = play(RANGE, &[&good, body]);
            assert!(
                good.starts_with(&sent) && refusal.starts_with(code),
                "{body:?}: {refusal}"
            );
        }
    }

    #[test]
    fn methods_are_held_to_the_policy_whatever_the_content_type() {
        let snapshot = "/etcdserverpb.Maintenance/Snapshot";
        for (path, kind, refusal) in [
            (RANGE, "application/grpc", ""),
            (RANGE, "Application/Grpc+proto", ""),
            (RANGE, "text/plain", ""),
            (snapshot, "application/grpc", "7: "),
            (snapshot, "text/plain", "7: "),
            ("/etcdserverpb.KV/Rang%65", "application/grpc", "7: "),
            ("/etcdserverpb.KV/Range?x", "application/grpc", "7: "),
            ("//etcdserverpb.KV/Range", "application/grpc", "7: "),
            ("/etcdserverpb.KV/Other", "application/grpc", "7: "),
            ("/grpc.health.v1.Health/Check", "application/grpc", ""),
            (
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                "application/grpc",
                "7: ",
            ),
            ("/metrics", "text/plain", ""),
        ] {
            let answer = head(&mut exchange(KEYS), path, kind);
            assert!(answer.starts_with(refusal), "{path} {kind}: {answer}");
            assert_eq!(
                answer.is_empty(),
                refusal.is_empty(),
                "{path} {kind}: {answer}"
            );
        }
    }

    #[test]
    fn a_call_for_which_there_is_no_policy_is_refused() {
        let policy = r#"{"name":"p","header":"x-tenant: a"}"#;
        let answer = head(&mut exchange(policy), RANGE, "application/grpc");
        assert!(
            answer.starts_with("7: denied by the rule policies"),
            "{answer}"
        );
    }

    #[test]
    fn trailers_end_a_request_only_behind_a_whole_message() {
        let good = frame(b"\x0a\x04/a/x");
        for (body, refused) in [(&good[..], false), (&good[..7], true)] {
            let mut exchange = exchange(KEYS);
            head(&mut exchange, RANGE, "application/grpc");
            exchange.request_body(body.to_vec(), false);
            let end = exchange.request_trailers();
            assert_eq!(matches!(end, RequestTrailers::RefuseGrpc(_)), refused);
        }
    }

    #[test]
    fn a_message_that_does_not_come_is_counted_and_given_up() {
        let mut exchange = exchange(KEYS);
        head(&mut exchange, RANGE, "application/grpc");
        exchange.request_body(frame(b"\x0a\x04/a/x")[..7].to_vec(), false);
        let refused = (0..100).find_map(|_| exchange.tick());
        assert!(matches!(refused, Some(RequestBody::RefuseGrpc(status)) if status.code.0 == 4));
    }
}
