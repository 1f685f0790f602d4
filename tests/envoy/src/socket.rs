//! A WebSocket that a test drives from the client's side, frame by frame.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// How long a test waits for a frame.
const PATIENCE: Duration = Duration::from_secs(20);

pub const TEXT: u8 = 0x81;
pub const CLOSE: u8 = 0x88;
pub const PING: u8 = 0x89;
pub const PONG: u8 = 0x8a;

/// The key of RFC 6455's example, and what accepts it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// One socket, or a handshake that is not answered yet.
pub struct Socket {
    tcp: TcpStream,
    buffer: Vec<u8>,
}

/// The answer to a handshake.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The whole head, as it came.
    pub head: String,
}

impl Socket {
    /// Asks for a socket, with these lines more in the head.
    pub fn ask(address: SocketAddr, path: &str, more: &str) -> Self {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{more}\r\n"
        );
        Self::ask_with(address, &head)
    }

    /// Sends this head.
    pub fn ask_with(address: SocketAddr, head: &str) -> Self {
        let tcp = TcpStream::connect(address).unwrap();
        tcp.set_nodelay(true).unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        tcp.set_write_timeout(Some(PATIENCE)).unwrap();
        let mut socket = Self {
            tcp,
            buffer: Vec::new(),
        };
        socket.send_raw(head.as_bytes());
        socket
    }

    /// A socket that is open.
    pub fn open(address: SocketAddr, path: &str) -> Self {
        let mut socket = Self::ask(address, path, "");
        socket.opens();
        socket
    }

    /// Reads the answer that opens it.
    pub fn opens(&mut self) -> Answer {
        let answer = self.answer();
        assert_eq!(answer.status, 101, "{}", answer.head);
        assert!(answer.head.contains(ACCEPT), "{}", answer.head);
        let lower = answer.head.to_ascii_lowercase();
        for field in ["\r\nupgrade: websocket\r\n", "\r\nconnection: upgrade\r\n"] {
            assert!(lower.contains(field), "{lower}");
        }
        assert!(!lower.contains("content-type"), "{lower}");
        answer
    }

    /// Reads the head of the answer to the handshake.
    pub fn answer(&mut self) -> Answer {
        let end = loop {
            let end = self.buffer.windows(4).position(|at| at == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
            assert!(
                self.fill(),
                "no head: {:?}",
                String::from_utf8_lossy(&self.buffer)
            );
        };
        let head: Vec<u8> = self.buffer.drain(..end).collect();
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head }
    }

    /// Reads the body behind a refusal.
    pub fn body(&mut self, answer: &Answer) -> String {
        let lower = answer.head.to_ascii_lowercase();
        let length = lower.split("content-length: ").nth(1).unwrap();
        let length: usize = length.split('\r').next().unwrap().parse().unwrap();
        while self.buffer.len() < length {
            assert!(self.fill());
        }
        String::from_utf8(self.buffer.drain(..length).collect()).unwrap()
    }

    /// Sends a message of text.
    pub fn send(&mut self, text: &str) {
        self.send_raw(&frame(TEXT, text.as_bytes()));
    }

    /// Sends any bytes.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        self.tcp.write_all(bytes).unwrap();
    }

    /// The same where the peer may have ended the socket.
    pub fn try_send_raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.tcp.write_all(bytes)
    }

    /// The next frame: its first byte and its payload; None at the end of the connection.
    pub fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some(length) = whole(&self.buffer) {
                let bytes: Vec<u8> = self.buffer.drain(..length.1).collect();
                return Some((bytes[0], bytes[length.0..].to_vec()));
            }
            if !self.fill() {
                assert!(self.buffer.is_empty(), "cut within a frame");
                return None;
            }
        }
    }

    /// The next message of text, which must be a document.
    pub fn document(&mut self) -> Value {
        let (first, mut text) = self.frame().expect("a further message");
        let mut last = first & 0x80 != 0;
        assert_eq!(first & 0x7f, 1, "{}", String::from_utf8_lossy(&text));
        while !last {
            let (next, mut more) = self.frame().expect("the rest of a message");
            assert_eq!(next & 0x7f, 0);
            last = next & 0x80 != 0;
            text.append(&mut more);
        }
        serde_json::from_slice(&text).unwrap()
    }

    /// The code of the close frame that comes next; None if the connection ends without one.
    pub fn closed(&mut self) -> Option<u16> {
        let (first, payload) = self.frame()?;
        assert_eq!(first, CLOSE, "{}", String::from_utf8_lossy(&payload));
        let code = payload
            .first_chunk()
            .map_or(1005, |code| u16::from_be_bytes(*code));
        assert_eq!(self.frame(), None, "something behind the close");
        Some(code)
    }

    fn fill(&mut self) -> bool {
        let mut piece = [0; 64 << 10];
        let length = self.tcp.read(&mut piece).unwrap_or_else(|error| {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}");
            0
        });
        self.buffer.extend_from_slice(&piece[..length]);
        length > 0
    }
}

/// Where the payload of the first frame begins, and where it ends, if all of it is there.
fn whole(bytes: &[u8]) -> Option<(usize, usize)> {
    let short = *bytes.get(1)?;
    assert!(short < 0x80, "a server's frame is not masked");
    let (start, length) = match short {
        126 => (
            4,
            usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
        ),
        127 => (
            10,
            u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?) as usize,
        ),
        short => (2, usize::from(short)),
    };
    (bytes.len() >= start + length).then_some((start, start + length))
}

/// A client's frame.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut out = vec![first];
    match payload.len() {
        length @ 0..=125 => out.push(0x80 | length as u8),
        length @ 126..=65535 => {
            out.push(0xfe);
            out.extend((length as u16).to_be_bytes());
        }
        length => {
            out.push(0xff);
            out.extend((length as u64).to_be_bytes());
        }
    }
    out.extend(MASK);
    let masked = payload.iter().zip(MASK.iter().cycle());
    out.extend(masked.map(|(byte, mask)| byte ^ mask));
    out
}
