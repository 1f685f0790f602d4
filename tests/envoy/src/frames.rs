//! HTTP/2 frames by hand (RFC 9113), for what no proper implementation sends.

use std::io::{self, Read};

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

/// On DATA and HEADERS; the same bit is ACK on SETTINGS and PING.
pub const END_STREAM: u8 = 0x1;
pub const ACK: u8 = 0x1;
pub const END_HEADERS: u8 = 0x4;
pub const PADDED: u8 = 0x8;

/// What a client sends first.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Length of a frame's header.
pub const HEADER: usize = 9;

/// A frame as it came.
#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

/// One frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// A whole header block in one HEADERS frame.
pub fn headers<V: AsRef<[u8]>>(stream: u32, flags: u8, fields: &[(&str, V)]) -> Vec<u8> {
    frame(HEADERS, flags | END_HEADERS, stream, &block(fields))
}

/// DATA frames of at most HTTP/2's default limit; `flags` are those of the last.
pub fn data(stream: u32, flags: u8, bytes: &[u8]) -> Vec<u8> {
    let mut pieces: Vec<&[u8]> = bytes.chunks(1 << 14).collect();
    let last = pieces.pop().unwrap_or_default();
    let mut frames: Vec<u8> = pieces
        .iter()
        .flat_map(|piece| frame(DATA, 0, stream, piece))
        .collect();
    frames.extend(frame(DATA, flags, stream, last));
    frames
}

/// RST_STREAM with an error code.
pub fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

/// GOAWAY with the last stream that counts and an error code.
pub fn go_away(last: u32, code: u32) -> Vec<u8> {
    frame(
        GOAWAY,
        0,
        0,
        &[last.to_be_bytes(), code.to_be_bytes()].concat(),
    )
}

/// A header block of literals without indexing and without Huffman (RFC 7541, 6.2.2).
pub fn block<V: AsRef<[u8]>>(fields: &[(&str, V)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        push_string(name.as_bytes(), &mut block);
        push_string(value.as_ref(), &mut block);
    }
    block
}

/// A length with a prefix of seven bits, and the bytes.
fn push_string(text: &[u8], block: &mut Vec<u8>) {
    match u8::try_from(text.len()) {
        Ok(length) if length < 0x7f => block.push(length),
        _ => {
            block.push(0x7f);
            let mut rest = text.len() - 0x7f;
            while rest >= 0x80 {
                block.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            block.push(rest as u8);
        }
    }
    block.extend_from_slice(text);
}

/// The next frame; None at the end of the connection, by a close or by a reset.
pub fn read(socket: &mut impl Read) -> io::Result<Option<Frame>> {
    match read_whole(socket) {
        Ok(frame) => Ok(Some(frame)),
        Err(error) => match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe => Ok(None),
            _ => Err(error),
        },
    }
}

fn read_whole(socket: &mut impl Read) -> io::Result<Frame> {
    let mut header = [0; HEADER];
    socket.read_exact(&mut header)?;
    let [a, b, c, kind, flags, stream @ ..] = header;
    let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
    socket.read_exact(&mut payload)?;
    Ok(Frame {
        kind,
        flags,
        stream: u32::from_be_bytes(stream),
        payload,
    })
}
