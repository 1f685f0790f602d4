//! Envoy's `response.code_details`: its word for who made an answer, and for what a stream ended of; and ours.

use crate::exchange::Lost;
use crate::http::Reason;

/// The property that has them.
pub(super) const NAME: &str = "response\0code_details";

/// What they are of an answer that the upstream made itself.
const VIA_UPSTREAM: &[u8] = b"via_upstream";

/// What they have in them where the upstream has reset the stream.
const REMOTE_RESET: &[u8] = b"remote_reset";

/// What they have in them where a timeout of Envoy's ended the stream.
const TIMEOUT: &[u8] = b"timeout";

/// The same of a stream's longest duration.
const DURATION: &[u8] = b"duration";

/// The module has ended.
pub(super) const CRASH: &[u8] = b"etcd_json_gateway{module_ended}";

/// The proxy does not let the filter go on.
pub(super) const HOST: &[u8] = b"etcd_json_gateway{host}";

/// An answer under way that is cut off.
pub(super) const CUT: &[u8] = b"etcd_json_gateway{cut}";

/// Those of an answer that the filter makes.
pub(super) fn ours(reason: Reason) -> Vec<u8> {
    let mut details = b"etcd_json_gateway{".to_vec();
    details.extend_from_slice(reason.name().as_bytes());
    details.push(b'}');
    details
}

/// Who made an answer that is not gRPC: nothing if the upstream did, else Envoy's reason.
pub(super) fn origin(details: &[u8]) -> Option<String> {
    (!details.is_empty() && details != VIA_UPSTREAM).then(|| words(details))
}

/// How a stream was lost; nothing where it was the client who left, whom there is nobody to tell.
pub(super) fn lost(details: &[u8]) -> Option<Lost> {
    // By windows: searching for a `&str` brings a kilobyte of code.
    let has = |word: &[u8]| details.windows(word.len()).any(|at| at == word);
    let timed_out = has(TIMEOUT);
    if !timed_out && !details.starts_with(b"upstream") {
        return None;
    }
    let how = if timed_out || has(DURATION) {
        Lost::Timeout
    } else if has(REMOTE_RESET) {
        Lost::Reset
    } else {
        Lost::Gone
    };
    Some(how(words(details)))
}

/// The details as they are told to a client.
fn words(details: &[u8]) -> String {
    String::from_utf8_lossy(details).replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_the_upstreams_own_has_no_other_origin() {
        assert_eq!(origin(b"via_upstream"), None);
        assert_eq!(origin(b""), None);
        assert_eq!(
            origin(b"no_healthy_upstream"),
            Some("no healthy upstream".into())
        );
    }

    #[test]
    fn a_stream_is_lost_to_a_timeout_a_reset_or_a_broken_connection() {
        let reset = "upstream_reset_after_response_started{remote_reset}";
        let broken = "upstream_reset_after_response_started{connection_termination}";
        for (details, expected) in [
            (
                "stream_idle_timeout",
                Some(Lost::Timeout("stream idle timeout".into())),
            ),
            (
                "upstream_max_stream_duration_reached",
                Some(Lost::Timeout("upstream max stream duration reached".into())),
            ),
            (reset, Some(Lost::Reset(reset.replace('_', " ")))),
            (broken, Some(Lost::Gone(broken.replace('_', " ")))),
        ] {
            assert_eq!(lost(details.as_bytes()), expected, "{details}");
        }
    }

    #[test]
    fn a_client_that_leaves_has_lost_nothing() {
        for details in [
            "",
            "via_upstream",
            "downstream_remote_disconnect",
            "max_duration",
        ] {
            assert_eq!(lost(details.as_bytes()), None, "{details}");
        }
    }
}
