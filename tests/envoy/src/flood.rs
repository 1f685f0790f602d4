//! Many requests with large heads over HTTP/2, for few bytes on the wire.

use std::collections::HashSet;
use std::io::{BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use testbed::client::PATIENCE;

use crate::frames::{
    self, ACK, DATA, END_HEADERS, END_STREAM, Frame, HEADERS, PING, PREFACE, RST_STREAM, SETTINGS,
    WINDOW_UPDATE,
};

/// Bytes of a header's value: with its name it fits into HPACK's table of 4 KiB, so that a byte stands for it.
const VALUE: usize = 3900;

/// How often a head has it that takes nearly all of the 60 KiB that Envoy takes by default.
pub const LARGEST: usize = 15;

/// Static entries of HPACK's table (RFC 7541, appendix A), and the first that is not.
const POST: u8 = 0x83;
const GET: u8 = 0x82;
const HTTP: u8 = 0x86;
const PATH: u8 = 0x04;
const AUTHORITY: u8 = 0x01;
const ADD_AUTHORIZATION: u8 = 0x40 | 23;
const NEWEST: u8 = 0x80 | 62;

/// One of the requests.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub name: &'static str,
    pub method: &'static str,
    pub path: &'static str,
    /// What is sent of its body; none ends it with its head.
    pub body: Option<&'static str>,
    /// Whether the body ends there.
    pub ends: bool,
    /// Whether trailers end it.
    pub trailers: bool,
    /// How often its head has a header of nearly 4 KiB.
    pub times: usize,
}

impl Request {
    /// One that goes on.
    pub const fn new(name: &'static str, path: &'static str, body: Option<&'static str>) -> Self {
        Self {
            name,
            method: "POST",
            path,
            body,
            ends: false,
            trailers: false,
            times: LARGEST,
        }
    }

    fn bytes(&self, stream: u32) -> Vec<u8> {
        let mut block = vec![if self.method == "GET" { GET } else { POST }, HTTP, PATH];
        block.push(u8::try_from(self.path.len()).unwrap());
        block.extend(self.path.as_bytes());
        block.extend([AUTHORITY, 4]);
        block.extend(b"etcd");
        let mut times = self.times;
        if stream == 1 && times > 0 {
            block.push(ADD_AUTHORIZATION);
            push_length(VALUE, &mut block);
            block.extend([b'x'; VALUE]);
            times -= 1;
        }
        block.extend(vec![NEWEST; times]);
        let flags = if self.body.is_none() { END_STREAM } else { 0 };
        let mut bytes = frames::frame(HEADERS, flags | END_HEADERS, stream, &block);
        if let Some(body) = self.body {
            let flags = if self.ends { END_STREAM } else { 0 };
            bytes.extend(frames::frame(DATA, flags, stream, body.as_bytes()));
        }
        if self.trailers {
            bytes.extend(frames::headers(stream, END_STREAM, &[("x", "y")]));
        }
        bytes
    }
}

/// A length of more than 126 bytes, as HPACK writes it with a prefix of seven bits.
fn push_length(length: usize, block: &mut Vec<u8>) {
    let rest = length - 0x7f;
    block.extend([0x7f, rest as u8 | 0x80, (rest >> 7) as u8]);
}

/// A connection with many such requests.
pub struct Flood {
    socket: Arc<Mutex<TcpStream>>,
    seen: Arc<Seen>,
    sent: usize,
}

/// What has come on it.
#[derive(Default)]
struct Seen {
    /// Streams that have ended.
    ended: Mutex<HashSet<u32>>,
    /// Bytes of data that may still be sent, on the connection and on its first stream.
    windows: [AtomicI64; 2],
    /// Whether the connection has ended.
    closed: AtomicBool,
}

impl Seen {
    fn take(&self, frame: &Frame) {
        let ends = match frame.kind {
            DATA | HEADERS => frame.flags & END_STREAM != 0,
            kind => kind == RST_STREAM, // which may follow the end of the answer
        };
        if ends {
            self.ended.lock().unwrap().insert(frame.stream);
        }
        if let (WINDOW_UPDATE, Some(window)) = (frame.kind, self.windows.get(frame.stream as usize))
        {
            let more = u32::from_be_bytes(frame.payload[..4].try_into().unwrap());
            window.fetch_add(more.into(), Ordering::Relaxed);
        }
    }
}

impl Flood {
    /// Opens a connection.
    pub fn open(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_nodelay(true).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        let wide = 1_u32 << 24;
        let settings = [&[0, 4][..], &wide.to_be_bytes()].concat();
        let hello = [
            PREFACE,
            &frames::frame(SETTINGS, 0, 0, &settings),
            &frames::frame(WINDOW_UPDATE, 0, 0, &wide.to_be_bytes()),
        ];
        (&socket).write_all(&hello.concat()).unwrap();
        let mut reader = BufReader::new(socket.try_clone().unwrap());
        let seen = Arc::new(Seen::default());
        let [connection, stream] = &seen.windows;
        connection.store(0xffff, Ordering::Relaxed);
        // Its windows hold once they are acknowledged.
        let first = frames::read(&mut reader).unwrap().unwrap();
        assert_eq!((first.kind, first.flags), (SETTINGS, 0));
        let window = first.payload.chunks(6).find(|pair| pair[..2] == [0, 4]);
        let window = window.map_or(0xffff, |pair| {
            u32::from_be_bytes(pair[2..].try_into().unwrap())
        });
        stream.store(window.into(), Ordering::Relaxed);
        let ack = frames::frame(SETTINGS, ACK, 0, &[]);
        (&socket).write_all(&ack).unwrap();
        let counted = Arc::clone(&seen);
        let socket = Arc::new(Mutex::new(socket));
        let answering = Arc::clone(&socket);
        thread::spawn(move || {
            while let Ok(Some(frame)) = frames::read(&mut reader) {
                counted.take(&frame);
                if frame.kind == PING && frame.flags & ACK == 0 {
                    let answer = frames::frame(PING, ACK, 0, &frame.payload);
                    let _ = answering.lock().unwrap().write_all(&answer);
                }
            }
            counted.closed.store(true, Ordering::Relaxed);
        });
        Self {
            socket,
            seen,
            sent: 0,
        }
    }

    /// Sends so many requests, at once.
    pub fn send(&mut self, request: &Request, count: usize) {
        let streams = (0..count).map(|number| 2 * (self.sent + number) as u32 + 1);
        let bytes: Vec<u8> = streams.flat_map(|stream| request.bytes(stream)).collect();
        let body = request.body.map_or(0, str::len) as i64;
        let [connection, first] = &self.seen.windows;
        connection.fetch_sub(body * count as i64, Ordering::Relaxed);
        if self.sent == 0 {
            first.fetch_sub(body, Ordering::Relaxed);
        }
        // Envoy may have closed the connection.
        let _ = self.socket.lock().unwrap().write_all(&bytes);
        self.sent += count;
    }

    /// Sends pieces of body on the first stream, in frames of their own, all at once as far as the windows let it.
    pub fn send_pieces(&mut self, pieces: &[&[u8]], end: bool) {
        let mut bytes = Vec::new();
        let started = Instant::now();
        for (index, piece) in pieces.iter().enumerate() {
            while self
                .seen
                .windows
                .iter()
                .any(|window| window.load(Ordering::Relaxed) < piece.len() as i64)
            {
                let mut socket = self.socket.lock().unwrap();
                socket.write_all(&std::mem::take(&mut bytes)).unwrap();
                drop(socket);
                assert!(
                    !self.seen.closed.load(Ordering::Relaxed),
                    "the connection is closed"
                );
                assert_eq!(self.ended(), 0, "the stream has ended");
                assert!(started.elapsed() < 5 * PATIENCE, "the windows stay closed");
                thread::sleep(Duration::from_millis(1));
            }
            for window in &self.seen.windows {
                window.fetch_sub(piece.len() as i64, Ordering::Relaxed);
            }
            let ends = end && index + 1 == pieces.len();
            let flags = if ends { END_STREAM } else { 0 };
            bytes.extend(frames::frame(DATA, flags, 1, piece));
        }
        self.socket.lock().unwrap().write_all(&bytes).unwrap();
    }

    /// How many of its streams have ended.
    pub fn ended(&self) -> usize {
        self.seen.ended.lock().unwrap().len()
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        let _ = self.socket.lock().unwrap().shutdown(Shutdown::Both);
    }
}
