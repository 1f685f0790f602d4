//! A client that says in HTTP/2 whatever a test says, to the byte.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::frames::{
    self, ACK, DATA, END_STREAM, HEADERS, PING, PREFACE, RST_STREAM, SETTINGS, headers,
};
use crate::world::World;

/// How long a connection may go without an end.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a stream came to its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// Regularly, with this body.
    Whole(Vec<u8>),
    /// By a reset with this code.
    Reset(u32),
    /// With its connection.
    Closed,
    /// Not at all.
    Not,
}

/// A client's connection.
pub struct Raw {
    socket: TcpStream,
}

impl Raw {
    pub fn open(world: &World) -> std::io::Result<Self> {
        Self::connect(world.gateway.address())
    }

    pub fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let mut socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.write_all(PREFACE)?;
        socket.write_all(&frames::frame(SETTINGS, 0, 0, &[]))?;
        Ok(Self { socket })
    }

    /// Sends any bytes; whoever refuses the first may close before the last.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.socket.write_all(bytes);
    }

    /// Reads until that stream ends.
    pub fn end_of(&mut self, stream: u32) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        let Ok(socket) = self.socket.try_clone() else {
            return Ended::Closed;
        };
        let mut reader = BufReader::new(socket);
        let mut body = Vec::new();
        while Instant::now() < deadline {
            let frame = match frames::read(&mut reader) {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ended::Closed,
                Err(_) => return Ended::Not,
            };
            match frame.kind {
                SETTINGS | PING if frame.flags & ACK == 0 => {
                    self.send(&frames::frame(frame.kind, ACK, 0, &frame.payload));
                }
                RST_STREAM if frame.stream == stream => {
                    let code = frame.payload.try_into().map(u32::from_be_bytes);
                    return Ended::Reset(code.unwrap_or_default());
                }
                DATA | HEADERS if frame.stream == stream => {
                    if frame.kind == DATA {
                        body.extend_from_slice(&frame.payload);
                    }
                    if frame.flags & END_STREAM != 0 {
                        return Ended::Whole(body);
                    }
                }
                _ => {}
            }
        }
        Ended::Not
    }
}

/// The head of a POST.
pub fn post(stream: u32, path: &str, flags: u8) -> Vec<u8> {
    with(stream, path, flags, &[])
}

/// The head of a POST with more fields.
pub fn with(stream: u32, path: &str, flags: u8, more: &[(&str, &str)]) -> Vec<u8> {
    let mut fields = vec![
        (":method", "POST"),
        (":scheme", "http"),
        (":authority", "etcd"),
        (":path", path),
    ];
    fields.extend(more);
    headers(stream, flags, &fields)
}
