//! What can be wrong with a request body, and where.

use std::fmt;

/// Deepest nesting of JSON arrays and objects that a request may have.
///
/// etcd's gateways stop at 10 000; no etcd message needs more than a few dozen, and this parser
/// recurses on the host's stack. It is also `serde_json`'s own bound.
pub const MAX_JSON_DEPTH: usize = 128;

/// Longest piece of the client's text that an error repeats, in characters.
const FOUND_LIMIT: usize = 40;

/// A request body that is not the JSON form of its message.
///
/// Displays as `line 1, column 27: limit: expected a 64-bit integer, found "abc"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Line of the offending token, from 1.
    pub line: usize,
    /// Column of the offending token, from 1, in characters.
    pub column: usize,
    /// Path of the field, such as `compare[0].version`; empty where no field is concerned.
    pub field: String,
    /// What is wrong.
    pub kind: ErrorKind,
}

/// What is wrong with a request body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not JSON; the text is `serde_json`'s.
    Syntax(String),
    /// A value of the wrong type or out of range.
    Unexpected {
        /// What the field takes.
        expected: Expected,
        /// The token found, cut to a readable length.
        found: String,
    },
    /// The field is given twice in one object.
    Duplicate,
    /// Another member of the same oneof is set already.
    OneofConflict {
        /// That other member.
        other: &'static str,
    },
    /// Bytes that are not UTF-8, or an escaped surrogate without its other half.
    InvalidUtf8,
    /// Nested deeper than [`MAX_JSON_DEPTH`].
    TooDeep,
    /// The encoded message is longer than this many bytes.
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// `true` or `false`
    Bool,
    /// An integer from -2^63 to 2^63 - 1, as a number or a string
    Int64,
    /// An integer from 0 to 2^64 - 1, as a number or a string
    Uint64,
    /// An integer from 0 to 2^32 - 1, as a number or a string
    Uint32,
    /// A string
    String,
    /// A base64 string
    Bytes,
    /// A string, or an object with a base64 string
    Text,
    /// The same, or the object for all keys with a prefix
    RangeEnd,
    /// An object
    Object,
    /// An array
    List,
    /// A name of this enum, or a 32-bit number
    Enum(&'static str),
}

impl Error {
    /// An error at byte `offset` of `text`.
    pub(super) fn new(text: &str, offset: usize, field: String, kind: ErrorKind) -> Self {
        let (mut line, mut column) = (1_usize, 1_usize);
        for character in text.get(..offset).unwrap_or(text).chars() {
            if character == '\n' {
                line = line.saturating_add(1);
                column = 1;
            } else {
                column = column.saturating_add(1);
            }
        }
        Self {
            line,
            column,
            field,
            kind,
        }
    }

    /// What `serde_json` says of the JSON that starts at byte `start` of `text`.
    pub(super) fn syntax(error: &serde_json::Error, text: &str, start: usize) -> Self {
        let message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = message.strip_suffix(&place).unwrap_or(&message);
        let kind = ErrorKind::Syntax(message.to_owned());
        let base = Self::new(text, start, String::new(), kind);
        let column = match error.line() {
            0 | 1 => error.column().saturating_add(base.column).saturating_sub(1),
            _ => error.column(),
        };
        Self {
            line: base.line.saturating_add(error.line()).saturating_sub(1),
            column: column.max(1),
            ..base
        }
    }

    /// The same without line and column.
    #[must_use]
    pub fn without_place(&self) -> impl fmt::Display {
        fmt::from_fn(|f| self.fmt_what(f))
    }

    fn fmt_what(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        fmt::Display::fmt(&self.kind, f)
    }

    /// Whether the body is refused for its size alone.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        matches!(self.kind, ErrorKind::TooLarge { .. })
    }
}

impl ErrorKind {
    /// A token that is not what the field takes.
    pub(super) fn unexpected(expected: Expected, token: &str) -> Self {
        let mut found: String = token.chars().take(FOUND_LIMIT).collect();
        if found.len() < token.len() {
            found.push('…');
        }
        Self::Unexpected { expected, found }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        self.fmt_what(f)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(what) => f.write_str(what),
            Self::Unexpected { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Duplicate => f.write_str("given twice"),
            Self::OneofConflict { other } => write!(f, "cannot be set together with {other}"),
            Self::InvalidUtf8 => f.write_str("invalid UTF-8"),
            Self::TooDeep => write!(f, "nested deeper than {} levels", MAX_JSON_DEPTH),
            Self::TooLarge { limit } => write!(f, "the message is larger than {limit} bytes"),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("true or false"),
            Self::Int64 => f.write_str("a 64-bit integer"),
            Self::Uint64 => f.write_str("an unsigned 64-bit integer"),
            Self::Uint32 => f.write_str("an unsigned 32-bit integer"),
            Self::String => f.write_str("a string"),
            Self::Bytes => f.write_str("a base64 string"),
            Self::Text => f.write_str(r#"a string or {"base64":"…"}"#),
            Self::RangeEnd => f.write_str(r#"a string, {"base64":"…"} or {"prefix":true}"#),
            Self::Object => f.write_str("an object"),
            Self::List => f.write_str("an array"),
            Self::Enum(name) => write!(f, "a name or number of {name}"),
        }
    }
}

impl std::error::Error for Error {}

/// Byte offset of `part` in `whole`, of which it is a slice.
pub(super) fn offset_in(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize)
        .saturating_sub(whole.as_ptr() as usize)
        .min(whole.len())
}
