//! Frames from clients that keep to the protocol and from such that do not, by the sections of RFC 6455 and the order in
//! which Autobahn's test suite tries them, each cut at every place.

use super::*;

const MOST: usize = 1 << 20;

/// What the reader makes of bytes: the messages, the pings, and how the socket is closed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    messages: Vec<Vec<u8>>,
    pings: Vec<Vec<u8>>,
    /// The code of the close frame.
    closed: Option<u16>,
}

fn read(pieces: &[&[u8]]) -> Seen {
    let mut reader = Reader::default();
    let mut seen = Seen::default();
    let mut message = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        loop {
            let close = match reader.next(&mut rest, MOST, &mut message) {
                Ok(None) => break,
                Ok(Some(Event::MessageEnd)) => {
                    seen.messages.push(std::mem::take(&mut message));
                    continue;
                }
                Ok(Some(Event::Ping(payload))) => {
                    seen.pings.push(payload);
                    continue;
                }
                Ok(Some(Event::Close(close))) | Err(close) => close,
            };
            let code = close
                .frame()
                .get(2..4)
                .map(|code| u16::from_be_bytes([code[0], code[1]]));
            seen.closed = Some(code.unwrap_or(1005));
            return seen;
        }
    }
    seen
}

/// A client's frame.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut out = vec![first];
    match payload.len() {
        length @ 0..=125 => out.push(0x80 | length as u8),
        length @ 126..=65535 => {
            out.push(0xfe);
            out.extend((length as u16).to_be_bytes());
        }
        length => {
            out.push(0xff);
            out.extend((length as u64).to_be_bytes());
        }
    }
    out.extend(KEY);
    out.extend(
        payload
            .iter()
            .zip(KEY.iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
    out
}

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
/// The same without the mark of the last.
const TEXT_BEGINS: u8 = 0x01;
const GOES_ON: u8 = 0x00;
const ENDS: u8 = 0x80;

fn seen(messages: &[&[u8]], pings: &[&[u8]], closed: Option<u16>) -> Seen {
    let owned = |list: &[&[u8]]| list.iter().map(|bytes| bytes.to_vec()).collect();
    Seen {
        messages: owned(messages),
        pings: owned(pings),
        closed,
    }
}

/// What a client sends, and what is to be made of it.
fn cases() -> Vec<(&'static str, Vec<Vec<u8>>, Seen)> {
    let long = vec![b'*'; 65536];
    let close = |code: u16, reason: &[u8]| frame(CLOSE, &[&code.to_be_bytes(), reason].concat());
    let half = "Hello-µ".as_bytes();
    vec![
        (
            "1.1.1 an empty message",
            vec![frame(TEXT, b"")],
            seen(&[b""], &[], None),
        ),
        (
            "1.1.5 127 bytes",
            vec![frame(TEXT, &long[..127])],
            seen(&[&long[..127]], &[], None),
        ),
        (
            "1.2.1 a binary message",
            vec![frame(BINARY, b"\xfe")],
            seen(&[b"\xfe"], &[], None),
        ),
        (
            "2.2 a ping",
            vec![frame(PING, b"Hello")],
            seen(&[], &[b"Hello"], None),
        ),
        (
            "2.4 a ping of 125 bytes",
            vec![frame(PING, &long[..125])],
            seen(&[], &[&long[..125]], None),
        ),
        (
            "2.5 a ping of 126 bytes",
            vec![frame(PING, &long[..126])],
            seen(&[], &[], Some(1002)),
        ),
        (
            "2.7 a pong nobody has asked for",
            vec![frame(PONG, b"x")],
            seen(&[], &[], None),
        ),
        (
            "2.10 ten pings",
            vec![frame(PING, b"p"); 10],
            seen(&[], &[&b"p"[..]; 10], None),
        ),
        (
            "3.1 a reserved bit",
            vec![frame(0xc1, b"x")],
            seen(&[], &[], Some(1002)),
        ),
        (
            "3.5 another, of a ping",
            vec![frame(0xa9, b"")],
            seen(&[], &[], Some(1002)),
        ),
        (
            "4.1.1 an unknown kind",
            vec![frame(0x83, b"")],
            seen(&[], &[], Some(1002)),
        ),
        (
            "4.2.1 an unknown control",
            vec![frame(0x8b, b"")],
            seen(&[], &[], Some(1002)),
        ),
        (
            "5.1 a ping in fragments",
            vec![frame(0x09, b"a"), frame(ENDS, b"b")],
            seen(&[], &[], Some(1002)),
        ),
        (
            "5.3 fragments",
            vec![frame(TEXT_BEGINS, b"a"), frame(ENDS, b"b")],
            seen(&[b"ab"], &[], None),
        ),
        (
            "5.6 a ping between fragments",
            vec![
                frame(TEXT_BEGINS, b"a"),
                frame(PING, b"p"),
                frame(GOES_ON, b"b"),
                frame(ENDS, b"c"),
            ],
            seen(&[b"abc"], &[b"p"], None),
        ),
        (
            "5.9 a continuation of nothing",
            vec![frame(ENDS, b"a")],
            seen(&[], &[], Some(1002)),
        ),
        (
            "5.18 a message within another",
            vec![frame(TEXT_BEGINS, b"a"), frame(TEXT, b"b")],
            seen(&[], &[], Some(1002)),
        ),
        (
            "6.1.3 fragments of nothing",
            vec![
                frame(TEXT_BEGINS, b""),
                frame(GOES_ON, b""),
                frame(ENDS, b""),
            ],
            seen(&[b""], &[], None),
        ),
        (
            "6.2.2 a character in fragments",
            vec![frame(TEXT_BEGINS, &half[..7]), frame(ENDS, &half[7..])],
            seen(&[half], &[], None),
        ),
        (
            "6.3.1 no UTF-8",
            vec![frame(TEXT, b"\xce\xba\xed\xa0\x80")],
            seen(&[], &[], Some(1007)),
        ),
        (
            "6.4.1 told before the end",
            vec![frame(TEXT_BEGINS, b"\xf4\x90")],
            seen(&[], &[], Some(1007)),
        ),
        (
            "6.6.1 half a character",
            vec![frame(TEXT, b"\xce")],
            seen(&[], &[], Some(1007)),
        ),
        (
            "7.1.1 a close behind a message",
            vec![frame(TEXT, b"a"), close(1000, b""), frame(TEXT, b"b")],
            seen(&[b"a"], &[], Some(1000)),
        ),
        (
            "7.3.1 a close of nothing",
            vec![frame(CLOSE, b"")],
            seen(&[], &[], Some(1005)),
        ),
        (
            "7.3.2 a close of one byte",
            vec![frame(CLOSE, b"a")],
            seen(&[], &[], Some(1002)),
        ),
        (
            "7.3.4 a reason",
            vec![close(1000, b"Hello")],
            seen(&[], &[], Some(1000)),
        ),
        (
            "7.3.6 too long a reason",
            vec![close(1000, &long[..124])],
            seen(&[], &[], Some(1002)),
        ),
        (
            "7.5.1 a reason that is no UTF-8",
            vec![close(1000, b"\xff")],
            seen(&[], &[], Some(1007)),
        ),
        (
            "7.7 a code of an application's",
            vec![close(4999, b"")],
            seen(&[], &[], Some(4999)),
        ),
        (
            "7.9 a code that is none",
            vec![close(1005, b"")],
            seen(&[], &[], Some(1002)),
        ),
        (
            "9.1 a long message",
            vec![frame(TEXT, &long)],
            seen(&[&long], &[], None),
        ),
        (
            "5.2 no mask",
            vec![b"\x81\x01a".to_vec()],
            seen(&[], &[], Some(1002)),
        ),
        (
            "5.2 a length in 16 bits for no need",
            vec![b"\x81\xfe\0\x01".to_vec()],
            seen(&[], &[], Some(1002)),
        ),
        (
            "5.2 the same in 64",
            vec![b"\x81\xff\0\0\0\0\0\0\xff\xff".to_vec()],
            seen(&[], &[], Some(1002)),
        ),
        (
            "5.2 a length of 64 bits",
            vec![b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()],
            seen(&[], &[], Some(1002)),
        ),
        (
            "10.1 a length beyond the bound",
            vec![b"\x82\xff\0\0\0\xff\0\0\0\0abcd".to_vec()],
            seen(&[], &[], Some(1009)),
        ),
        (
            "10.2 fragments beyond it",
            [
                vec![frame(TEXT_BEGINS, &long)],
                vec![frame(GOES_ON, &long); 16],
            ]
            .concat(),
            seen(&[], &[], Some(1009)),
        ),
    ]
}

#[test]
fn frames_are_read_as_the_protocol_has_it_at_every_cut() {
    for (name, frames, expected) in cases() {
        let bytes = frames.concat();
        assert_eq!(read(&[&bytes]), expected, "{name}");
        let frames: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
        assert_eq!(read(&frames), expected, "{name}: a frame each");
        if bytes.len() > 300 {
            continue;
        }
        for first in 0..=bytes.len() {
            for second in (first..=bytes.len()).step_by(3) {
                let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert_eq!(read(&pieces), expected, "{name}: {first} {second}");
            }
        }
        let each: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&each), expected, "{name}: a byte each");
    }
}

#[test]
fn little_is_held_whatever_is_announced() {
    let mut reader = Reader::default();
    let mut out = Vec::new();
    let endless = frame(GOES_ON, b"").repeat(100_000);
    let mut rest = &[frame(TEXT_BEGINS, b"a"), endless].concat()[..];
    assert_eq!(reader.next(&mut rest, MOST, &mut out), Ok(None));
    assert_eq!((out.len(), reader.is_within()), (1, true));
    assert!(size_of::<Reader>() <= 128, "{}", size_of::<Reader>());
}
