//! Server-sent events as a browser reads them (WHATWG HTML, "Parsing an event stream").

/// One event.
#[derive(Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: String,
    pub data: Vec<u8>,
    pub id: Option<String>,
}

/// An event of these parts.
pub fn event(kind: &str, data: &[u8], id: Option<u64>) -> Event {
    Event {
        kind: kind.to_owned(),
        data: data.to_vec(),
        id: id.map(|id| id.to_string()),
    }
}

/// The events of a stream; nothing if it ends within one.
pub fn parse(stream: &[u8]) -> Option<Vec<Event>> {
    let mut events = Vec::new();
    let mut next = event("", b"", None);
    let mut lines = stream
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .peekable();
    let mut open = false;
    while let Some(line) = lines.next() {
        if lines.peek().is_none() {
            return (line.is_empty() && !open).then_some(events);
        }
        let colon = line
            .iter()
            .position(|byte| *byte == b':')
            .unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        open = !line.is_empty();
        match name {
            b"" if line.is_empty() => {
                events.push(std::mem::replace(&mut next, event("", b"", None)))
            }
            b"" => open = false, // a comment
            b"event" => next.kind = String::from_utf8_lossy(value).into_owned(),
            b"id" => next.id = Some(String::from_utf8_lossy(value).into_owned()),
            b"data" if next.data.is_empty() => next.data = value.to_vec(),
            b"data" => next.data.extend([b"\n", value].concat()),
            _ => {}
        }
    }
    None
}
