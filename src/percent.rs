//! Percent-encoding, of paths, query strings and `grpc-message` alike.

/// Undoes percent-encoding. A broken escape stays as it is, and the second value tells of it; every
/// other byte goes through `plain`.
pub(crate) fn decode(encoded: &[u8], plain: impl Fn(u8) -> u8) -> (Vec<u8>, bool) {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut sound = true;
    let mut rest = encoded;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            decoded.push(plain(byte));
            continue;
        }
        let escaped = after
            .split_first_chunk::<2>()
            .and_then(|(hex, after)| Some((hex_byte(*hex)?, after)));
        match escaped {
            Some((byte, after)) => {
                decoded.push(byte);
                rest = after;
            }
            None => {
                decoded.push(byte);
                sound = false;
            }
        }
    }
    (decoded, sound)
}

/// The byte that two hexadecimal digits stand for.
fn hex_byte([high, low]: [u8; 2]) -> Option<u8> {
    let high = char::from(high).to_digit(16)?;
    let low = char::from(low).to_digit(16)?;
    u8::try_from(high << 4 | low).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn escapes_are_undone_and_broken_ones_kept() {
        for (encoded, decoded, sound) in [
            ("a%20%c3%A9+", "a \u{e9}+", true),
            ("50%", "50%", false),
            ("%4", "%4", false),
            ("%zz%41", "%zzA", false),
            ("%+5", "%+5", false),
        ] {
            let expected = (decoded.as_bytes().to_vec(), sound);
            assert_eq!(
                decode(encoded.as_bytes(), |byte| byte),
                expected,
                "{encoded}"
            );
        }
    }
}
