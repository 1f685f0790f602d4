//! Cross-origin headers, as etcd's `--cors` has them (`gateway.md` 2.4).

use std::borrow::Cow;

use super::head::Header;

/// The value of `Access-Control-Allow-Origin`.
pub type Origin = Cow<'static, [u8]>;

/// The origins that may read answers.
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
