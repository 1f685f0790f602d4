//! Any bytes as any message, in any pieces: the text is the same however they come, it is JSON, it is what prost-reflect
//! writes, and our own parser reads the same message back.

use allocation_counter::measure;
use etcd_json_gateway::schema::Message;
use etcd_json_gateway::transcode::to_json::{BytesAs, Error, Style, ToJson, WHOLE_LIMIT};
use etcd_json_gateway::transcode::{TEXT_LIMIT, from_json};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::input::{Input, Seed};
use crate::oracle::{self, TYPES, Type};
use crate::pieces::Cut;
use crate::{dialects, vectors, wire};

/// How deep the messages of described bytes nest.
const DEPTH: usize = 8;

/// A field that no message has, to make messages larger.
const PADDING: u32 = 2000;

/// Most bytes that a message holds while it streams: a scope for every open message, and the start of an item.
const STREAMING_HELD: usize = 16 << 10;

/// JSON text is at most this many times longer than its message, and a pair of braces.
const MAX_EXPANSION: usize = 16;

/// What makes a [`ToJson`].
type Make = fn(&'static Message, u32, Style) -> ToJson;

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let of = &TYPES[input.below(TYPES.len())];
    let (choices, cut) = (input.byte(), Cut::from(input.byte()));
    let style = Style {
        escape_html: choices & 1 != 0,
        ..Style::default()
    };
    let mut bytes = Vec::new();
    if choices & 2 != 0 {
        wire::write(of.ours, DEPTH, &mut input, &mut bytes);
    } else {
        bytes.extend_from_slice(input.rest());
    }
    if choices & 0xfc == 0xfc {
        wire::write_payload(PADDING, &[0; WHOLE_LIMIT as usize], &mut bytes);
    }
    check(of, style, cut.clone(), &bytes);
    check_plain(of, style, cut, &bytes);
}

/// The answers that were recorded from etcd's own gateways.
pub fn seeds() -> Vec<Vec<u8>> {
    let replies = vectors::replies().into_iter();
    let seed = |(method, message): vectors::Reply| {
        let of = oracle::index_of(method.response);
        Seed::default().byte(of).byte(0).byte(2).rest(&message)
    };
    replies.map(seed).collect()
}

fn check(of: &Type, style: Style, cut: Cut, bytes: &[u8]) {
    let whole = text(ToJson::new, of, style, Cut::Whole, bytes);
    assert_eq!(
        whole,
        text(ToJson::new, of, style, cut.clone(), bytes),
        "whole, and in pieces"
    );
    let streamed = text(ToJson::streaming, of, style, Cut::Whole, bytes);
    assert_eq!(
        streamed,
        text(ToJson::streaming, of, style, cut, bytes),
        "whole, and in pieces"
    );
    match &streamed {
        Ok(_) => assert_eq!(whole, streamed, "held, and streaming"),
        Err(Error::OutOfOrder { .. }) => {}
        Err(_) => assert!(whole.is_err(), "refused while it streams alone"),
    }
    match whole {
        Ok(text) => check_text(of, &text, bytes),
        Err(error) => check_error(of, error, bytes),
    }
}

/// The same with bytes as plain text, which our own parser reads back to the same message.
fn check_plain(of: &Type, style: Style, cut: Cut, bytes: &[u8]) {
    let style = Style {
        bytes_as: BytesAs::Text,
        ..style
    };
    let whole = text(ToJson::new, of, style, Cut::Whole, bytes);
    let pieces = text(ToJson::new, of, style, cut.clone(), bytes);
    assert_eq!(whole, pieces, "whole, and in pieces");
    let streamed = text(ToJson::streaming, of, style, cut, bytes);
    match streamed {
        Ok(_) => assert_eq!(whole, streamed, "held, and streaming"),
        Err(Error::OutOfOrder { .. }) => {}
        Err(_) => assert!(whole.is_err(), "refused while it streams alone"),
    }
    let Ok(text) = whole else {
        return;
    };
    assert!(text.len() <= bytes.len() * MAX_EXPANSION + 2);
    if serde_json::from_slice::<Value>(&text).is_err() {
        return; // it nests deeper than parsers take
    }
    let mut again = Vec::new();
    from_json(of.ours, &text, BytesAs::Text, usize::MAX, &mut again)
        .expect("what we write we read");
    let again = of.decode(&again).expect("what we read is the message");
    if let Ok(theirs) = of.decode(bytes) {
        assert_eq!(oracle::json(&again), oracle::json(&theirs));
    }
}

/// The text of a message that comes in pieces.
fn text(make: Make, of: &Type, style: Style, mut cut: Cut, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let length = u32::try_from(bytes.len()).expect("no input is so long");
    let mut to_json = make(of.ours, length, style);
    let most = STREAMING_HELD
        + match style.bytes_as {
            BytesAs::Base64 => 0,
            BytesAs::Text => TEXT_LIMIT as usize,
        }
        + if length <= WHOLE_LIMIT {
            bytes.len()
        } else {
            0
        };
    let mut out = Vec::with_capacity(bytes.len() * MAX_EXPANSION + 64);
    let mut held = 0;
    for piece in cut.pieces(bytes).into_iter().chain([&[][..]]) {
        let mut result = Ok(());
        held += measure(|| result = to_json.push(piece, &mut out)).bytes_current;
        assert!(held <= most as i64, "{held} bytes are held of {length}");
        if let Err(error) = result {
            assert_eq!(to_json.push(piece, &mut Vec::new()), Err(error), "again");
            return Err(error);
        }
    }
    assert!(to_json.is_done());
    Ok(out)
}

fn check_text(of: &Type, text: &[u8], bytes: &[u8]) {
    let most = bytes.len() * MAX_EXPANSION + 2;
    assert!(
        text.len() <= most,
        "{} bytes of {}",
        text.len(),
        bytes.len()
    );
    serde_json::from_slice::<IgnoredAny>(text).expect("the text is JSON");
    let Ok(value) = serde_json::from_slice::<Value>(text) else {
        return; // it nests deeper than parsers take
    };
    match of.decode(bytes) {
        Ok(theirs) => assert_eq!(value, oracle::json(&theirs)),
        Err(error) => assert!(dialects::only_we_read(&error), "read by us alone: {error}"),
    }
    let mut again = Vec::new();
    from_json(of.ours, text, BytesAs::Base64, usize::MAX, &mut again)
        .expect("what we write we read");
    let again = of.decode(&again).expect("what we read is the message");
    assert_eq!(oracle::json(&again), value);
}

fn check_error(of: &Type, error: Error, bytes: &[u8]) {
    let large = bytes.len() > WHOLE_LIMIT as usize;
    if matches!(error, Error::OutOfOrder { .. }) && large {
        return;
    }
    if let Ok(theirs) = of.decode(bytes) {
        panic!("refused by us alone: {error}\n{theirs}");
    }
}
