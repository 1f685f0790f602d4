//! Lines of a stream as server-sent events (WHATWG HTML, "Server-sent events").

/// What a client that wants events accepts, and what events are sent as.
pub const EVENT_STREAM: &str = "text/event-stream";

/// A comment that keeps connections and proxies from taking silence for the end.
pub const HEARTBEAT: &[u8] = b":\n\n";

/// What an event's data begins with.
pub const DATA: &[u8] = b"data: ";

/// Whether an `Accept` header asks for events.
#[must_use]
pub fn accepts_events(accept: Option<&[u8]>) -> bool {
    let accept = accept
        .and_then(|value| std::str::from_utf8(value).ok())
        .unwrap_or_default();
    accept.split(',').any(|range| {
        let kind = range.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case(EVENT_STREAM)
    })
}

/// Appends the end of an event, with its id if there is one to resume behind.
pub fn push_event_end(id: Option<u64>, out: &mut Vec<u8>) {
    if out.last() != Some(&b'\n') {
        out.push(b'\n');
    }
    if let Some(id) = id {
        out.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    out.push(b'\n');
}

/// The event that tells of an error, from its line.
#[must_use]
pub fn error_event(line: &[u8]) -> Vec<u8> {
    let mut event = b"event: error\n".to_vec();
    event.extend_from_slice(DATA);
    event.extend_from_slice(line);
    push_event_end(None, &mut event);
    event
}

/// The revision behind which a client of this line resumes: that of its latest event, or the
/// store's, where the line has no events but says that all of them have been sent.
///
/// A line that ends a watch has none, and neither has a part of a fragmented response. Behind a line
/// that opens a watch events of before may still follow, unless the watch is `from_now`: then the
/// store's revision is the last before its first event.
#[must_use]
pub fn resume_revision(line: &[u8], from_now: bool) -> Option<u64> {
    // What a member's name stands between cannot be within a string: there the quotes would be escaped.
    let mut parts = line.split(|byte| *byte == b'"');
    let (mut latest, mut store) = (None, None);
    let mut name = parts.next()?;
    while let Some(next) = parts.next() {
        let is_true = next.starts_with(b":true");
        match (name, next) {
            (b"canceled" | b"fragment", _) if is_true => return None,
            (b"created", _) if is_true && !from_now => return None,
            (b"mod_revision", b":") => latest = latest.max(number(parts.next()?)),
            (b"revision", b":") => store = store.or(number(parts.next()?)),
            _ => {}
        }
        name = next;
    }
    latest.or(store)
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_asked_for_by_accept() {
        for accept in [
            "text/event-stream",
            "application/json, Text/Event-Stream;q=0.9",
        ] {
            assert!(accepts_events(Some(accept.as_bytes())), "{accept}");
        }
        assert!(!accepts_events(Some(b"*/*")));
        assert!(!accepts_events(None));
    }

    #[test]
    fn a_line_resumes_behind_its_latest_event() {
        let events = br#"{"result":{"header":{"revision":"9"},"events":[{"kv":{"mod_revision":"7"},"prev_kv":{"mod_revision":"3"}}]}}"#;
        assert_eq!(resume_revision(events, false), Some(7));
        let progress = br#"{"result":{"header":{"revision":"9"}}}"#;
        assert_eq!(resume_revision(progress, false), Some(9));
        assert_eq!(resume_revision(br#"{"result":{}}"#, true), None);
    }

    #[test]
    fn a_watch_resumes_where_it_began_only_if_it_began_at_the_store_s_revision() {
        let created = br#"{"result":{"header":{"revision":"9"},"created":true}}"#;
        assert_eq!(resume_revision(created, true), Some(9));
        assert_eq!(resume_revision(created, false), None);
        let refused = br#"{"result":{"header":{"revision":"9"},"created":true,"canceled":true}}"#;
        assert_eq!(resume_revision(refused, true), None);
    }

    #[test]
    fn an_error_is_an_event_of_its_own() {
        let event = b"event: error\ndata: {\"error\":{}}\n\n".to_vec();
        assert_eq!(error_event(b"{\"error\":{}}\n"), event);
        assert_eq!(error_event(b"{\"error\":{}}"), event);
    }
}
