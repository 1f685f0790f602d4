//! gRPC's framing and protobuf's fields, written apart from the filter's so that a test does not check the filter against itself.

/// One length-prefixed, uncompressed message.
pub fn frame(message: &[u8]) -> Vec<u8> {
    frame_with_flag(0, message)
}

/// One length-prefixed message with any compression flag.
pub fn frame_with_flag(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("a gRPC message is below 4 GiB");
    let mut framed = Vec::with_capacity(message.len() + 5);
    framed.push(flag);
    framed.extend_from_slice(&length.to_be_bytes());
    framed.extend_from_slice(message);
    framed
}

/// The whole messages at the start of `body`, and what is left behind the last of them.
pub fn messages(body: &[u8]) -> (Vec<Vec<u8>>, &[u8]) {
    let mut found = Vec::new();
    let mut rest = body;
    while let Some((prefix, behind)) = rest.split_first_chunk::<5>() {
        let [_flag, length @ ..] = *prefix;
        let length = u32::from_be_bytes(length) as usize;
        let Some((message, after)) = behind.split_at_checked(length) else {
            break;
        };
        found.push(message.to_vec());
        rest = after;
    }
    (found, rest)
}

/// `grpc-message` as grpc-go writes it: everything but printable ASCII, and `%`, as `%XX`.
pub fn percent_encode(message: &str) -> String {
    message
        .bytes()
        .map(|byte| match byte {
            b' '..=b'~' if byte != b'%' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// A protobuf field of length-delimited type: bytes, string or message.
pub fn bytes_field(number: u32, value: &[u8]) -> Vec<u8> {
    [
        varint(u64::from(number) << 3 | 2),
        varint(value.len() as u64),
        value.to_vec(),
    ]
    .concat()
}

/// A protobuf field of varint type.
pub fn varint_field(number: u32, value: u64) -> Vec<u8> {
    [varint(u64::from(number) << 3), varint(value)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_back_and_the_unfinished_rest_is_kept() {
        let body = [frame(b"one"), frame(b""), vec![0, 0, 0, 0, 9, b'x']].concat();
        let (found, rest) = messages(&body);
        assert_eq!(found, [b"one".to_vec(), Vec::new()]);
        assert_eq!(rest, [0, 0, 0, 0, 9, b'x']);
    }

    #[test]
    fn a_status_message_is_percent_encoded_as_grpc_go_does() {
        assert_eq!(
            percent_encode("50% ключ\n"),
            "50%25 %D0%BA%D0%BB%D1%8E%D1%87%0A"
        );
    }
}
