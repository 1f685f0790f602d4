//! What a scripted upstream does with one request.

use std::time::Duration;

use crate::wire;

/// A header or trailer as it is sent: any bytes that HTTP/2 carries.
pub type Field = (String, Vec<u8>);

/// One thing that the upstream does on a stream.
#[derive(Clone, Debug)]
pub enum Step {
    /// Waits until the request has ended.
    AwaitRequest,
    /// Waits until that many request messages have arrived since the stream began.
    AwaitMessages(usize),
    /// Sends the response head; `end` makes it the whole response (trailers-only).
    Head {
        /// The HTTP status.
        status: u16,
        /// Its fields, in order.
        headers: Vec<Field>,
        /// Whether the stream ends with it.
        end: bool,
    },
    /// Sends these bytes as one DATA frame (more only where HTTP/2's frame limit or the peer's window forces it).
    Data(Vec<u8>),
    /// Ends the stream with an empty DATA frame: no trailers.
    End,
    /// Ends the stream with trailers.
    Trailers(Vec<Field>),
    /// Resets the stream with an HTTP/2 error code.
    Reset(u32),
    /// Sends GOAWAY and closes the connection once its streams are done.
    GoAway,
    /// Closes the TCP connection at once.
    Disconnect,
    /// Does nothing for a while.
    Delay(Duration),
}

/// The steps that answer one request. A script that ends without ending the stream leaves it open: a stall.
#[derive(Clone, Debug, Default)]
pub struct Script(pub(super) Vec<Step>);

/// A gRPC response head: status 200 and grpc's content type.
pub fn grpc_head() -> Step {
    Step::Head {
        status: 200,
        headers: fields(&[("content-type", "application/grpc")]),
        end: false,
    }
}

/// Trailers with a status code; an empty message is left out, as grpc-go does.
pub fn status_fields(code: u32, message: &str) -> Vec<Field> {
    let mut trailers = fields(&[("grpc-status", &code.to_string())]);
    if !message.is_empty() {
        trailers.extend(fields(&[("grpc-message", &wire::percent_encode(message))]));
    }
    trailers
}

/// Fields from text.
pub fn fields(pairs: &[(&str, &str)]) -> Vec<Field> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
        .collect()
}

impl Script {
    /// Nothing at all: the request is read and never answered.
    pub fn stall() -> Self {
        Self::default()
    }

    /// Waits for the whole request, as every unary server does.
    pub fn after_request() -> Self {
        Self(vec![Step::AwaitRequest])
    }

    /// A unary answer: head, one message, trailers with status 0.
    pub fn message(message: &[u8]) -> Self {
        Self::after_request()
            .step(grpc_head())
            .data(wire::frame(message))
            .status(0, "")
    }

    /// A gRPC error as grpc-go sends it when nothing went before: trailers only.
    pub fn error(code: u32, message: &str) -> Self {
        let mut headers = fields(&[("content-type", "application/grpc")]);
        headers.extend(status_fields(code, message));
        Self::after_request().step(Step::Head {
            status: 200,
            headers,
            end: true,
        })
    }

    /// An answer that is not gRPC.
    pub fn http(status: u16, content_type: &str, body: &[u8]) -> Self {
        let headers = fields(&[("content-type", content_type)]);
        Self::after_request()
            .step(Step::Head {
                status,
                headers,
                end: false,
            })
            .data(body)
            .end()
    }

    /// A further step.
    pub fn step(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// A gRPC response head.
    pub fn head(self) -> Self {
        self.step(grpc_head())
    }

    /// One DATA frame of raw bytes.
    pub fn data(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Data(bytes.into()))
    }

    /// Raw bytes cut into DATA frames of `size` bytes.
    pub fn data_in_frames(mut self, bytes: &[u8], size: usize) -> Self {
        self.0
            .extend(bytes.chunks(size).map(|piece| Step::Data(piece.to_vec())));
        self
    }

    /// Trailers with a status.
    pub fn status(self, code: u32, message: &str) -> Self {
        self.step(Step::Trailers(status_fields(code, message)))
    }

    /// The end of the stream without trailers.
    pub fn end(self) -> Self {
        self.step(Step::End)
    }

    /// RST_STREAM with an HTTP/2 error code.
    pub fn reset(self, code: u32) -> Self {
        self.step(Step::Reset(code))
    }
}
