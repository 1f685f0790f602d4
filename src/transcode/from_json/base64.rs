//! Base64 in all the spellings that etcd's gateways take between them (`docs/gateways.md`, "Fields of requests").

mod blocks;

/// Appends to `out` the bytes that `text` stands for; `None`, with `out` as it was, if it is not
/// base64 to either gateway.
///
/// Both skip CR and LF. grpc-gateway 1 takes the standard alphabet, padded. grpc-gateway 2 takes
/// either alphabet and wants padding if the text's length, CR and LF included, is a multiple of 4,
/// and none if it is not.
pub(super) fn decode(text: &str, out: &mut Vec<u8>) -> Option<()> {
    let before = out.len();
    if decode_front(text.as_bytes(), out, &mut |_, _| ()).is_some_and(<[u8]>::is_empty) {
        return Some(());
    }
    out.truncate(before);
    let mut stripped = Vec::with_capacity(text.len());
    for byte in text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')) {
        stripped.push(byte);
    }
    let url = stripped.iter().any(|b| matches!(b, b'-' | b'_'));
    if url {
        stripped.iter_mut().for_each(to_standard);
    }
    let padded = text.len().is_multiple_of(4);
    match whole(&stripped, padded, out) {
        None if !url && !padded => whole(&stripped, true, out),
        decoded => decoded,
    }
}

/// A digit of the other alphabet as the standard one has it; what is none of the other's is none of the standard's then.
fn to_standard(digit: &mut u8) {
    *digit = match *digit {
        b'-' => b'+',
        b'_' => b'/',
        b'+' | b'/' => 0,
        other => other,
    }
}

/// Appends the bytes that the front of `text` stands for, as far as it is of the standard alphabet, padded; answers what
/// is behind. `None` if the padding is wrong; `out` then has what came before.
///
/// Before it goes on with a long value, it calls `is_long` with the most bytes that the value can have.
pub(super) fn decode_front<'a>(
    text: &'a [u8],
    out: &mut Vec<u8>,
    is_long: &mut dyn FnMut(usize, &mut Vec<u8>),
) -> Option<&'a [u8]> {
    let digits = blocks::decode(text, out, is_long);
    let rest = text.get(digits..)?;
    match digits % 4 {
        0 => Some(rest),
        2 => rest.strip_prefix(b"=="),
        3 => rest.strip_prefix(b"="),
        _ => None,
    }
}

/// Appends the bytes of a text that is of the standard alphabet from end to end. As in Go's decoders, which both gateways
/// use, what the last digit has beyond whole bytes does not matter. `None`, with `out` as it was, if it is anything else.
fn whole(text: &[u8], padded: bool, out: &mut Vec<u8>) -> Option<()> {
    let before = out.len();
    let digits = blocks::decode(text, out, &mut |_, _| ());
    let padding: &[u8] = match digits % 4 {
        2 if padded => b"==",
        3 if padded => b"=",
        _ => b"",
    };
    if digits % 4 == 1 || text.get(digits..) != Some(padding) {
        out.truncate(before);
        return None;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::decode;
    use base64::Engine as _;
    use base64::alphabet::{self, URL_SAFE};
    use base64::engine::DecodePaddingMode;
    use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut out = vec![7];
        let result = decode(text, &mut out);
        assert_eq!(out.remove(0), 7);
        assert!(result.is_some() || out.is_empty());
        result.map(|()| out)
    }

    #[test]
    fn either_gateways_spelling_is_taken() {
        for text in [
            "AAEC",
            "AAEC\r\nAAEC",
            "AAEC\nAA==",
            "AA\n",
            "AA\n==",
            "YQ==\n",
            "AB==",
            "AA",
            "AAE",
            "__79",
            "-_8",
            "-_8=",
            "",
        ] {
            assert!(decoded(text).is_some(), "{text:?}");
        }
        assert_eq!(decoded("AB=="), Some(vec![0]));
        assert_eq!(decoded("__79"), Some(vec![0xff, 0xfe, 0xfd]));
    }

    #[test]
    fn every_length_is_decoded_and_every_place_is_checked() {
        let bytes: Vec<u8> = (0..=255).cycle().take(7000).collect();
        let short = (0..100).chain(180..260);
        for length in short.chain(3250..3270).chain(6330..6340).chain([7000]) {
            let bytes = &bytes[..length];
            let text = STANDARD.encode(bytes);
            assert_eq!(decoded(&text).as_deref(), Some(bytes), "{length}");
            for place in (0..text.len()).step_by(text.len() / 20 + 1) {
                let mut bad = text.clone();
                bad.replace_range(place..=place, "!");
                assert_eq!(decoded(&bad), None, "{length}: {place}");
            }
        }
    }

    /// The rule by the `base64` crate's decoders.
    fn by_the_crate(text: &str) -> Option<Vec<u8>> {
        let engine = |alphabet, padding| {
            let config = GeneralPurposeConfig::new()
                .with_decode_allow_trailing_bits(true)
                .with_decode_padding_mode(padding);
            GeneralPurpose::new(alphabet, config)
        };
        let stripped = text.replace(['\r', '\n'], "");
        let alphabet = if stripped.contains(['-', '_']) {
            &URL_SAFE
        } else {
            &alphabet::STANDARD
        };
        let padding = match text.len() % 4 {
            0 => DecodePaddingMode::RequireCanonical,
            _ => DecodePaddingMode::RequireNone,
        };
        let standard = engine(&alphabet::STANDARD, DecodePaddingMode::RequireCanonical);
        let decoded = engine(alphabet, padding).decode(&stripped);
        decoded.or_else(|_| standard.decode(&stripped)).ok()
    }

    #[test]
    fn every_spelling_is_what_the_base64_crate_makes_of_it() {
        let mut good = 0;
        for round in 0..300_000 {
            let digit = || b"AABQgw89+/-_==\r\n"[fastrand::usize(..16)] as char;
            let text: String = std::iter::repeat_with(digit).take(round % 11).collect();
            let expected = by_the_crate(&text);
            good += usize::from(expected.is_some());
            assert_eq!(decoded(&text), expected, "{text:?}");
        }
        assert!(good > 1000, "{good}");
    }

    #[test]
    fn what_both_gateways_refuse_is_refused() {
        for text in [
            "A", "+_8=", "AA =", "AA\t=", "AA==AA==", "A===", "AA\n\n", "AA=", "é===",
        ] {
            assert_eq!(decoded(text), None, "{text:?}");
        }
    }
}
