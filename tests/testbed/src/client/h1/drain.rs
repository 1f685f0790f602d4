//! Bodies that are looked at as they come and not kept: answers too large to hold, clients that must cost little.

use std::io::Read;

use super::{Connection, Framing};
use crate::client::{End, Error, Response};

/// Few system calls for many megabytes.
const READ_SIZE: usize = 256 * 1024;

/// The size of a chunk is a short line, trailers not much longer ones.
const MAX_LINE: usize = 16 * 1024;

/// What is read next.
#[derive(Clone, Copy)]
enum Next {
    /// So many bytes of the body; then the line behind them, in a chunked body.
    Body(usize),
    /// The size of a chunk, or the end of the line of the one before.
    Size,
    /// Trailers, which are not kept, and the empty line that ends them.
    Trailer,
}

impl Connection {
    /// Hands over the body behind a head that [`read_head`](Self::read_head) has read, in pieces as they are read from
    /// the socket, whatever the chunks. As long as `piece` takes, nothing is read.
    ///
    /// A body cut short is no error: `response.end` says so. Only bodies with `content-length` and chunked ones are
    /// read; a further response must not be on its way.
    pub fn drain(
        &mut self,
        response: &mut Response,
        mut piece: impl FnMut(&[u8]),
    ) -> Result<(), Error> {
        let (mut next, chunked) = match self.framing {
            Framing::Left(length) => (Next::Body(length), false),
            Framing::Chunked => (Next::Size, true),
            Framing::Over(_) => (Next::Body(0), false),
            Framing::UntilClose => return Err(httparse::Error::Token.into()),
        };
        let mut line = Vec::new();
        let mut room = vec![0; READ_SIZE];
        let head = std::mem::take(&mut self.buffer);
        let mut bytes = head.as_slice();
        response.end = loop {
            if matches!(next, Next::Body(0)) && !chunked {
                break End::Clean;
            }
            if bytes.is_empty() {
                let count = self.socket.read(&mut room)?;
                bytes = room.get(..count).unwrap_or_default();
                if bytes.is_empty() {
                    break End::Cut;
                }
            }
            if let Next::Body(left) = next {
                let (body, rest) = bytes.split_at(left.min(bytes.len()));
                piece(body);
                bytes = rest;
                next = match left - body.len() {
                    0 if chunked => Next::Size,
                    left => Next::Body(left),
                };
                continue;
            }
            let end = bytes.iter().position(|&byte| byte == b'\n');
            let (part, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
            line.extend_from_slice(part);
            bytes = rest;
            if line.len() > MAX_LINE {
                return Err(httparse::Error::Token.into());
            }
            if end.is_none() {
                continue;
            }
            match (next, line.trim_ascii()) {
                (Next::Trailer, b"") => break End::Clean,
                (Next::Size, size) if !size.is_empty() => {
                    next = match chunk_size(size)? {
                        0 => Next::Trailer,
                        size => Next::Body(size),
                    };
                }
                _ => {}
            }
            line.clear();
        };
        self.framing = Framing::Over(response.end);
        Ok(())
    }
}

fn chunk_size(line: &[u8]) -> Result<usize, Error> {
    let digits = line.split(|&byte| byte == b';').next().unwrap_or_default();
    let digits = std::str::from_utf8(digits).map_err(|_| httparse::Error::Token)?;
    let size = usize::from_str_radix(digits.trim(), 16).map_err(|_| httparse::Error::Token)?;
    Ok(size)
}
