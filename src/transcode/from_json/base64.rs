//! Base64 in all the spellings that etcd's gateways take between them (`docs/gateways.md`, "Fields of requests").

mod blocks;

use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

const PADDED: GeneralPurpose = engine(&STANDARD, DecodePaddingMode::RequireCanonical);
const UNPADDED: GeneralPurpose = engine(&STANDARD, DecodePaddingMode::RequireNone);
const URL_PADDED: GeneralPurpose = engine(&URL_SAFE, DecodePaddingMode::RequireCanonical);
const URL_UNPADDED: GeneralPurpose = engine(&URL_SAFE, DecodePaddingMode::RequireNone);

/// Go's decoders, which both gateways use, do not look at the trailing bits.
const fn engine(alphabet: &Alphabet, padding: DecodePaddingMode) -> GeneralPurpose {
    GeneralPurpose::new(
        alphabet,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(padding),
    )
}

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
    let by_length = match (url, text.len().is_multiple_of(4)) {
        (false, true) => &PADDED,
        (false, false) => &UNPADDED,
        (true, true) => &URL_PADDED,
        (true, false) => &URL_UNPADDED,
    };
    append(by_length, &stripped, out).or_else(|| append(&PADDED, &stripped, out))
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

/// Decodes straight into the end of `out`.
fn append(engine: &GeneralPurpose, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    out.resize(
        start.checked_add(base64::decoded_len_estimate(text.len()))?,
        0,
    );
    let decoded = engine.decode_slice(text, out.get_mut(start..).unwrap_or_default());
    out.truncate(start.saturating_add(*decoded.as_ref().unwrap_or(&0)));
    decoded.ok().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::decode;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

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

    #[test]
    fn what_both_gateways_refuse_is_refused() {
        for text in [
            "A", "+_8=", "AA =", "AA\t=", "AA==AA==", "A===", "AA\n\n", "AA=", "é===",
        ] {
            assert_eq!(decoded(text), None, "{text:?}");
        }
    }
}
