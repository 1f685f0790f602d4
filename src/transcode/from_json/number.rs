//! Integers in all the spellings that etcd's gateways take between them (`docs/gateways.md`, "Fields of requests").

use crate::json_text::unescape;

/// Most digits that an integer of 64 bits has.
const MAX_DIGITS: usize = 20;

/// An integer of at most 64 bits and a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Integer {
    negative: bool,
    magnitude: u64,
}

impl Integer {
    pub(super) const ZERO: Self = Self {
        negative: false,
        magnitude: 0,
    };

    /// The value, if it is one from -2^63 to 2^63 - 1.
    pub(super) fn signed(self) -> Option<i64> {
        if self.negative {
            0_i64.checked_sub_unsigned(self.magnitude)
        } else {
            i64::try_from(self.magnitude).ok()
        }
    }

    /// The value, if it is not negative.
    pub(super) fn unsigned(self) -> Option<u64> {
        (!self.negative || self.magnitude == 0).then_some(self.magnitude)
    }
}

/// What a JSON token says of an integer field: its decimal digits, or nothing sensible.
///
/// `5`, `5.0`, `5e2`, `100e-2`, and all of these as a string; in strings also spaces around
/// (grpc-gateway 1) and anything after a first number that ends there (grpc-gateway 2: `"5 6"` is 5).
/// The string `"null"` is 0, as grpc-gateway 1 has it.
pub(super) fn integer(token: &str) -> Option<Integer> {
    let quoted = token
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    if let Some(value) = plain(quoted.unwrap_or(token)) {
        return Some(value);
    }
    if !token.starts_with('"') {
        return Literal::parse(token)?.value_if_whole(token);
    }
    quoted_v1(token).or_else(|| quoted_v2(token))
}

/// grpc-gateway 1 cuts the quotes off the token as it stands and reads the rest as JSON: a plain
/// integer or `null`, spaces around it allowed.
fn quoted_v1(token: &str) -> Option<Integer> {
    let inner = token
        .strip_prefix('"')?
        .strip_suffix('"')?
        .trim_matches(' ');
    if inner == "null" {
        return Some(Integer::ZERO);
    }
    let literal = Literal::parse(inner)?;
    let integer = literal.exponent.is_none() && !inner.contains('.');
    literal.value_if_whole(inner).filter(|_| integer)
}

/// grpc-gateway 2 reads the first JSON token of the string, and no space around it.
fn quoted_v2(token: &str) -> Option<Integer> {
    let text = unescape(token)?;
    let literal = Literal::parse(&text)?;
    let ends_cleanly = text
        .as_bytes()
        .get(literal.length)
        .is_none_or(|next| !next.is_ascii_alphanumeric() && !b"-+._".contains(next));
    if ends_cleanly && text.trim().len() == text.len() {
        literal.value()
    } else {
        None
    }
}

/// An optional minus and at most 18 digits without a leading zero: nearly every integer there is.
fn plain(token: &str) -> Option<Integer> {
    let digits = token.strip_prefix('-').unwrap_or(token);
    let canonical = digits.len() == 1 || !digits.starts_with('0');
    let short = digits.len() < MAX_DIGITS.saturating_sub(1);
    if canonical && short && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        Some(Integer {
            negative: digits.len() < token.len(),
            magnitude: digits.parse().ok()?,
        })
    } else {
        None
    }
}

/// The parts of a JSON number.
struct Literal<'a> {
    negative: bool,
    integer: &'a str,
    fraction: &'a str,
    exponent: Option<&'a str>,
    length: usize,
}

impl<'a> Literal<'a> {
    /// Reads the JSON number at the start of `text`.
    fn parse(text: &'a str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (integer, rest) = match rest.strip_prefix('0') {
            Some(after) => ("0", after),
            None => split_digits(rest)?,
        };
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(after) => split_digits(after)?,
            None => ("", rest),
        };
        let (exponent, rest) = match rest.strip_prefix(['e', 'E']) {
            Some(after) => {
                let unsigned = after.strip_prefix(['+', '-']).unwrap_or(after);
                let (_, rest) = split_digits(unsigned)?;
                let length = after.len().checked_sub(rest.len())?;
                (Some(after.get(..length)?), rest)
            }
            None => (None, rest),
        };
        let length = text.len().checked_sub(rest.len())?;
        Some(Self {
            negative,
            integer: integer.trim_start_matches('0'),
            fraction: fraction.trim_end_matches('0'),
            exponent,
            length,
        })
    }

    /// The value, if the literal is all of `text`.
    fn value_if_whole(&self, text: &str) -> Option<Integer> {
        if self.length == text.len() {
            self.value()
        } else {
            None
        }
    }

    /// The value, if it is an integer of no more than [`MAX_DIGITS`] digits.
    fn value(&self) -> Option<Integer> {
        if self.integer.is_empty() && self.fraction.is_empty() {
            return Some(Integer::ZERO);
        }
        let exponent: i32 = self
            .exponent
            .map_or(Some(0), |digits| digits.parse().ok())?;
        let shift = usize::try_from(exponent.unsigned_abs()).ok()?;
        let digits = if exponent >= 0 {
            let zeros = shift.checked_sub(self.fraction.len())?;
            if self.integer.len().checked_add(shift)? > MAX_DIGITS {
                return None;
            }
            format!("{}{}{}", self.integer, self.fraction, "0".repeat(zeros))
        } else {
            let (kept, dropped) = self
                .integer
                .split_at_checked(self.integer.len().checked_sub(shift)?)?;
            if !self.fraction.is_empty() || dropped.bytes().any(|digit| digit != b'0') {
                return None;
            }
            kept.to_owned()
        };
        if digits.len() > MAX_DIGITS {
            return None;
        }
        Some(Integer {
            negative: self.negative,
            magnitude: digits.parse().ok()?,
        })
    }
}

/// Splits off the leading digits, of which there must be one at least.
fn split_digits(text: &str) -> Option<(&str, &str)> {
    let end = text
        .bytes()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(text.len());
    if end == 0 {
        None
    } else {
        text.split_at_checked(end)
    }
}

#[cfg(test)]
mod tests {
    use super::integer;

    #[test]
    fn every_spelling_that_a_gateway_takes_is_taken() {
        for (token, value) in [
            ("5", 5),
            ("-5", -5),
            ("-0", 0),
            ("0", 0),
            ("5.0", 5),
            ("-0.0", 0),
            ("5e2", 500),
            ("1.0e1", 10),
            ("0.5e1", 5),
            ("100e-2", 1),
            ("0e99999999999", 0),
            ("18446744073709551615", 18_446_744_073_709_551_615),
            (r#""5""#, 5),
            (r#""\u0035""#, 5),
            (r#""5 ""#, 5),
            (r#"" 5""#, 5),
            (r#"" 9223372036854775807 ""#, 9_223_372_036_854_775_807),
            (r#""5E2""#, 500),
            (r#""5 6""#, 5),
            (r#""5,6""#, 5),
            (r#""null""#, 0),
        ] {
            let integer = integer(token).unwrap();
            let found = integer
                .signed()
                .map(i128::from)
                .or(integer.unsigned().map(i128::from));
            assert_eq!(found, Some(value), "{token}");
        }
    }

    #[test]
    fn what_both_gateways_refuse_is_refused() {
        for token in [
            "5.5",
            "1e-1",
            "1e400",
            "1e21",
            r#""""#,
            r#""abc""#,
            r#""0x10""#,
            r#""+5""#,
            r#""05""#,
            "true",
            "[5]",
            r#""5a""#,
            r#""5-""#,
            r#"" 5.0""#,
            r#"" 5 6""#,
            r#""-""#,
            r#""5.""#,
            r#""5e""#,
            "null",
            r#"" ""#,
            r#""5\n""#,
            r#""\t5""#,
            r#""\u006eull""#,
        ] {
            assert_eq!(integer(token), None, "{token}");
        }
    }
}
