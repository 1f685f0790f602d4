//! HTTP/1.1 on a raw socket.

mod drain;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use super::{Body, End, Error, PATIENCE, Request, Response};

/// Room for the answers that carry an error message of some thousand bytes in a header.
const MAX_HEADERS: usize = 128;
const READ_SIZE: usize = 64 * 1024;

/// Sends one request on a connection of its own and reads the whole response.
pub fn send(address: SocketAddr, request: &Request) -> Result<Response, Error> {
    Connection::open(address)?.exchange(request)
}

/// One connection, driven by hand.
pub struct Connection {
    socket: TcpStream,
    buffer: Vec<u8>,
    /// How the response that is being read is framed.
    framing: Framing,
    /// Whether that response answers a HEAD request.
    headless: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Left(usize),
    Chunked,
    UntilClose,
    Over(End),
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Result<Self, Error> {
        let socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        Ok(Self {
            socket,
            buffer: Vec::new(),
            framing: Framing::Over(End::Clean),
            headless: false,
        })
    }

    /// Sends a request and reads the whole response. A peer that answers and closes while the body is still being
    /// sent is no error: its answer counts.
    pub fn exchange(&mut self, request: &Request) -> Result<Response, Error> {
        let sent = self.send(request);
        match (self.response(), sent) {
            (Err(_), Err(error)) => Err(error),
            (response, _) => response,
        }
    }

    /// Sends a whole request.
    pub fn send(&mut self, request: &Request) -> Result<(), Error> {
        self.send_head(request)?;
        match &request.body {
            Body::None => {}
            Body::Sized(body) => self.socket.write_all(body)?,
            Body::Pieces(pieces) => {
                for piece in pieces {
                    self.send_chunk(piece)?;
                }
                self.finish(&request.trailers)?;
            }
        }
        Ok(())
    }

    /// Sends the request line and the fields, with the framing that the kind of body asks for.
    pub fn send_head(&mut self, request: &Request) -> Result<(), Error> {
        let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.path).into_bytes();
        if !request
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"))
        {
            head.extend_from_slice(format!("Host: {}\r\n", self.socket.peer_addr()?).as_bytes());
        }
        for (name, value) in &request.headers {
            head.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        match &request.body {
            Body::None => {}
            Body::Sized(body) => {
                head.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes())
            }
            Body::Pieces(_) => head.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
        }
        head.extend_from_slice(b"\r\n");
        self.headless = request.method == "HEAD";
        Ok(self.socket.write_all(&head)?)
    }

    /// Sends one chunk of a chunked body; an empty one is skipped, because it would be the last.
    pub fn send_chunk(&mut self, piece: &[u8]) -> Result<(), Error> {
        if piece.is_empty() {
            return Ok(());
        }
        let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
        Ok(self.socket.write_all(&chunk)?)
    }

    /// Ends a chunked body.
    pub fn finish(&mut self, trailers: &[(String, Vec<u8>)]) -> Result<(), Error> {
        let mut end = b"0\r\n".to_vec();
        for (name, value) in trailers {
            end.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        end.extend_from_slice(b"\r\n");
        Ok(self.socket.write_all(&end)?)
    }

    /// Sends any bytes, such as the frames behind an upgrade.
    pub fn send_raw(&mut self, bytes: &[u8]) -> Result<(), Error> {
        Ok(self.socket.write_all(bytes)?)
    }

    /// Closes the sending side, as a client does that vanishes politely.
    pub fn shut(&self) -> Result<(), Error> {
        Ok(self.socket.shutdown(Shutdown::Write)?)
    }

    /// Reads a whole response.
    pub fn response(&mut self) -> Result<Response, Error> {
        let mut response = self.read_head()?;
        while let Some(piece) = self.read_piece(&mut response)? {
            response.pieces.push(piece);
        }
        Ok(response)
    }

    /// Reads a response's head; interim responses are skipped.
    pub fn read_head(&mut self) -> Result<Response, Error> {
        loop {
            let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let mut parsed = httparse::Response::new(&mut fields);
            if let httparse::Status::Complete(length) = parsed.parse(&self.buffer)? {
                let response = Response {
                    status: parsed.code.unwrap_or_default(),
                    headers: lowered(parsed.headers),
                    pieces: Vec::new(),
                    trailers: Vec::new(),
                    end: End::Clean,
                };
                self.buffer.drain(..length);
                if matches!(response.status, 100 | 102..200) {
                    continue;
                }
                self.framing = self.framing_of(&response);
                return Ok(response);
            }
            if !self.fill()? {
                return Err(Error::Io(ErrorKind::UnexpectedEof.into()));
            }
        }
    }

    /// The body's next piece as it was framed, as soon as it is complete; None at the end, when `response.end` says
    /// which end it was.
    pub fn read_piece(&mut self, response: &mut Response) -> Result<Option<Vec<u8>>, Error> {
        match self.framing {
            Framing::Over(end) => {
                response.end = end;
                Ok(None)
            }
            Framing::Left(length) => {
                let whole = self.fill_to(length)?;
                self.framing = Framing::Over(if whole { End::Clean } else { End::Cut });
                let piece: Vec<u8> = self.buffer.drain(..length.min(self.buffer.len())).collect();
                if piece.is_empty() {
                    self.read_piece(response)
                } else {
                    Ok(Some(piece))
                }
            }
            Framing::UntilClose => {
                if self.buffer.is_empty() && !self.fill()? {
                    self.framing = Framing::Over(End::Clean);
                    return self.read_piece(response);
                }
                Ok(Some(std::mem::take(&mut self.buffer)))
            }
            Framing::Chunked => self.read_chunk(response),
        }
    }

    fn read_chunk(&mut self, response: &mut Response) -> Result<Option<Vec<u8>>, Error> {
        loop {
            let size =
                httparse::parse_chunk_size(&self.buffer).map_err(|_| httparse::Error::Token)?;
            let httparse::Status::Complete((start, size)) = size else {
                if self.fill()? {
                    continue;
                }
                return self.cut(response);
            };
            let size = usize::try_from(size).map_err(|_| httparse::Error::Token)?;
            if size == 0 {
                return self.read_trailers(start, response);
            }
            if !self.fill_to(start + size + 2)? {
                return self.cut(response);
            }
            let piece = self
                .buffer
                .get(start..start + size)
                .unwrap_or_default()
                .to_vec();
            self.buffer.drain(..start + size + 2);
            return Ok(Some(piece));
        }
    }

    fn read_trailers(
        &mut self,
        start: usize,
        response: &mut Response,
    ) -> Result<Option<Vec<u8>>, Error> {
        loop {
            let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let rest = self.buffer.get(start..).unwrap_or_default();
            if let httparse::Status::Complete((length, trailers)) =
                httparse::parse_headers(rest, &mut fields)?
            {
                response.trailers = lowered(trailers);
                self.buffer.drain(..start + length);
                self.framing = Framing::Over(End::Clean);
                return self.read_piece(response);
            }
            if !self.fill()? {
                return self.cut(response);
            }
        }
    }

    /// What stands in the buffer of a piece that never became whole is dropped.
    fn cut(&mut self, response: &mut Response) -> Result<Option<Vec<u8>>, Error> {
        self.buffer.clear();
        self.framing = Framing::Over(End::Cut);
        self.read_piece(response)
    }

    fn framing_of(&self, response: &Response) -> Framing {
        let length = response
            .header("content-length")
            .and_then(|length| length.parse().ok());
        let chunked = response
            .header("transfer-encoding")
            .is_some_and(|coding| coding.contains("chunked"));
        match (response.status, length) {
            _ if self.headless => Framing::Over(End::Clean),
            (204 | 304, _) => Framing::Over(End::Clean),
            (101, _) => Framing::UntilClose,
            _ if chunked => Framing::Chunked,
            (_, Some(length)) => Framing::Left(length),
            (_, None) => Framing::UntilClose,
        }
    }

    /// Reads until the buffer holds `length` bytes; false when the connection ended first.
    fn fill_to(&mut self, length: usize) -> Result<bool, Error> {
        while self.buffer.len() < length {
            if !self.fill()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads what is there; false when the connection has ended, by a close or by a reset.
    fn fill(&mut self) -> Result<bool, Error> {
        let mut bytes = [0; READ_SIZE];
        match self.socket.read(&mut bytes) {
            Ok(count) => {
                self.buffer
                    .extend_from_slice(bytes.get(..count).unwrap_or_default());
                Ok(count > 0)
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn lowered(fields: &[httparse::Header<'_>]) -> Vec<(String, Vec<u8>)> {
    fields
        .iter()
        .map(|field| (field.name.to_ascii_lowercase(), field.value.to_vec()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// What a client makes of these bytes, after which the server closes.
    fn read(answer: &'static [u8]) -> Response {
        let server = serve(answer);
        send(server, &Request::new("GET", "/")).unwrap()
    }

    /// Where a server is that answers one request with these bytes.
    fn serve(answer: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            assert!(socket.read(&mut request).unwrap() > 0);
            // In pieces that the client may find apart or together.
            for piece in answer.chunks(7) {
                socket.write_all(piece).unwrap();
            }
        });
        address
    }

    #[test]
    fn chunk_boundaries_are_kept() {
        let response = read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n");
        assert_eq!(response.pieces, [b"abc".to_vec(), b"de".to_vec()]);
        assert_eq!(response.trailers, [("x".to_owned(), b"y".to_vec())]);
        assert_eq!(response.end, End::Clean);
    }

    #[test]
    fn a_chunked_body_without_its_last_chunk_is_cut() {
        let response =
            read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\nde");
        assert_eq!(
            (response.pieces, response.end),
            (vec![b"abc".to_vec()], End::Cut)
        );
    }

    #[test]
    fn a_body_shorter_than_its_content_length_is_cut() {
        let response = read(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
        assert_eq!((response.text().as_str(), response.end), ("abc", End::Cut));
    }

    #[test]
    fn a_drained_body_is_the_one_that_is_read() {
        let answers: [&[u8]; 4] = [
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab\n\r\nC;x=y\r\n\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nd",
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        ];
        for answer in answers {
            let mut connection = Connection::open(serve(answer)).unwrap();
            connection.send(&Request::new("GET", "/")).unwrap();
            let mut response = connection.read_head().unwrap();
            let mut body = Vec::new();
            connection
                .drain(&mut response, |piece| body.extend_from_slice(piece))
                .unwrap();
            let read = read(answer);
            let whole = if read.end == End::Clean {
                read.body()
            } else {
                b"abcd".to_vec()
            };
            assert_eq!((body, response.end), (whole, read.end));
        }
    }
}
