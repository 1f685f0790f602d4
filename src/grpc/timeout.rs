//! `Grpc-Timeout`: how long the client will wait (`docs/gateways.md`, "Headers and metadata").

use std::time::Duration;

/// Most digits that gRPC allows in a timeout.
const MAX_VALUE: u64 = 99_999_999;

/// Nanoseconds of a millisecond.
const MILLI: u64 = 1_000_000;

/// The units, finest first, with their nanoseconds.
const UNITS: [(u8, u64); 6] = [
    (b'n', 1),
    (b'u', 1_000),
    (b'm', MILLI),
    (b'S', 1_000_000_000),
    (b'M', 60_000_000_000),
    (b'H', 3_600_000_000_000),
];

/// A client's deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout {
    /// How many of the unit.
    count: u64,
    /// Nanoseconds of the unit, one of [`UNITS`].
    unit: u64,
}

/// Why a `Grpc-Timeout` starts no call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeoutError {
    /// It is not `<integer><H|M|S|m|u|n>`.
    Malformed,
    /// It is negative: the deadline has passed already.
    Passed,
}

impl Timeout {
    /// Reads the header's value. Zero, or nothing, means no deadline, as in etcd's gateway.
    ///
    /// # Errors
    ///
    /// When the value is malformed or negative.
    pub fn parse(value: &[u8]) -> Result<Option<Self>, TimeoutError> {
        let Some((&unit, digits)) = value.split_last() else {
            return Ok(None);
        };
        let unit = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or(TimeoutError::Malformed)?
            .1;
        let digits = std::str::from_utf8(digits).map_err(|_| TimeoutError::Malformed)?;
        let count: i64 = digits.parse().map_err(|_| TimeoutError::Malformed)?;
        match u64::try_from(count) {
            Err(_) => Err(TimeoutError::Passed),
            Ok(0) => Ok(None),
            Ok(count) => Ok(Some(Self { count, unit })),
        }
    }

    /// The value as gRPC allows it: at most eight digits, in the finest unit that takes it, rounded up.
    #[must_use]
    pub fn header(&self) -> String {
        let fitting = UNITS
            .iter()
            .map(|(name, unit)| (*name, self.in_units_of(*unit)));
        let (unit, value) = fitting
            .clone()
            .find(|(_, value)| *value <= MAX_VALUE)
            .unwrap_or((b'H', MAX_VALUE));
        format!("{value}{}", char::from(unit))
    }

    /// Whole milliseconds, rounded up.
    #[must_use]
    pub fn millis(&self) -> u64 {
        self.in_units_of(MILLI)
    }

    /// The same as a [`Duration`].
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_millis(self.millis())
    }

    /// Whole units of `nanos` nanoseconds, one of [`UNITS`]' own: rounded up, and as many as there
    /// can be where it is more. Each unit is a multiple of the finer ones, so that no step in
    /// between needs 128 bits.
    fn in_units_of(self, nanos: u64) -> u64 {
        let coarser = self.unit.checked_div(nanos).unwrap_or_default();
        if coarser > 0 {
            self.count.saturating_mul(coarser)
        } else {
            let finer = nanos.checked_div(self.unit).unwrap_or_default();
            self.count.div_ceil(finer.max(1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(value: &str) -> Result<Option<String>, TimeoutError> {
        Timeout::parse(value.as_bytes()).map(|timeout| timeout.map(|timeout| timeout.header()))
    }

    #[test]
    fn timeouts_are_passed_on_in_at_most_eight_digits() {
        for (given, sent) in [
            ("10S", "10000000u"),
            ("100m", "100000u"),
            ("1n", "1n"),
            ("999999999H", "99999999H"),
            ("1H", "3600000m"),
        ] {
            let sent_header = header(given).unwrap().unwrap();
            assert!(sent_header.len() <= 9, "{sent_header}");
            let nanos = |text: &str| {
                let timeout = Timeout::parse(text.as_bytes()).unwrap().unwrap();
                u128::from(timeout.count) * u128::from(timeout.unit)
            };
            assert!(
                nanos(&sent_header) >= nanos(given) || sent == "99999999H",
                "{given} became {sent_header}"
            );
        }
        for none in ["0S", ""] {
            assert_eq!(header(none), Ok(None), "{none:?}");
        }
    }

    #[test]
    fn bad_timeouts_are_told_apart_from_passed_ones() {
        for malformed in [
            "S",
            "1s",
            "1",
            "1.5S",
            "x",
            "99999999999999999999S",
            "1S ",
            " 1S",
        ] {
            assert_eq!(
                header(malformed),
                Err(TimeoutError::Malformed),
                "{malformed:?}"
            );
        }
        assert_eq!(header("-1S"), Err(TimeoutError::Passed));
    }

    #[test]
    fn milliseconds_round_up() {
        assert_eq!(Timeout::parse(b"1u").unwrap().unwrap().millis(), 1);
        assert_eq!(
            Timeout::parse(b"9223372036854775807H")
                .unwrap()
                .unwrap()
                .duration()
                .as_millis(),
            u128::from(u64::MAX)
        );
    }
}
