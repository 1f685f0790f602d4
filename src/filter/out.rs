//! What of ours may be in front of a piece of a body, left there by a filter that holds the answer.

/// The largest first byte of a gRPC frame; no text of ours has such a byte.
const MAX_FLAG: u8 = 1;

/// Bytes at either end of a text by which it is known again.
const MARK: usize = 8;

/// What of ours may still be in the buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Out {
    /// Bytes that it is at most.
    most: usize,
    /// How it begins and ends, where it is all of them or none.
    exact: Option<[[u8; MARK]; 2]>,
}

impl Out {
    /// All of this, or nothing.
    pub(super) fn exactly(text: &[u8]) -> Self {
        Self {
            most: text.len(),
            exact: Some(marks(text)),
        }
    }

    /// All of this and then of `text`, or nothing.
    pub(super) fn then(mut self, text: &[u8]) -> Self {
        if self.is_empty() {
            return Self::exactly(text);
        }
        match self.exact {
            Some([first, last]) if self.most >= MARK => {
                let [_, last] = marks(&[&last, text].concat());
                Self {
                    most: self.most.saturating_add(text.len()),
                    exact: Some([first, last]),
                }
            }
            Some([first, _]) => {
                let begin = first.get(..self.most).unwrap_or_default();
                Self::exactly(&[begin, text].concat())
            }
            None => {
                self.add(text.len());
                self
            }
        }
    }

    /// Bytes that it is at most.
    pub(super) fn most(self) -> usize {
        self.most
    }

    /// Adds what goes out while the buffer cannot be seen: what is left there is the end of it all.
    pub(super) fn add(&mut self, length: usize) {
        self.most = self.most.saturating_add(length);
        self.exact = None;
    }

    /// Whether nothing of ours can be there.
    pub(super) fn is_empty(self) -> bool {
        self.most == 0
    }

    /// Whether more than so many bytes of ours may be there.
    pub(super) fn is_more_than(self, bytes: usize) -> bool {
        self.most > bytes
    }

    /// How many bytes at the front of `bytes` are ours, where behind them a gRPC frame begins or
    /// nothing is.
    pub(super) fn among(self, bytes: &[u8]) -> usize {
        if self.is_empty() || bytes.first().is_none_or(|first| *first <= MAX_FLAG) {
            return 0;
        }
        let foreign = |byte: &u8| *byte < b' ' && *byte != b'\n';
        let length = bytes.iter().position(foreign).unwrap_or(bytes.len());
        let (ours, rest) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
        let fits = if let Some(exact) = self.exact {
            length == self.most && marks(ours) == exact
        } else {
            // By then a line has always gone out whole.
            length <= self.most && ours.ends_with(b"\n") && std::str::from_utf8(ours).is_ok()
        };
        let framed = rest.first().is_none_or(|flag| *flag <= MAX_FLAG);
        if fits && framed { length } else { 0 }
    }
}

/// How a text begins and ends.
fn marks(text: &[u8]) -> [[u8; MARK]; 2] {
    let mut marks = [[0; MARK]; 2];
    let [first, last] = &mut marks;
    first
        .iter_mut()
        .zip(text)
        .for_each(|(to, from)| *to = *from);
    let backwards = last.iter_mut().rev().zip(text.iter().rev());
    backwards.for_each(|(to, from)| *to = *from);
    marks
}

#[cfg(test)]
mod tests {
    use super::Out;

    #[test]
    fn what_a_filter_in_front_holds_is_told_from_frames() {
        let out = Out::exactly(b"{\"a\"}\n");
        assert_eq!(out.among(b"{\"a\"}\n\0\0\0\0\x01x"), 6);
        assert_eq!(out.among(b"{\"a\"}\n"), 6);
        assert_eq!(out.among(b"{\"b\"}\n"), 0);
        assert_eq!(out.among(b"\0\0\0\0\x01x"), 0);
        assert_eq!(out.among(b""), 0);
        assert_eq!(Out::default().among(b"{\"a\"}\n"), 0);
    }

    #[test]
    fn what_is_added_is_known_by_both_its_ends() {
        for text in [&b"{\"a\"}\n"[..], b"{\"result\":{}}\n"] {
            let out = Out::exactly(text).then(b"{}\n").then(text);
            let all = [text, b"{}\n", text].concat();
            assert_eq!(out.among(&all), all.len());
            let other = [text, b"{}\n", text].concat().to_ascii_uppercase();
            assert_eq!(out.among(&other), 0);
        }
        assert_eq!(Out::default().then(b"{}\n"), Out::exactly(b"{}\n"));
    }

    #[test]
    fn the_end_of_what_flowed_is_told_from_frames() {
        let mut out = Out::default();
        out.add(100);
        assert!(out.is_more_than(99) && !out.is_more_than(100));
        assert_eq!(out.among(b"{\"a\"}\n\0\0\0\0\x01x"), 6);
        assert_eq!(out.among(b"{\"a\"}"), 0, "cut within a line");
        assert_eq!(out.among(b"\xff\xfe\n\0\0\0\0\x01x"), 0, "no text");
    }

    #[test]
    fn what_is_neither_ours_nor_a_frame_is_the_upstream_s() {
        for bytes in [&b"<html>"[..], b"<html>\n\0", b"\x1f\x8b\x08\0\0\0"] {
            assert_eq!(Out::exactly(b"{\"a\"}\n").among(bytes), 0);
        }
    }
}
