//! A client's HTTP headers to the headers of the gRPC request (`docs/gateways.md`, "Headers and metadata").

use super::metadata::{
    GRPC_METADATA, MetadataError, Settable, has_prefix, is_base64, push_metadata, text,
};
use super::timeout::Timeout;
use crate::envoy;
use crate::headers::{Header, Headers};
use crate::schema::Method;

/// A client's headers that end here: they speak of the JSON body, of one hop, or are etcd's metadata, which a client sets
/// by `Grpc-Metadata-`. So do those that begin as [`DROPPED_PREFIXES`].
const DROPPED: [&[u8]; 16] = [
    b"accept-encoding",
    b"connection",
    b"expect",
    b"host",
    b"http2-settings",
    b"keep-alive",
    b"proxy-authorization",
    b"proxy-connection",
    b"range",
    b"te",
    b"token",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
    envoy::ORIGINAL_PATH,
    b"x-etcd-bytes",
];

/// What speaks of the body, conditions, gRPC's own names, and the mark of etcd's own gateway.
const DROPPED_PREFIXES: [&[u8]; 4] = [b"content-", b"grpc-", b"grpcgateway-", b"if-"];

/// The mark that a call comes through a gateway. Without it an etcd that is reached by mutual TLS takes a caller without
/// a token for the user that Envoy's certificate names.
pub const GATEWAY_MARK: (&[u8], &[u8]) = (b"grpcgateway-accept", b"*/*");

/// The headers that the gRPC request has, and the client's deadline.
///
/// A client's headers stay, so that routes by header, tracing and other filters see them; what speaks of the JSON body
/// or of one hop goes. `Grpc-Metadata-<name>` becomes `<name>` where that is `settable`. A call that is not `retriable`
/// is marked so that Envoy never sends it twice, whatever the route's retry policy is.
///
/// # Errors
///
/// When the client's timeout or one of its binary headers cannot be read.
pub fn request_headers<'a>(
    headers: &Headers<'a>,
    method: &'static Method,
    retriable: bool,
    settable: &Settable,
) -> Result<(Vec<Header<'a>>, Option<Timeout>), MetadataError> {
    let mut list: Vec<Header<'a>> = Vec::with_capacity(headers.as_slice().len().saturating_add(8));
    let mut timeout = None;
    let (mark, mut accept) = GATEWAY_MARK;
    for (name, value) in headers.iter() {
        match name {
            b":path" => {
                list.push((name.into(), method.path.as_bytes().into()));
                list.push((envoy::ORIGINAL_PATH.into(), without_query(value).into()));
            }
            b":method" => list.push((name.into(), b"POST".into())),
            b":protocol" => {} // an extended CONNECT, which is a plain POST from here on
            b"grpc-timeout" => timeout = parse_timeout(value)?,
            b"authorization" => list.push((name.into(), without_bearer(value).into())),
            b"accept" => {
                accept = value;
                list.push((name.into(), value.into()));
            }
            _ if name.starts_with(GRPC_METADATA) => {
                push_metadata(name, value, settable, &mut list)?;
            }
            _ if is_dropped(name, value) || (!retriable && envoy::RETRYING.contains(&name)) => {}
            _ => list.push((name.into(), value.into())),
        }
    }
    list.push((b"content-type".into(), b"application/grpc".into()));
    list.push((b"te".into(), b"trailers".into()));
    list.push((mark.into(), accept.into()));
    if !retriable {
        list.push((envoy::MAX_RETRIES.into(), b"0".into()));
    }
    if let Some(timeout) = timeout {
        list.push((b"grpc-timeout".into(), timeout.header().into_bytes().into()));
    }
    Ok((list, timeout))
}

/// Whether a header of the client's ends here.
fn is_dropped(name: &[u8], value: &[u8]) -> bool {
    // grpc-go refuses a whole call for a value that is not base64.
    let bad_binary = || name.ends_with(b"-bin") && !is_base64(value);
    name.is_empty()
        || DROPPED.binary_search(&name).is_ok()
        || has_prefix(name, &DROPPED_PREFIXES)
        || bad_binary()
}

fn without_query(path: &[u8]) -> &[u8] {
    path.split(|byte| *byte == b'?').next().unwrap_or_default()
}

fn parse_timeout(value: &[u8]) -> Result<Option<Timeout>, MetadataError> {
    Timeout::parse(value).map_err(|error| MetadataError::Timeout(error, text(value)))
}

/// The token alone: only etcd since 3.5.32, 3.6.13 and 3.7 cuts `Bearer ` off itself.
fn without_bearer(value: &[u8]) -> &[u8] {
    match value.split_at_checked(b"Bearer ".len()) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"Bearer ") => token,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::super::metadata::READ_BY_ETCD;
    use super::*;
    use crate::schema::tables;

    fn sent_with(
        headers: &[(&str, &str)],
        retriable: bool,
        metadata: &[&str],
    ) -> Result<Vec<(String, String)>, MetadataError> {
        let list = headers
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
            .collect();
        let names: Vec<String> = metadata.iter().map(|name| (*name).to_owned()).collect();
        let settable = Settable::new(&names);
        let (sent, _) =
            request_headers(&Headers::new(list), &tables::KV_PUT, retriable, &settable)?;
        Ok(sent
            .iter()
            .map(|(name, value)| (text(name), text(value)))
            .collect())
    }

    fn sent(headers: &[(&str, &str)]) -> Result<Vec<(String, String)>, MetadataError> {
        sent_with(headers, true, &[])
    }

    fn owned(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_table_can_be_searched() {
        assert!(DROPPED.is_sorted());
    }

    #[test]
    fn a_request_becomes_a_grpc_request() {
        let sent = sent(&[
            (":method", "POST"),
            (":path", "/v3/kv/put?key=secret"),
            (":authority", "etcd"),
            ("content-length", "2"),
            ("user-agent", "curl/8"),
            ("x-tenant", "a"),
        ]);
        let expected = [
            (":method", "POST"),
            (":path", "/etcdserverpb.KV/Put"),
            ("x-envoy-original-path", "/v3/kv/put"),
            (":authority", "etcd"),
            ("user-agent", "curl/8"),
            ("x-tenant", "a"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
            ("grpcgateway-accept", "*/*"),
        ];
        assert_eq!(sent.unwrap(), owned(&expected));
    }

    #[test]
    fn a_call_that_changes_something_is_never_retried() {
        let retries = [("x-envoy-retry-on", "5xx"), ("x-envoy-max-retries", "9")];
        let sent = sent_with(&retries, false, &[]).unwrap();
        let retrying: Vec<_> = sent
            .iter()
            .filter(|(name, _)| name.contains("retr"))
            .collect();
        assert_eq!(
            retrying,
            [&("x-envoy-max-retries".to_owned(), "0".to_owned())]
        );
    }

    #[test]
    fn what_speaks_of_the_body_or_of_a_hop_and_what_would_forge_metadata_ends_here() {
        let dropped = [
            "token",
            "grpcgateway-accept-x",
            "grpcgateway-authorization",
            "grpc-status",
            "grpc-encoding",
            "content-encoding",
            "content-range",
            "accept-encoding",
            "expect",
            "host",
            "range",
            "if-none-match",
            "te",
            "trailer",
            "connection",
            "upgrade",
            "proxy-authorization",
            "x-envoy-original-path",
            "x-odd-bin",
        ];
        let sent = sent(&dropped.map(|name| (name, "9"))).unwrap();
        assert!(sent.iter().all(|(_, value)| value != "9"), "{sent:?}");
    }

    #[test]
    fn metadata_sets_only_what_etcd_reads_and_what_is_allowed() {
        let forged = [
            "grpc-metadata-x-user",
            "grpc-metadata-x-forwarded-client-cert",
            "grpc-metadata-x-envoy-max-retries",
            "grpc-metadata-grpcgateway-authorization",
            "grpc-metadata-te",
            "grpc-metadata-content-type",
            "grpc-metadata-",
            "grpc-metadata-:path",
        ];
        let headers = forged.map(|name| (name, "9"));
        let reached = |metadata: &[&str]| {
            let mut sent = sent_with(&headers, true, metadata).unwrap();
            sent.retain(|(_, value)| value == "9");
            sent
        };
        assert_eq!(reached(&[]), []);
        assert_eq!(reached(&["x-user"]), owned(&[("x-user", "9")]));
        assert_eq!(reached(&["*"]), owned(&[("x-user", "9")]));
        let read = READ_BY_ETCD.map(|name| format!("grpc-metadata-{}", text(name)));
        let headers: Vec<_> = read.iter().map(|name| (name.as_str(), "9")).collect();
        let sent = sent(&headers).unwrap();
        assert_eq!(sent.iter().filter(|(_, value)| value == "9").count(), 6);
    }

    #[test]
    fn binary_metadata_is_encoded_anew_or_refused() {
        let of = |value| {
            sent_with(&[("grpc-metadata-foo-bin", value)], true, &["foo-bin"])
                .map(|sent| sent.first().unwrap().1.clone())
        };
        assert_eq!(of("AAE="), Ok("AAE".to_owned()));
        assert_eq!(of("AAE"), Ok("AAE".to_owned()));
        let refusal = MetadataError::Binary("foo-bin".to_owned());
        assert_eq!(of("!!"), Err(refusal.clone()));
        // Whether or not it may be set, as etcd's gateway has it.
        assert_eq!(sent(&[("grpc-metadata-foo-bin", "!!")]), Err(refusal));
    }
}
