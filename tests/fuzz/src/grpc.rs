//! gRPC's parts on any bytes: frames, statuses, timeouts, metadata.

use etcd_json_gateway::grpc::{
    Frame, FrameError, Frames, HEADER_LEN, Settable, Status, Timeout, TimeoutError,
    request_headers, seal,
};
use etcd_json_gateway::http::Headers;
use etcd_json_gateway::schema::tables::ROUTES;

use crate::headers;
use crate::input::Input;
use crate::pieces::Cut;

/// Most digits that gRPC allows in a timeout.
const MAX_DIGITS: usize = 8;

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    match input.below(5) {
        0 => any_frames(Cut::from(input.byte()), input.rest()),
        1 => sealed_frames(&mut input),
        2 => status(&mut input),
        3 => timeout(input.rest()),
        _ => metadata(&mut input),
    }
}

/// The messages of a byte stream, whether it ends between two of them, and why it cannot be read any further.
type Read = (Vec<Vec<u8>>, bool, Option<FrameError>);

fn read(mut cut: Cut, bytes: &[u8]) -> Read {
    let (mut frames, mut messages) = (Frames::default(), Vec::new());
    let mut lengths = Vec::new();
    for mut piece in cut.pieces(bytes) {
        loop {
            match frames.next(&mut piece) {
                Ok(Some(Frame::Begin(length))) => {
                    lengths.push(length as usize);
                    messages.push(Vec::new());
                }
                Ok(Some(Frame::Data(data))) => {
                    messages
                        .last_mut()
                        .expect("data follows a beginning")
                        .extend_from_slice(data);
                }
                Ok(Some(Frame::End)) => {
                    assert_eq!(messages.last().map(Vec::len), lengths.last().copied());
                }
                Ok(None) => break assert!(piece.is_empty(), "all is taken"),
                Err(error) => return (messages, frames.is_at_boundary(), Some(error)),
            }
        }
    }
    (messages, frames.is_at_boundary(), None)
}

fn any_frames(cut: Cut, bytes: &[u8]) {
    assert_eq!(read(cut, bytes), read(Cut::Whole, bytes));
}

fn sealed_frames(input: &mut Input<'_>) {
    let cut = Cut::from(input.byte());
    let (mut stream, mut messages) = (Vec::new(), Vec::new());
    while !input.is_empty() {
        let message = input.bytes();
        let mut frame = [&[9; HEADER_LEN], message].concat();
        seal(&mut frame);
        stream.append(&mut frame);
        messages.push(message.to_vec());
    }
    assert_eq!(read(cut, &stream), (messages, true, None));
}

fn status(input: &mut Input<'_>) {
    let (code, text) = (input.bytes(), input.bytes());
    let status = Status::from_headers(Some(code), Some(text)).expect("there is a status");
    let number = std::str::from_utf8(code)
        .ok()
        .and_then(|code| code.trim().parse().ok());
    assert_eq!(status.code.0, number.unwrap_or(2));
    assert!(Status::from_headers(None, Some(text)).is_none());
    // What is encoded as gRPC has it comes back, if it was text.
    let encoded: String = text.iter().map(|byte| format!("%{byte:02x}")).collect();
    let status = Status::encoded(status.code, encoded.as_bytes());
    assert_eq!(status.message, String::from_utf8_lossy(text));
}

fn timeout(value: &[u8]) {
    let timeout = match Timeout::parse(value) {
        Ok(Some(timeout)) => timeout,
        Ok(None) => return assert!(value.is_empty() || nanos(value) == Some(0)),
        Err(TimeoutError::Passed) => return assert!(nanos(value).is_some_and(|nanos| nanos < 0)),
        Err(_) => return assert!(nanos(value).is_none(), "refused"),
    };
    let asked = nanos(value).expect("what was taken is a timeout");
    let millis = u64::try_from((asked + 999_999) / 1_000_000).unwrap_or(u64::MAX);
    assert_eq!(timeout.millis(), millis);
    assert_eq!(timeout.duration().as_millis(), u128::from(millis));
    let header = timeout.header();
    assert!((2..=MAX_DIGITS + 1).contains(&header.len()), "{header}");
    let sent = nanos(header.as_bytes()).expect("what is sent is a timeout");
    assert!(sent >= asked || header == "99999999H", "{header}");
    // Rounding makes it longer by no more than one part in ten million, or to the next unit there is.
    assert!(
        sent - asked <= asked / 100_000 + 1,
        "{header} for {asked} ns"
    );
}

/// The nanoseconds of a timeout, as Go would read it.
fn nanos(value: &[u8]) -> Option<i128> {
    let (unit, digits) = value.split_last()?;
    let unit: i128 = match unit {
        b'n' => 1,
        b'u' => 1_000,
        b'm' => 1_000_000,
        b'S' => 1_000_000_000,
        b'M' => 60_000_000_000,
        b'H' => 3_600_000_000_000,
        _ => return None,
    };
    let count: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(i128::from(count) * unit)
}

fn metadata(input: &mut Input<'_>) {
    let method = ROUTES[input.below(ROUTES.len())].method;
    let retriable = input.flag();
    let list = headers::described(input);
    let given = Headers::new(
        list.iter()
            .map(|(name, value)| (&name[..], &value[..]))
            .collect(),
    );
    let names = input.choose(&[&[][..], &["*"], &["a", "x-user"]]);
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let settable = Settable::new(&names);
    if let Ok((sent, _)) = request_headers(&given, method, retriable, &settable) {
        headers::check_request(&sent, method, retriable);
    }
}
