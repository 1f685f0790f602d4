//! A client's frames, in whatever pieces: the reader sees what a second, slow one sees, and holds next to nothing.

use etcd_json_gateway::http::websocket::{Documents, Event, Reader};

use crate::input::Input;
use crate::pieces::Cut;

/// The longest message that is taken.
const MOST: usize = 1000;

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let mut cut = Cut::from(input.byte());
    if input.byte() & 1 == 0 {
        let bytes = frames(&mut input);
        let whole = read(&[&bytes]);
        assert_eq!(read(&cut.pieces(&bytes)), whole);
        assert_eq!(expected(&bytes), whole);
    } else {
        written(&mut input, &mut cut);
    }
}

/// Frames of an input's choice, well formed or not.
fn frames(input: &mut Input<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..input.below(12) {
        let first = input.byte();
        let payload = input.bytes().to_vec();
        let mask: [u8; 4] = std::array::from_fn(|_| input.byte());
        bytes.push(first);
        match u8::try_from(payload.len()) {
            Ok(length @ 0..=125) => bytes.push(0x80 | length),
            _ => {
                let length = u16::try_from(payload.len()).unwrap_or(u16::MAX);
                bytes.push(0xfe);
                bytes.extend(length.to_be_bytes());
            }
        }
        bytes.extend(mask);
        let masked = payload.iter().zip(mask.iter().cycle());
        bytes.extend(masked.map(|(byte, mask)| byte ^ mask));
    }
    bytes.extend(input.rest());
    bytes
}

/// Messages, pings, and the bytes of the close frame.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    messages: Vec<Vec<u8>>,
    pings: Vec<Vec<u8>>,
    code: Option<u16>,
}

fn code(frame: &[u8]) -> u16 {
    frame
        .get(2..)
        .and_then(<[u8]>::first_chunk)
        .map_or(1005, |code| u16::from_be_bytes(*code))
}

fn read(pieces: &[&[u8]]) -> Seen {
    let mut reader = Reader::default();
    let mut seen = Seen::default();
    let mut message = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        loop {
            match reader.next(&mut rest, MOST, &mut message) {
                Ok(None) => break,
                Ok(Some(Event::MessageEnd)) => seen.messages.push(std::mem::take(&mut message)),
                Ok(Some(Event::Ping(payload))) => seen.pings.push(payload),
                Ok(Some(Event::Close(close))) | Err(close) => {
                    assert!(close.frame().len() <= 127);
                    seen.code = Some(code(&close.frame()));
                    return seen;
                }
            }
            assert!(message.len() <= MOST, "a message of {}", message.len());
        }
        assert!(rest.is_empty(), "left behind");
    }
    seen
}

/// The same by a reader that has all bytes at once, and looks at one rule of RFC 6455 after the other.
fn expected(bytes: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let mut message: Option<(bool, Vec<u8>, usize)> = None;
    let mut at = 0;
    let stop = |mut seen: Seen, code| {
        seen.code = Some(code);
        seen
    };
    while let Some(&first) = bytes.get(at) {
        let (opcode, last) = (first & 0x0f, first & 0x80 != 0);
        let control = opcode >= 8;
        if first & 0x70 != 0 || !matches!(opcode, 0..=2 | 8..=10) || (control && !last) {
            return stop(seen, 1002);
        }
        let Some(&second) = bytes.get(at + 1) else {
            return seen;
        };
        if second < 0x80 || (control && second > 0x80 + 125) {
            return stop(seen, 1002);
        }
        let wide = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let Some(digits) = bytes.get(at + 2..at + 2 + wide) else {
            return seen;
        };
        let length = digits
            .iter()
            .fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
        if (wide == 2 && length < 126) || (wide == 8 && length < 65536) || length >> 63 != 0 {
            return stop(seen, 1002);
        }
        let length = if wide == 0 {
            u128::from(second & 0x7f)
        } else {
            length
        };
        let Some(mask) = bytes.get(at + 2 + wide..at + 6 + wide) else {
            return seen;
        };
        if !control {
            if (opcode == 0) == message.is_none() {
                return stop(seen, 1002);
            }
            let (_, _, sum) = message.get_or_insert((opcode == 1, Vec::new(), 0));
            *sum = sum.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
            if *sum > MOST {
                return stop(seen, 1009);
            }
        }
        let start = at + 6 + wide;
        let end = start + usize::try_from(length).expect("a short one");
        let masked = bytes.get(start..end.min(bytes.len())).unwrap_or_default();
        let payload: Vec<u8> = masked
            .iter()
            .zip(mask.iter().cycle())
            .map(|(b, m)| b ^ m)
            .collect();
        let whole = end <= bytes.len();
        if let (false, Some((text, so_far, _))) = (control, &mut message) {
            so_far.extend(&payload);
            let bad = match std::str::from_utf8(so_far) {
                Ok(_) => false,
                Err(error) => error.error_len().is_some() || (whole && last),
            };
            if *text && bad {
                return stop(seen, 1007);
            }
        }
        if !whole {
            return seen;
        }
        match opcode {
            8 => {
                let closed = close_code(&payload);
                return stop(seen, closed);
            }
            9 => seen.pings.push(payload),
            0..=2 if last => {
                let (_, bytes, _) = message.take().expect("a message");
                seen.messages.push(bytes);
            }
            _ => {}
        }
        at = end;
    }
    seen
}

/// The code of the answer to a close frame.
fn close_code(payload: &[u8]) -> u16 {
    match payload {
        [] => 1005,
        [_] => 1002,
        [a, b, reason @ ..] => match u16::from_be_bytes([*a, *b]) {
            code @ (1000..=1003 | 1007..=1014 | 3000..=4999) => {
                if std::str::from_utf8(reason).is_ok() {
                    code
                } else {
                    1007
                }
            }
            _ => 1002,
        },
    }
}

/// Lines that are written as messages, in whatever pieces, are the messages.
fn written(input: &mut Input<'_>, cut: &mut Cut) {
    let text = input.rest();
    let mut documents = Documents::default();
    let mut frames = Vec::new();
    for piece in cut.pieces(text) {
        documents.push(piece, &mut frames);
    }
    let mut at = 0;
    let mut message: Vec<u8> = Vec::new();
    let mut messages = Vec::new();
    while let Some((head, rest)) = frames.get(at..).and_then(<[u8]>::split_first_chunk::<2>) {
        let (length, wide) = match head[1] {
            126 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), 2),
            127 => panic!("no input is so long"),
            short => (usize::from(short), 0),
        };
        assert_eq!(head[0] & 0x7f, u8::from(message.is_empty()));
        message.extend(&rest[wide..wide + length]);
        if head[0] & 0x80 != 0 {
            messages.push(std::mem::take(&mut message));
        }
        at += 2 + wide + length;
    }
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    let open = lines.pop().unwrap_or_default();
    lines.retain(|line| !line.is_empty());
    assert_eq!(messages, lines);
    assert_eq!(message, open);
}

/// A message in fragments with a ping between, and a close.
pub fn seeds() -> Vec<Vec<u8>> {
    use crate::input::Seed;
    let frame = |seed: Seed, first: u8, payload: &[u8]| {
        let seed = seed.byte(first).bytes(payload);
        [1, 2, 3, 4].into_iter().fold(seed, Seed::byte)
    };
    let seed = Seed::default().byte(0).byte(0).byte(4);
    let seed = frame(seed, 0x01, b"{\"ID\":");
    let seed = frame(seed, 0x89, b"ping");
    let seed = frame(seed, 0x80, b"1}");
    let seed = frame(seed, 0x88, b"\x03\xe8bye");
    let lines = Seed::default().byte(0).byte(1).rest(b"{}\n{\"a\":1}\n{");
    vec![seed.rest(&[]), lines]
}
