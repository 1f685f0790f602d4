//! HTTP's parts on any bytes: paths, error bodies, events, resumption.

use etcd_json_gateway::grpc::{Code, Status};
use etcd_json_gateway::http::{
    Cors, Dialect, Headers, Path, Prefixes, Reason, accepts_events, error_event, error_line,
    error_reply, error_reply_as, push_event_end, push_json_string, response_headers,
    resume_revision, set_event_stream, stream_error_reply,
};
use etcd_json_gateway::schema::tables::ETCDSERVERPB_WATCH_RESPONSE;
use etcd_json_gateway::transcode::{BytesAs, Style, ToJson};
use serde_json::Value;

use crate::input::Input;
use crate::{events, headers, wire};

const DIALECTS: [Dialect; 3] = [Dialect::Compatible, Dialect::V1, Dialect::V2];

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    match input.below(6) {
        0 => path(&mut input),
        1 => errors(&mut input),
        2 => string(&mut input),
        3 => revision(&mut input),
        4 => any_event(input.rest()),
        _ => head(&mut input),
    }
}

fn path(input: &mut Input<'_>) {
    let prefixes = Prefixes::new(vec![
        "/v3".to_owned(),
        "/v3beta".to_owned(),
        "/%".to_owned(),
    ]);
    let target = input.rest();
    let found = prefixes.classify(target);
    if let Path::Api(rest) = &found {
        assert!(rest.is_empty() || rest.starts_with('/'));
    }
    // The path alone decides, and never one of which any of it is escaped.
    let path = target
        .split(|byte| *byte == b'?')
        .next()
        .unwrap_or_default();
    if path.contains(&b'%') {
        return;
    }
    let escaped: String = path.iter().map(|byte| format!("%{byte:02X}")).collect();
    match prefixes.classify(escaped.as_bytes()) {
        Path::Escaped => assert_ne!(found, Path::Other),
        other => assert_eq!((other, found), (Path::Other, Path::Other)),
    }
}

fn errors(input: &mut Input<'_>) {
    let dialect = input.choose(&DIALECTS);
    let status = Status::new(Code(input.number() as u32), input.text());
    let replies = [
        error_reply(dialect, &status, Reason::Etcd),
        error_reply_as(dialect, 418, &status, Reason::Etcd),
        stream_error_reply(dialect, &status, Reason::Etcd),
    ];
    for reply in replies {
        let body: Value = serde_json::from_slice(&reply.body).expect("an error is JSON");
        let error = body["error"].as_object().map_or(&body, |_| &body["error"]);
        assert_eq!(
            error["message"].as_str().unwrap_or_default(),
            status.message
        );
        let code = error["code"].as_u64().or(error["grpc_code"].as_u64());
        assert_eq!(code.unwrap_or_default(), u64::from(status.code.0));
        assert!((200..600).contains(&reply.status));
        reply
            .headers
            .iter()
            .for_each(|(_, value)| headers::assert_clean(value));
    }
    let line = error_line(dialect, &status);
    let events = events::parse(&error_event(&line)).expect("an event ends");
    let data = line.strip_suffix(b"\n").unwrap_or(&line);
    assert_eq!(events, [events::event("error", data, None)]);
}

fn string(input: &mut Input<'_>) {
    let escape_html = input.flag();
    let text = String::from_utf8_lossy(input.rest());
    let mut json = Vec::new();
    push_json_string(&text, escape_html, &mut json);
    assert_eq!(
        serde_json::from_slice::<String>(&json).expect("a string"),
        text
    );
    let special = |byte: &u8| matches!(byte, b'<' | b'>' | b'&');
    assert!(!escape_html || !json.iter().any(special));
}

/// The revision to resume behind is that of the message, whatever its keys and values look like.
fn revision(input: &mut Input<'_>) {
    let choices = input.byte();
    let from_now = choices & 1 != 0;
    let mut message = Vec::new();
    wire::write(&ETCDSERVERPB_WATCH_RESPONSE, 4, input, &mut message);
    let length = u32::try_from(message.len()).expect("no input is so long");
    let mut text = Vec::new();
    let style = Style {
        escape_html: true,
        bytes_as: if choices & 2 != 0 {
            BytesAs::Text
        } else {
            BytesAs::Base64
        },
    };
    let mut to_json = ToJson::new(&ETCDSERVERPB_WATCH_RESPONSE, length, style);
    if to_json.push(&message, &mut text).is_err() {
        return;
    }
    let value: Value = serde_json::from_slice(&text).expect("the text is JSON");
    let flag = |name: &str| value[name] == true;
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<u64>().ok());
    let events = value["events"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let pairs = events
        .iter()
        .flat_map(|event| [&event["kv"], &event["prev_kv"]]);
    let latest = pairs.filter_map(|pair| number(&pair["mod_revision"])).max();
    let expected = if flag("canceled") || flag("fragment") || (flag("created") && !from_now) {
        None
    } else {
        latest.or_else(|| number(&value["header"]["revision"]))
    };
    assert_eq!(resume_revision(&text, from_now), expected);
    let mut event = [b"data: ", &text[..]].concat();
    push_event_end(expected, &mut event);
    assert_eq!(
        events::parse(&event).expect("an event ends"),
        [events::event("", &text, expected)]
    );
}

fn any_event(line: &[u8]) {
    let _ = resume_revision(line, true);
    let _ = accepts_events(Some(line));
}

fn head(input: &mut Input<'_>) {
    let list = headers::described(input);
    let given = Headers::new(
        list.iter()
            .map(|(name, value)| (&name[..], &value[..]))
            .collect(),
    );
    let mut sent = response_headers(&given);
    if input.flag() {
        set_event_stream(&mut sent);
    }
    headers::check_response(&sent);
    let origin = headers::value(input);
    let allowed =
        Cors::new(vec!["https://a.example".to_owned(), "null".to_owned()]).allow(Some(&origin));
    assert!(allowed.is_none_or(|allowed| *allowed == *origin));
}
