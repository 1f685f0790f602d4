//! How a socket is opened (RFC 6455, 4.2; `docs/gateways.md`, "WebSocket").

use crate::grpc::Code;
use crate::headers::{Header, Headers};
use crate::http::head::Reply;
use crate::http::reason::Reason;

use super::sha1::sha1;

/// What a key is digested with.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The one version that there is.
const VERSION: &str = "13";

/// The subprotocol behind which a client puts its token.
const BEARER: &[u8] = b"Bearer";

/// A client's offer that has been taken.
#[derive(Debug)]
pub struct Handshake {
    accept: String,
    /// Whether the client has offered `Bearer`, and must get it.
    bearer: bool,
}

/// Whether a request asks for a WebSocket in the place of its answer.
#[must_use]
pub fn is_upgrade(headers: &Headers<'_>) -> bool {
    has_token(headers.get("upgrade"), b"websocket")
        && has_token(headers.get("connection"), b"upgrade")
}

/// Base64 of few bytes, without the places that can trap which the crate's encoder has.
fn base64(bytes: &[u8]) -> String {
    const FIRST_DIGIT: u32 = 18;
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut bits = [0; 4];
        let places = bits.iter_mut().skip(1);
        places.zip(group).for_each(|(to, byte)| *to = *byte);
        let bits = u32::from_be_bytes(bits);
        for (digit, shift) in (0..=FIRST_DIGIT).rev().step_by(6).enumerate() {
            text.push(match (bits.wrapping_shr(shift) & 0x3f) as u8 {
                _ if digit > group.len() => '=',
                value @ 0..26 => char::from(b'A'.wrapping_add(value)),
                value @ 26..52 => char::from(b'a'.wrapping_add(value.wrapping_sub(26))),
                value @ 52..62 => char::from(b'0'.wrapping_add(value.wrapping_sub(52))),
                62 => '+',
                _ => '/',
            });
        }
    }
    text
}

fn has_token(list: Option<&[u8]>, token: &[u8]) -> bool {
    tokens(list).any(|found| found.eq_ignore_ascii_case(token))
}

fn tokens(list: Option<&[u8]>) -> impl Iterator<Item = &[u8]> {
    let list = list.unwrap_or_default().split(|byte| *byte == b',');
    list.map(<[u8]>::trim_ascii)
}

impl Handshake {
    /// Reads a request that asks for a socket.
    ///
    /// # Errors
    ///
    /// When it is not as the protocol has it: the answer of etcd's gateway.
    pub fn read(headers: &Headers<'_>) -> Result<Self, Reply> {
        if headers.get(":method") != Some(b"GET") {
            return Err(refusal(405, "Method Not Allowed\n"));
        }
        let key = headers.get("sec-websocket-key").unwrap_or_default();
        let version = headers.get("sec-websocket-version");
        if key.is_empty() || !has_token(version, VERSION.as_bytes()) {
            return Err(refusal(400, "Bad Request\n"));
        }
        Ok(Self {
            accept: base64(&sha1(&[key, GUID].concat())),
            bearer: tokens(headers.get("sec-websocket-protocol")).next() == Some(BEARER),
        })
    }

    /// The head of the answer that opens it.
    pub fn headers(&self) -> Vec<Header<'static>> {
        let mut list: Vec<Header<'static>> = vec![
            (b":status".into(), b"101".into()),
            (b"upgrade".into(), b"websocket".into()),
            (b"connection".into(), b"Upgrade".into()),
            (
                b"sec-websocket-accept".into(),
                self.accept.clone().into_bytes().into(),
            ),
        ];
        if self.bearer {
            list.push((b"sec-websocket-protocol".into(), BEARER.into()));
        }
        list
    }
}

/// The token in an offer of the subprotocols `Bearer` and that token.
#[must_use]
pub fn bearer_token<'a>(headers: &Headers<'a>) -> Option<&'a [u8]> {
    let value = headers.get("sec-websocket-protocol")?;
    let (scheme, token) = value.split_at(value.iter().position(|byte| *byte == b',')?);
    let token = token.get(1..).unwrap_or_default().trim_ascii();
    (scheme.trim_ascii() == BEARER && !token.is_empty()).then_some(token)
}

/// The token in a cookie of that name.
#[must_use]
pub fn cookie_token<'a>(headers: &Headers<'a>) -> Option<&'a [u8]> {
    let cookies = headers.iter().filter(|(name, _)| *name == b"cookie");
    let mut pairs = cookies.flat_map(|(_, value)| value.split(|byte| *byte == b';'));
    pairs.find_map(|pair| {
        let token = pair.trim_ascii().strip_prefix(b"token=")?;
        (!token.is_empty()).then_some(token)
    })
}

/// etcd's answer to a handshake that is none.
fn refusal(status: u16, text: &'static str) -> Reply {
    Reply::new(status, "text/plain; charset=utf-8", text)
        .with("sec-websocket-version", VERSION)
        .of(Code::INVALID_ARGUMENT, Reason::WebSocket)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 5] = [
        (":method", "GET"),
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    fn headers<'a>(list: &[(&'a str, &'a str)]) -> Headers<'a> {
        Headers::new(
            list.iter()
                .map(|(k, v)| (k.as_bytes(), v.as_bytes()))
                .collect(),
        )
    }

    #[test]
    fn the_example_of_the_rfc_is_accepted_so() {
        assert!(is_upgrade(&headers(&GOOD)));
        let handshake = Handshake::read(&headers(&GOOD)).unwrap();
        let accept = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        assert!(
            handshake
                .headers()
                .iter()
                .any(|(_, value)| **value == accept[..])
        );
    }

    #[test]
    fn base64_is_that_of_the_crate() {
        use ::base64::Engine;
        for length in 0..=255 {
            let bytes: Vec<u8> = (0..length).map(|n: u8| n.wrapping_mul(151)).collect();
            let expected = ::base64::engine::general_purpose::STANDARD.encode(&bytes);
            assert_eq!(super::base64(&bytes), expected);
        }
    }

    #[test]
    fn what_is_no_handshake_is_answered_as_etcd_answers() {
        for (index, value, status) in [(0, "POST", 405), (3, "12", 400), (4, "", 400)] {
            let mut list = GOOD;
            list[index].1 = value;
            assert_eq!(Handshake::read(&headers(&list)).unwrap_err().status, status);
        }
        assert!(!is_upgrade(&headers(&GOOD[..2])));
    }

    #[test]
    fn a_token_is_in_the_subprotocols_or_in_a_cookie() {
        let token = |name, value| {
            let list = [(name, value)];
            let headers = headers(&list);
            let found = bearer_token(&headers).or_else(|| cookie_token(&headers));
            found.map(|token| String::from_utf8_lossy(token).into_owned())
        };
        let some = |text: &str| Some(text.to_owned());
        for value in ["Bearer, a.1", "Bearer,a.1", " Bearer ,  a.1 "] {
            assert_eq!(token("sec-websocket-protocol", value), some("a.1"));
        }
        for value in ["Bearer", "chat, a.1", "Bearer,"] {
            assert_eq!(token("sec-websocket-protocol", value), None, "{value}");
        }
        assert_eq!(token("cookie", "a=b; token=a.1; c"), some("a.1"));
        assert_eq!(token("cookie", "mytoken=x;token="), None);
    }
}
