//! What the host is to do with what it has just handed over.

use super::call::Call;
use crate::grpc::Status;
use crate::http::{Header, Reply};

/// After the request head.
#[derive(Debug, PartialEq, Eq)]
pub enum RequestHead<'a> {
    /// Leave the request and its answer alone.
    Pass,
    /// Add this header, and leave the request and its answer alone otherwise.
    PassWith((&'static [u8], &'static [u8])),
    /// Answer a gRPC client with this status; nothing goes upstream.
    RefuseGrpc(Status),
    /// Answer the client; nothing goes upstream.
    Reply(Reply),
    /// Hold the head as it is until the first piece of body is to be sent, and hand it over once more then.
    Hold,
    /// Send the head upstream with exactly these headers.
    Forward(Vec<Header<'a>>),
    /// Hold the request, make this call, and hand over its answer.
    Call(Call),
}

/// After a piece of the request body.
#[derive(Debug, PartialEq, Eq)]
pub enum RequestBody {
    /// Leave the piece as it is.
    Pass,
    /// Hold the request without the piece, which has been taken over. Trailers may end the request, and what is then left
    /// to send goes into the host's buffer.
    Hold,
    /// The same, where no trailers can follow. The host needs no buffer then, and what is sent in the place of a later piece
    /// may be larger than one.
    HoldLoosely,
    /// Send these bytes upstream in its place; they may be none.
    Send(Vec<u8>),
    /// Send nothing, and do not let the request end until [`ends_request`](super::Exchange::ends_request) says so.
    KeepOpen,
    /// Answer the client and give the upstream request up.
    Reply(Reply),
    /// Answer a gRPC client with this status and give the upstream request up.
    RefuseGrpc(Status),
    /// End the answer, which is under way, with this line, and give the upstream request up.
    End(Vec<u8>),
}

/// After the request trailers.
#[derive(Debug, PartialEq, Eq)]
pub enum RequestTrailers {
    /// Leave them as they are.
    Pass,
    /// End the request without them.
    Drop,
    /// The same behind these bytes, for which the body has been held.
    Send(Vec<u8>),
    /// Answer the client and give the upstream request up.
    Reply(Reply),
    /// Answer a gRPC client with this status and give the upstream request up.
    RefuseGrpc(Status),
    /// End the answer, which is under way, with this line, and give the upstream request up.
    End(Vec<u8>),
}

/// After the response head.
#[derive(Debug, PartialEq, Eq)]
pub enum ResponseHead<'a> {
    /// Leave it as it is.
    Pass,
    /// Answer the client with this instead.
    Reply(Reply),
    /// Replace the headers by exactly these.
    Rewrite {
        /// The new headers.
        headers: Vec<Header<'a>>,
        /// Whether to keep the head back until there is something to send.
        hold: bool,
    },
    /// Open the socket that the client asks for, with exactly these headers.
    Open(Vec<Header<'static>>),
}

/// What the head of a gRPC answer is to the client, if it is no error.
#[derive(Debug)]
pub(super) enum AnswerHead<'a> {
    /// An answer with these headers begins.
    Begins(Vec<Header<'a>>),
    /// A socket opens with these headers.
    Opens(Vec<Header<'static>>),
    /// The whole of an answer.
    Whole(Reply),
}

/// After a piece of the response body.
#[derive(Debug, PartialEq, Eq)]
pub enum ResponseBody {
    /// Leave the piece as it is.
    Pass,
    /// Send nothing yet, the head neither.
    Hold,
    /// The same without a buffer in the host: what is sent in the place of the next piece may be larger than one.
    HoldLoosely,
    /// Send these bytes in its place.
    Send(Vec<u8>),
    /// Send these lines in its place, each by itself and at once. Of the message that is not
    /// complete yet, `awaited` is the length in bytes; 0 if there is none, 1 if the length is not
    /// there yet.
    Lines {
        /// Complete lines, or pieces of a line that is too long to be sent as one.
        lines: Vec<Vec<u8>>,
        /// Length of the incomplete message.
        awaited: usize,
    },
    /// Send these lines in its place, then cut the answer off: it cannot be read any further.
    LastLines(Vec<Vec<u8>>),
    /// Answer the client with this instead; if the head has gone out, cut the answer off.
    Reply(Reply),
}

/// After the response trailers.
#[derive(Debug, PartialEq, Eq)]
pub enum ResponseTrailers {
    /// Leave them as they are.
    Pass,
    /// Send this body, all of it, and no trailers.
    Send(Vec<u8>),
    /// Everything has been sent: end the answer without trailers.
    End,
    /// Send what is left of a stream's lines and then this, which may be nothing.
    Tail(Vec<u8>),
    /// Answer the client with this instead; if the head has gone out, cut the answer off.
    Reply(Reply),
}
