//! WebSocket (RFC 6455), without I/O: the handshake, and frames in either direction.
//!
//! A codec of our own: the frame layers of the crates that there are read from sockets, hold whole messages, or panic.
//! This one holds a frame's head and a control frame of 125 bytes, whatever a client claims to send.

mod close;
mod handshake;
mod reader;
mod sha1;
mod utf8;
mod writer;

pub use close::Close;
pub use handshake::{Handshake, bearer_token, cookie_token, is_upgrade};
pub use reader::{Event, Reader};
pub use writer::{Documents, PING, pong};

/// What a frame is (RFC 6455, 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    fn byte(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// The first byte's mark of a message's last frame, and its bits that only extensions may set.
const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;

/// The second byte's mark of a frame that is masked.
const MASKED: u8 = 0x80;

/// Lengths that stand for one of 16 bits, and of 64, behind them.
const LENGTH_16: u8 = 126;
const LENGTH_64: u8 = 127;

/// The longest payload of a control frame (RFC 6455, 5.5).
const MAX_CONTROL: usize = 125;

#[cfg(test)]
mod tests;
