//! Cross-origin headers, as etcd's `--cors` has them (`docs/gateways.md`, "Cross-origin requests").

use std::borrow::Cow;

use super::bytes::ETCD_BYTES;
use super::head::Reply;
use crate::headers::Header;

/// The value of `Access-Control-Allow-Origin`.
pub type Origin = Cow<'static, [u8]>;

/// The origins whose pages may use the gateway.
#[derive(Debug, Clone)]
pub enum Cors {
    /// No cross-origin headers at all.
    Off,
    /// Every origin; the headers are sent whether or not there is an `Origin`.
    Any,
    /// These origins; the one that asks is named in the answer.
    Only(Vec<String>),
}

impl Cors {
    /// From the configured list of origins, where `*` stands for every one.
    #[must_use]
    pub fn new(origins: Vec<String>) -> Self {
        if origins.iter().any(|origin| origin == "*") {
            Self::Any
        } else if origins.is_empty() {
            Self::Off
        } else {
            Self::Only(origins)
        }
    }

    /// The value of `Access-Control-Allow-Origin` for a request from `origin`, if it gets one.
    #[must_use]
    pub fn allow(&self, origin: Option<&[u8]>) -> Option<Origin> {
        match self {
            Self::Off => None,
            Self::Any => Some(b"*".into()),
            Self::Only(origins) => origins
                .iter()
                .find(|allowed| Some(allowed.as_bytes()) == origin)
                .map(|allowed| allowed.as_bytes().to_vec().into()),
        }
    }
}

impl Cors {
    /// Whether a request may go on that comes from a page of `origin` and was sent to `authority`. A browser sends what
    /// etcd's API takes without asking first, so that keeping the answer from the page is not enough. Requests without an
    /// `Origin` are no page's, or of a page of the gateway's own.
    #[must_use]
    pub fn admits(&self, origin: Option<&[u8]>, authority: Option<&[u8]>) -> bool {
        match (self, origin) {
            (Self::Any, _) | (_, None) => true,
            (Self::Off | Self::Only(_), Some(origin)) => {
                is_same_origin(origin, authority) || self.allow(Some(origin)).is_some()
            }
        }
    }
}

impl Cors {
    /// Whether what a browser adds to requests by itself, such as a cookie, may count for a page of `origin`: not where
    /// it is let in only because every page is.
    #[must_use]
    pub fn trusts(&self, origin: Option<&[u8]>, authority: Option<&[u8]>) -> bool {
        match (self, origin) {
            (_, None) => true,
            (Self::Any | Self::Off, Some(origin)) => is_same_origin(origin, authority),
            (Self::Only(_), Some(_)) => self.admits(origin, authority),
        }
    }
}

/// Whether the page was loaded from where it sends the request to. A proxy before us may have ended TLS, so that the
/// scheme tells nothing.
fn is_same_origin(origin: &[u8], authority: Option<&[u8]>) -> bool {
    let scheme = origin
        .windows(SCHEME_END.len())
        .position(|at| at == SCHEME_END);
    let own = scheme.and_then(|at| origin.get(at.saturating_add(SCHEME_END.len())..));
    own.zip(authority)
        .is_some_and(|(own, authority)| own.eq_ignore_ascii_case(authority))
}

/// What stands between scheme and authority.
const SCHEME_END: &[u8] = b"://";

/// Headers beside etcd's own three that a page may send: what event streams are resumed by, and what bytes are to be.
const MORE: [&[u8]; 2] = [b"last-event-id", ETCD_BYTES];

/// Lets a page that has been allowed anything send [`MORE`] too, those that it asks for. Who does not ask sees what etcd's
/// gateway says.
#[must_use]
pub fn allow_asked_headers(mut reply: Reply, asked: Option<&[u8]>) -> Reply {
    let asks = |name: &[u8]| {
        let mut asked = asked.unwrap_or_default().split(|byte| *byte == b',');
        asked.any(|asked| asked.trim_ascii().eq_ignore_ascii_case(name))
    };
    let allowed = reply
        .headers
        .iter_mut()
        .find(|(name, _)| &**name == b"access-control-allow-headers");
    if let Some((_, value)) = allowed {
        for name in MORE.into_iter().filter(|name| asks(name)) {
            *value = [value, b", ".as_slice(), name].concat().into();
        }
    }
    reply
}

/// The three headers for an allowed origin, or none.
pub fn cors_headers(origin: Option<&Origin>) -> impl Iterator<Item = Header<'static>> + use<> {
    let three = |origin: &Origin| -> [Header<'static>; 3] {
        [
            (
                b"access-control-allow-methods".into(),
                b"POST, GET, OPTIONS, PUT, DELETE".into(),
            ),
            (b"access-control-allow-origin".into(), origin.clone()),
            (
                b"access-control-allow-headers".into(),
                b"accept, content-type, authorization".into(),
            ),
        ]
    };
    origin.map(three).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(cors: &[&str], origin: Option<&str>) -> bool {
        let cors = Cors::new(cors.iter().map(|&origin| origin.to_owned()).collect());
        cors.admits(origin.map(str::as_bytes), Some(b"etcd.example:8379"))
    }

    #[test]
    fn a_list_admits_its_origins_the_gateway_s_own_and_requests_of_no_page() {
        for cors in [&["http://page.example"][..], &[]] {
            assert!(admits(cors, None));
            assert!(admits(cors, Some("http://etcd.example:8379")));
            assert!(admits(cors, Some("https://ETCD.example:8379")));
            for other in [
                "http://evil.example",
                "null",
                "",
                "etcd.example:8379",
                "http://etcd.example",
            ] {
                assert!(!admits(cors, Some(other)), "{cors:?} {other}");
            }
        }
        assert!(admits(
            &["http://page.example"],
            Some("http://page.example")
        ));
        assert!(!admits(&[], Some("http://page.example")));
        assert!(admits(&["*"], Some("http://evil.example")));
    }

    #[test]
    fn a_page_may_resume_event_streams_and_say_what_bytes_are_if_it_asks_to() {
        let allowed = |asked: &str| {
            let reply = Reply::empty(200).with_cors(Some(&b"*".as_slice().into()));
            let reply = allow_asked_headers(reply, Some(asked.as_bytes()));
            let headers = reply.headers.into_iter();
            let value = headers
                .rev()
                .find(|(name, _)| &**name == b"access-control-allow-headers");
            String::from_utf8(value.unwrap().1.into_owned()).unwrap()
        };
        assert_eq!(
            allowed("content-type"),
            "accept, content-type, authorization"
        );
        assert_eq!(
            allowed("authorization, Last-Event-ID"),
            "accept, content-type, authorization, last-event-id"
        );
        assert_eq!(
            allowed("X-Etcd-Bytes,last-event-id"),
            "accept, content-type, authorization, last-event-id, x-etcd-bytes"
        );
    }
}
