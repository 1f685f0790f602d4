//! Why a socket is closed (RFC 6455, 7.4).

use super::writer::push_frame;
use super::{MAX_CONTROL, Opcode};

/// The code of a close frame, and in words why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Close {
    code: Option<u16>,
    reason: &'static str,
}

impl Close {
    /// The call has come to its end.
    pub const DONE: Self = Self::new(1000, "");
    /// The call has ended with an error, which has been said in a message.
    pub const FAILED: Self = Self::new(1011, "");
    /// A message is larger than is taken.
    pub const TOO_LARGE: Self = Self::new(1009, "larger than max_request_bytes allows");
    /// A text message is not UTF-8.
    pub const NOT_UTF8: Self = Self::new(1007, "text that is not UTF-8");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self {
            code: Some(code),
            reason,
        }
    }

    /// What the client sends are no frames that it may send.
    #[must_use]
    pub const fn protocol(reason: &'static str) -> Self {
        Self::new(1002, reason)
    }

    /// The answer to a client's close frame with this payload: its code, if it is one that may be sent.
    pub(super) fn echo(payload: &[u8]) -> Self {
        let Some((code, reason)) = payload.split_first_chunk() else {
            return if payload.is_empty() {
                Self {
                    code: None,
                    reason: "",
                }
            } else {
                Self::protocol("a close frame of one byte")
            };
        };
        let code = u16::from_be_bytes(*code);
        if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
            return Self::protocol("a close code that must not be sent");
        }
        if std::str::from_utf8(reason).is_err() {
            return Self::NOT_UTF8;
        }
        Self::new(code, "")
    }

    /// Whether the client is at fault.
    #[must_use]
    pub fn is_violation(self) -> bool {
        !self.reason.is_empty()
    }

    /// Why, in words; empty where nobody is at fault.
    #[must_use]
    pub fn reason(self) -> &'static str {
        self.reason
    }

    /// The frame that says it.
    #[must_use]
    pub fn frame(self) -> Vec<u8> {
        let mut payload = Vec::new();
        if let Some(code) = self.code {
            payload.extend_from_slice(&code.to_be_bytes());
            payload.extend_from_slice(self.reason.as_bytes());
            payload.truncate(MAX_CONTROL); // all of ours are ASCII
        }
        let mut frame = Vec::new();
        push_frame(Opcode::Close, true, &payload, &mut frame);
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_is_answered_with_its_own_code_or_the_fault_in_it() {
        for (payload, frame) in [
            (&b""[..], &b"\x88\x00"[..]),
            (b"\x03\xe8bye", b"\x88\x02\x03\xe8"),
            (b"\x0f\xa0", b"\x88\x02\x0f\xa0"),
        ] {
            let close = Close::echo(payload);
            assert_eq!(
                (close.frame(), close.is_violation()),
                (frame.to_vec(), false)
            );
        }
        for code in [
            0_u16, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535,
        ] {
            let close = Close::echo(&code.to_be_bytes());
            assert_eq!(close.frame()[2..4], [0x03, 0xea], "{code}");
        }
        assert_eq!(Close::echo(b"x").frame()[2..4], [0x03, 0xea]);
        assert_eq!(Close::echo(b"\x03\xe8\xff"), Close::NOT_UTF8);
    }
}
