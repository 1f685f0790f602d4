//! HTTP/2 with prior knowledge.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::net::TcpStream;

use super::{Body, End, Error, PATIENCE, Request, Response};
use crate::runtime;

/// So wide that a stream which a test leaves unread does not hold up the others; each stream keeps HTTP/2's 64 KiB.
const CONNECTION_WINDOW: u32 = 64 << 20;

const AUTHORITY: &str = ":authority";

/// Sends one request on a connection of its own and reads the whole response.
pub fn send(address: SocketAddr, request: &Request) -> Result<Response, Error> {
    Connection::open(address)?.exchange(request)
}

/// One connection with any number of streams.
pub struct Connection {
    address: SocketAddr,
    requests: SendRequest<Bytes>,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Result<Self, Error> {
        wait(async {
            let socket = TcpStream::connect(address).await?;
            socket.set_nodelay(true)?;
            let mut builder = h2::client::Builder::new();
            builder.initial_connection_window_size(CONNECTION_WINDOW);
            let (requests, connection) = builder.handshake(socket).await?;
            // Its error reaches the streams too, which is where tests look.
            tokio::spawn(async { connection.await.ok() });
            Ok(Self { address, requests })
        })
    }

    /// Sends a request and reads the whole response. A peer that answers and resets while the body is still being
    /// sent is no error: its answer counts.
    pub fn exchange(&self, request: &Request) -> Result<Response, Error> {
        let mut stream = self.begin(request)?;
        let sent = stream.send_body(request);
        match (stream.response(), sent) {
            (Err(_), Err(error)) => Err(error),
            (response, _) => response,
        }
    }

    /// Opens a stream with the request's head; the body is the caller's to send, unless there is none. The authority is
    /// the connection's address, or a field `:authority`.
    pub fn begin(&self, request: &Request) -> Result<Stream, Error> {
        let asked = request.headers.iter().find(|(name, _)| name == AUTHORITY);
        let authority = match asked {
            Some((_, value)) => String::from_utf8_lossy(value).into_owned(),
            None => self.address.to_string(),
        };
        let uri = http::Uri::builder()
            .scheme("http")
            .authority(authority)
            .path_and_query(request.path.as_str())
            .build()?;
        let mut head = http::Request::builder()
            .method(request.method.as_str())
            .uri(uri);
        let fields = request.headers.iter().filter(|(name, _)| name != AUTHORITY);
        for (name, value) in fields {
            head = head.header(
                name.as_str(),
                HeaderValue::from_bytes(value).map_err(http::Error::from)?,
            );
        }
        if let Body::Sized(body) = &request.body {
            head = head.header("content-length", body.len());
        }
        let head = head.body(())?;
        let headers_only = matches!(request.body, Body::None) && request.trailers.is_empty();
        wait(async {
            let mut requests = self.requests.clone().ready().await?;
            let (coming, sending) = requests.send_request(head, headers_only)?;
            Ok(Stream {
                coming: Some(coming),
                sending,
                receiving: None,
            })
        })
    }
}

/// One stream, driven by hand.
pub struct Stream {
    coming: Option<ResponseFuture>,
    sending: SendStream<Bytes>,
    receiving: Option<RecvStream>,
}

impl Stream {
    /// Sends the body of a request whose head has begun the stream, and its trailers.
    pub fn send_body(&mut self, request: &Request) -> Result<(), Error> {
        let pieces: &[Vec<u8>] = match &request.body {
            Body::None if request.trailers.is_empty() => return Ok(()),
            Body::None => &[],
            Body::Sized(body) => std::slice::from_ref(body),
            Body::Pieces(pieces) => pieces,
        };
        let (last, earlier) = match pieces.split_last() {
            Some((last, earlier)) if request.trailers.is_empty() => (Some(last), earlier),
            _ => (None, pieces),
        };
        for piece in earlier {
            self.send_data(piece, false)?;
        }
        match last {
            Some(piece) => self.send_data(piece, true),
            None if request.trailers.is_empty() => self.send_data(b"", true),
            None => self.send_trailers(&request.trailers),
        }
    }

    /// Sends one DATA frame, or more where HTTP/2's limits force it.
    pub fn send_data(&mut self, data: &[u8], end: bool) -> Result<(), Error> {
        let mut data = Bytes::copy_from_slice(data);
        wait(async {
            while !data.is_empty() {
                self.sending.reserve_capacity(data.len());
                let Some(capacity) = poll_fn(|context| self.sending.poll_capacity(context)).await
                else {
                    return Err(h2::Error::from(h2::Reason::STREAM_CLOSED).into());
                };
                let piece = data.split_to(capacity?.min(data.len()));
                self.sending.send_data(piece, end && data.is_empty())?;
                if data.is_empty() {
                    return Ok(());
                }
            }
            Ok(self.sending.send_data(Bytes::new(), end)?)
        })
    }

    /// Ends the request with trailers.
    pub fn send_trailers(&mut self, trailers: &[(String, Vec<u8>)]) -> Result<(), Error> {
        let mut map = HeaderMap::new();
        for (name, value) in trailers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(http::Error::from)?;
            map.append(
                name,
                HeaderValue::from_bytes(value).map_err(http::Error::from)?,
            );
        }
        Ok(self.sending.send_trailers(map)?)
    }

    /// Gives the stream up: RST_STREAM with an HTTP/2 error code.
    pub fn reset(&mut self, code: u32) {
        self.sending.send_reset(code.into());
    }

    /// Reads a whole response.
    pub fn response(&mut self) -> Result<Response, Error> {
        let mut response = self.read_head()?;
        while let Some(piece) = self.read_piece(&mut response)? {
            response.pieces.push(piece);
        }
        Ok(response)
    }

    /// Reads the response's head.
    pub fn read_head(&mut self) -> Result<Response, Error> {
        let Some(coming) = self.coming.take() else {
            return Err(h2::Error::from(h2::Reason::STREAM_CLOSED).into());
        };
        let (head, body) = wait(async { Ok(coming.await?) })?.into_parts();
        self.receiving = Some(body);
        Ok(Response {
            status: head.status.as_u16(),
            headers: from_map(&head.headers),
            pieces: Vec::new(),
            trailers: Vec::new(),
            end: End::Clean,
        })
    }

    /// The next DATA frame that is not empty; None at the end, when `response.end` says which end it was.
    pub fn read_piece(&mut self, response: &mut Response) -> Result<Option<Vec<u8>>, Error> {
        let Some(receiving) = &mut self.receiving else {
            return Ok(None);
        };
        wait(async {
            while let Some(data) = receiving.data().await {
                let Ok(data) = data else {
                    response.end = End::Cut;
                    return Ok(None);
                };
                // Only fails on a stream that is gone, which the next read reports.
                let _ = receiving.flow_control().release_capacity(data.len());
                if !data.is_empty() {
                    return Ok(Some(data.to_vec()));
                }
            }
            match receiving.trailers().await {
                Ok(trailers) => response.trailers = from_map(&trailers.unwrap_or_default()),
                Err(_) => response.end = End::Cut,
            }
            Ok(None)
        })
    }
}

fn from_map(map: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    map.iter()
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect()
}

fn wait<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    runtime::shared().block_on(async {
        tokio::time::timeout(PATIENCE, work)
            .await
            .unwrap_or(Err(Error::Timeout))
    })
}
