//! The head of a request: whose it is, and what becomes of it.

use super::action::RequestHead;
use super::call::Call;
use super::deadline::Deadline;
use super::endpoint::Endpoint;
use super::guard::Guard;
use super::memory::Claim;
use super::refusal;
use super::socket::Socket;
use super::streaming::Streaming;
use super::unary::Unary;
use super::upstream::{limit, may_wait};
use super::{Exchange, State};
use crate::config::NativeGrpc;
use crate::grpc::{Code, GATEWAY_MARK, Status};
use crate::http::Framing;
use crate::http::websocket::{Handshake, is_upgrade};
use crate::http::{self, Headers, Path, Reason, Reply};
use crate::schema;
use crate::transcode::BytesAs;

impl Exchange {
    /// The client's request head; `end` if no body follows.
    pub fn request_head<'a>(&mut self, headers: &Headers<'a>, end: bool) -> RequestHead<'a> {
        self.state = State::Passive;
        let path = self
            .settings
            .prefixes
            .classify(headers.get(":path").unwrap_or_default());
        match path {
            Path::Other => return self.foreign(headers),
            Path::Version | Path::Health(_) if !self.settings.local_endpoints => {
                return RequestHead::Pass;
            }
            _ => {}
        }
        let answer = self.own(&path, headers, end);
        answer.unwrap_or_else(|reply| RequestHead::Reply(self.finish(reply)))
    }

    /// A request whose path is not ours.
    fn foreign<'a>(&mut self, headers: &Headers<'a>) -> RequestHead<'a> {
        let mut kinds = headers.iter().filter(|(name, _)| *name == b"content-type");
        let is_grpc = kinds.any(|(_, kind)| is_grpc(kind));
        if self.settings.native_grpc != NativeGrpc::Refuse
            && let Err((status, reason)) = self.judge_native(headers, is_grpc)
        {
            return RequestHead::RefuseGrpc(self.finish_native(status, reason));
        }
        match self.settings.native_grpc {
            NativeGrpc::Pass if is_grpc => RequestHead::PassWith(GATEWAY_MARK),
            NativeGrpc::Refuse if is_grpc => {
                let message = "this gateway serves etcd's JSON API and no native gRPC";
                let status = Status::new(Code::UNIMPLEMENTED, message);
                RequestHead::RefuseGrpc(self.finish_native(status, Reason::NativeGrpc))
            }
            _ => RequestHead::Pass,
        }
    }

    /// A request whose path is ours.
    fn own<'a>(
        &mut self,
        path: &Path<'_>,
        headers: &Headers<'a>,
        end: bool,
    ) -> Result<RequestHead<'a>, Reply> {
        self.adds_to_trailers = may_have_trailers(headers);
        let (origin, authority) = (headers.get("origin"), headers.get(":authority"));
        if !self.settings.cors.admits(origin, authority) {
            let message = "requests from pages of this origin are not allowed (cors)";
            return Err(self.error(Code::PERMISSION_DENIED, message, Reason::Origin));
        }
        self.origin = self.settings.cors.allow(origin);
        let method = headers.get(":method").unwrap_or_default();
        if method == b"OPTIONS" {
            let asked = headers.get("access-control-request-headers");
            return Ok(RequestHead::Reply(self.preflight(asked)));
        }
        match path {
            Path::Api(path) => self.api(path, method, headers, end),
            Path::Escaped | Path::Other => Err(http::not_found(self.settings.dialect)),
            Path::Malformed => Err(self.error(
                Code::INVALID_ARGUMENT,
                "malformed percent-encoding in the path",
                Reason::BadPath,
            )),
            Path::Version => self.endpoint(Endpoint::version(), method, headers),
            Path::Health(query) => self.endpoint(Endpoint::health(query), method, headers),
        }
    }

    /// The answer to a browser that asks what it may send, these headers among it.
    fn preflight(&mut self, asked: Option<&[u8]>) -> Reply {
        let reply = self.finish(Reply::empty(200));
        http::allow_asked_headers(reply, asked)
    }

    /// A request under one of the prefixes.
    fn api<'a>(
        &mut self,
        path: &str,
        method: &[u8],
        headers: &Headers<'a>,
        end: bool,
    ) -> Result<RequestHead<'a>, Reply> {
        let dialect = self.settings.dialect;
        let length = headers.get("content-length");
        self.missing = length.and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
        let Some(route) = schema::route(path) else {
            return Err(http::not_found(dialect));
        };
        let target = headers.get(":path").unwrap_or_default();
        let prefix = http::before(target, path);
        self.method = Some(route.method);
        let socket = is_upgrade(headers);
        let events = route.method.server_streaming && http::accepts_events(headers.get("accept"));
        if method != b"POST" && !(events && method == b"GET") && !socket {
            return Err(http::method_not_allowed(dialect, "POST, OPTIONS"));
        }
        let asked = http::asked_bytes(headers, query(headers));
        let bytes_as = asked
            .map_err(|error| {
                self.error(Code::INVALID_ARGUMENT, error.to_string(), Reason::BadHeader)
            })?
            .unwrap_or(self.settings.bytes_as);
        let guard = Guard::new(&self.settings, route.method, headers, prefix)
            .map_err(|status| http::error_reply(dialect, &status, Reason::Policy))?;
        if socket {
            return self.socket(guard, bytes_as, headers);
        }
        if route.method.client_streaming || route.method.server_streaming {
            let framing = if events {
                Framing::Events
            } else {
                Framing::Lines
            };
            return self.stream(guard, framing, bytes_as, headers, end);
        }
        self.unary(guard, bytes_as, headers, end)
    }

    /// A call with one message in each direction.
    fn unary<'a>(
        &mut self,
        guard: Guard,
        bytes_as: BytesAs,
        headers: &Headers<'a>,
        end: bool,
    ) -> Result<RequestHead<'a>, Reply> {
        let method = guard.method();
        let waits = may_wait(method);
        let claim = if waits { Claim::Waiting } else { Claim::Brief };
        self.admit(claim, headers)?;
        let (mut list, timeout) = self.upstream_headers(headers, method)?;
        limit(&mut list, method, timeout);
        let deadline = Deadline::after(timeout, &self.settings);
        let mut unary = Unary::new(guard, headers, bytes_as, deadline);
        unary.check_length(&self.settings)?;
        if end {
            if !self.settings.bodyless_callouts {
                return Err(refusal::no_body(&self.settings));
            }
            let call = Call::new(method, &list, &self.settings.settable, timeout);
            let call = unary.call(&self.settings, call)?;
            self.admit_call(&call, headers)?;
            self.state = State::Unary(unary);
            return Ok(RequestHead::Call(call));
        }
        // The route that the new head chooses may wait for the request for ever.
        let hold = waits && self.settings.hold_heads;
        if hold {
            unary.hold();
        }
        self.state = State::Unary(unary);
        Ok(if hold {
            RequestHead::Hold
        } else {
            RequestHead::Forward(list)
        })
    }

    /// A call with a stream in one direction or both.
    fn stream<'a>(
        &mut self,
        guard: Guard,
        framing: Framing,
        bytes_as: BytesAs,
        headers: &Headers<'a>,
        end: bool,
    ) -> Result<RequestHead<'a>, Reply> {
        let method = guard.method();
        self.admit(Claim::Waiting, headers)?;
        let (mut list, timeout) = self.upstream_headers(headers, method)?;
        limit(&mut list, method, timeout);
        let deadline = Deadline::after(timeout, &self.settings);
        let mut streaming = Streaming::new(guard, framing, headers, bytes_as, deadline);
        if headers.get(":method") == Some(b"GET") {
            let query = std::str::from_utf8(query(headers)).unwrap_or_default();
            streaming.take_query(&self.settings, query)?;
            if end {
                let message = "a proxy-wasm filter cannot give a GET the body that gRPC needs: use POST, or put envoy/body-for-bodyless.yaml before the filter";
                return Err(self.error(Code::UNIMPLEMENTED, message, Reason::NoBody));
            }
        } else if end {
            return Err(streaming.no_body(&self.settings));
        }
        self.state = State::Streaming(streaming);
        // The route that the new head chooses may wait for the request for ever.
        Ok(if self.settings.hold_heads {
            RequestHead::Hold
        } else {
            RequestHead::Forward(list)
        })
    }

    /// A call over WebSocket.
    fn socket<'a>(
        &mut self,
        guard: Guard,
        bytes_as: BytesAs,
        headers: &Headers<'a>,
    ) -> Result<RequestHead<'a>, Reply> {
        let method = guard.method();
        let handshake = Handshake::read(headers)?;
        let refused = if !self.settings.hold_heads {
            Some(
                "a WebSocket needs allow_on_headers_stop_iteration, in Envoy's plugin configuration and in the filter's",
            )
        } else if !method.client_streaming {
            Some(
                "only watch and lease/keepalive are served over WebSocket: etcd answers other calls no earlier than it has their request, and a client sends none before it is answered; POST it",
            )
        } else {
            None
        };
        if let Some(message) = refused {
            return Err(self.error(Code::UNIMPLEMENTED, message, Reason::WebSocket));
        }
        self.admit(Claim::Waiting, headers)?;
        let (_, timeout) = self.upstream_headers(headers, method)?;
        let deadline = Deadline::after(timeout, &self.settings);
        let streaming = Streaming::new(guard, Framing::Lines, headers, bytes_as, deadline);
        self.state = State::Socket(Box::new(Socket::new(streaming, handshake)));
        // Until the primer goes out with it, for which Envoy brings an empty piece of body at once.
        Ok(RequestHead::Hold)
    }

    /// `/version` or `/health`.
    fn endpoint<'a>(
        &mut self,
        mut endpoint: Endpoint,
        method: &[u8],
        headers: &Headers<'a>,
    ) -> Result<RequestHead<'a>, Reply> {
        if method != b"GET" {
            return Err(http::method_not_allowed(
                self.settings.dialect,
                "GET, OPTIONS",
            ));
        }
        let (list, _) = self.upstream_headers(headers, endpoint.method())?;
        let call = endpoint.first_call(&list, &self.settings);
        self.admit_call(&call, headers)?;
        self.state = State::Endpoint(endpoint);
        Ok(RequestHead::Call(call))
    }
}

/// The query string of a request; empty if it has none.
fn query<'a>(headers: &Headers<'a>) -> &'a [u8] {
    let target = headers.get(":path").unwrap_or_default();
    let at = target.iter().position(|byte| *byte == b'?');
    at.and_then(|at| target.get(at.saturating_add(1)..))
        .unwrap_or_default()
}

/// Whether trailers may bring the end of a request's message: not over HTTP/1.1, and not behind a body of a known length.
pub(super) fn may_have_trailers(headers: &Headers<'_>) -> bool {
    headers.get("transfer-encoding").is_none()
        && matches!(headers.get("content-length"), None | Some(b"0"))
}

/// Whether a content type is gRPC's. etcd wants it in lower case; whatever it may take one day counts.
fn is_grpc(content_type: &[u8]) -> bool {
    const GRPC: &[u8] = b"application/grpc";
    let start = content_type.get(..GRPC.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(GRPC))
}
