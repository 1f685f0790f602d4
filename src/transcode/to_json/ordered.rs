//! The one-pass way: fields in ascending order, as every protobuf library writes them. What is fed
//! is written out at once; nothing is kept but the stack of open messages and a few bytes.

use super::bytes_text;
use super::error::{Error, MAX_DEPTH};
use super::frame::{Frame, Scope};
use super::leaf::Leaf;
use super::number::Number;
use super::value::Value;
use super::whole;
use crate::json_text::{NotUtf8, Out, Style, Text};
use crate::schema::{Field, Message};
use crate::transcode::wire::read::{ITEM_MAX, Item, Malformed, Payload, item, varint};

/// A message on its way.
#[derive(Debug)]
pub(super) struct Ordered {
    style: Style,
    /// How many bytes of the message are done with, not counting `carry`.
    offset: u64,
    /// The start of an item that the input ended in.
    carry: Vec<u8>,
    /// What the next bytes belong to, if not to an item.
    leaf: Leaf,
    /// The offset at which `leaf` ends.
    leaf_end: u64,
    /// The innermost open scope.
    top: Frame,
    /// The scopes around it, outermost first.
    parents: Vec<Frame>,
    closed: bool,
    /// The offset up to which a message has turned out to be unusual.
    unusual_until: u64,
}

impl Ordered {
    pub(super) fn new(
        message: &'static Message,
        len: u32,
        style: Style,
        out: &mut Out<'_>,
    ) -> Self {
        Self {
            style,
            offset: 0,
            carry: Vec::new(),
            leaf: Leaf::None,
            leaf_end: 0,
            top: Frame::message(message, u64::from(len), out),
            parents: Vec::new(),
            closed: false,
            unusual_until: 0,
        }
    }

    /// Whether the closing brace was written.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Bytes that are held of a value.
    pub(super) fn held(&self) -> usize {
        self.leaf.held()
    }

    /// Writes what can be written with `input`. After an error there is nothing more to feed.
    pub(super) fn push(&mut self, mut input: &[u8], out: &mut Out<'_>) -> Result<(), Error> {
        while !self.closed {
            self.elements(&mut input, out);
            let more = if !matches!(self.leaf, Leaf::None) {
                self.leaf(&mut input, out)?
            } else if self.offset == self.top.end {
                self.close(out)?;
                true
            } else {
                self.step(&mut input, out)?
            };
            if !more {
                return Ok(());
            }
        }
        if input.is_empty() {
            Ok(())
        } else {
            Err(Error::Excess {
                offset: self.offset,
            })
        }
    }

    /// Writes further elements of a list of messages, as long as they are in the input as a whole and as usual.
    fn elements(&mut self, input: &mut &[u8], out: &mut Out<'_>) {
        let Scope::Message(fields, object) = &self.top.scope else {
            return;
        };
        let Some((tag, message)) = object.list_of_messages(fields) else {
            return;
        };
        let quiet = matches!(self.leaf, Leaf::None) && self.carry.is_empty();
        if !quiet || self.offset < self.unusual_until {
            return;
        }
        let depth = self.depth_left();
        let there = at_most(input, self.top.end.saturating_sub(self.offset));
        let mut rest = there;
        let usual = whole::write_elements(tag, message, &mut rest, depth, self.style, out);
        self.advance(input, there.len().saturating_sub(rest.len()));
        if usual.is_none() {
            self.unusual_until = self.offset.saturating_add(1); // up to its end, once `step` knows that
        }
    }

    /// Takes what there is of the value that is under way; false if the input does not end it.
    fn leaf(&mut self, input: &mut &[u8], out: &mut Out<'_>) -> Result<bool, Error> {
        let left = self.leaf_end.saturating_sub(self.offset);
        let bytes = at_most(input, left);
        let last = bytes.len() as u64 == left;
        match &mut self.leaf {
            Leaf::None | Leaf::Unknown => {}
            Leaf::Bytes(value) => value.push(bytes, last, self.style, out),
            Leaf::Text(field, text) => {
                text.push(bytes, last, self.style, out)
                    .map_err(|NotUtf8 { carried, good }| {
                        let offset = self.offset.saturating_add(good as u64);
                        let offset = offset.saturating_sub(carried as u64);
                        Error::InvalidUtf8 {
                            offset,
                            field: field.name,
                        }
                    })?;
            }
        }
        self.advance(input, bytes.len());
        if last {
            if matches!(self.leaf, Leaf::Text(..)) {
                out.push(b'"');
            }
            self.leaf = Leaf::None;
        }
        Ok(last)
    }

    /// Ends the innermost scope.
    fn close(&mut self, out: &mut Out<'_>) -> Result<(), Error> {
        match &mut self.top.scope {
            Scope::Message(_, object) => object.close(out),
            Scope::Packed { .. } => {}
            Scope::Group(_) => {
                return Err(Error::Truncated {
                    offset: self.offset,
                });
            }
        }
        self.leave();
        Ok(())
    }

    fn leave(&mut self) {
        match self.parents.pop() {
            Some(parent) => self.top = parent,
            None => self.closed = true,
        }
    }

    fn enter(&mut self, frame: Frame) {
        self.parents.push(core::mem::replace(&mut self.top, frame));
    }

    /// Takes one field up to its payload, or one element of a packed list; false if the input does
    /// not end it.
    fn step(&mut self, input: &mut &[u8], out: &mut Out<'_>) -> Result<bool, Error> {
        let start = self.offset;
        if let Scope::Packed { .. } = self.top.scope {
            let Some(varint) = self.take(input, varint)? else {
                return Ok(false);
            };
            self.element(varint, out);
            return Ok(true);
        }
        let Some(item) = self.take(input, item)? else {
            return Ok(false);
        };
        let Scope::Message(fields, object) = &mut self.top.scope else {
            return self.unknown(item, start).and(Ok(true));
        };
        let Some((index, field)) = fields.find(item.number) else {
            return self.unknown(item, start).and(Ok(true));
        };
        let Some(value) = Value::new(field, item.payload) else {
            return self.unknown(item, start).and(Ok(true));
        };
        if !fields.accept(index, field) {
            return Err(Error::OutOfOrder {
                offset: start,
                field: field.name,
            });
        }
        if value.is_hidden(field) {
            return Ok(true);
        }
        object.value(field, out);
        if let Value::Message(message, length) = value
            && self.whole(message, length, start, input, out)
        {
            return Ok(true);
        }
        self.value(field, value, start, out)?;
        Ok(true)
    }

    /// Writes a message that is in the input as a whole, if it is as usual. If not, no other way is tried for what is
    /// inside it, so that nothing is read more than twice. `start` is where its tag was.
    fn whole(
        &mut self,
        message: &'static Message,
        length: u64,
        start: u64,
        input: &mut &[u8],
        out: &mut Out<'_>,
    ) -> bool {
        let end = self.offset.saturating_add(length);
        if length > input.len() as u64 || end > self.top.end {
            return false;
        }
        let bytes = at_most(input, length);
        let usual = start >= self.unusual_until
            && whole::write(message, bytes, self.depth_left(), self.style, out).is_some();
        if usual {
            self.advance(input, bytes.len());
        } else {
            self.unusual_until = self.unusual_until.max(end);
        }
        usual
    }

    /// How many messages may be opened inside those that are open.
    fn depth_left(&self) -> usize {
        MAX_DEPTH
            .saturating_sub(self.parents.len())
            .saturating_sub(1)
    }

    fn element(&mut self, varint: u64, out: &mut Out<'_>) {
        if let Scope::Packed { kind, empty } = &mut self.top.scope {
            if !core::mem::replace(empty, false) {
                out.push(b',');
            }
            if let Some(number) = Number::new(*kind, varint) {
                number.write(out);
            }
        }
    }

    /// Writes a number, or the start of anything else.
    fn value(
        &mut self,
        field: &'static Field,
        value: Value,
        start: u64,
        out: &mut Out<'_>,
    ) -> Result<(), Error> {
        match value {
            Value::Number(number) => number.write(out),
            Value::Text(length) => {
                out.push(b'"');
                self.begin(Leaf::Text(field, Text::default()), length, start)?;
            }
            Value::Bytes(length) => {
                let value = bytes_text::Value::begin(length, self.style, out);
                self.begin(Leaf::Bytes(value), length, start)?;
            }
            Value::Packed(length) => {
                let end = self.end(length, start)?;
                self.enter(Frame {
                    scope: Scope::Packed {
                        kind: field.kind,
                        empty: true,
                    },
                    end,
                });
            }
            Value::Message(message, length) => {
                let end = self.end(length, start)?;
                self.check_depth(start)?;
                self.enter(Frame::message(message, end, out));
            }
        }
        Ok(())
    }

    /// Begins to skip a field that the table does not have.
    fn unknown(&mut self, item: Item, start: u64) -> Result<(), Error> {
        match item.payload {
            Payload::Varint(_) => Ok(()),
            Payload::Fixed(length) => self.begin(Leaf::Unknown, u64::from(length), start),
            Payload::Length(length) => self.begin(Leaf::Unknown, length, start),
            Payload::GroupStart => {
                self.check_depth(start)?;
                let end = self.top.end;
                self.enter(Frame {
                    scope: Scope::Group(item.number),
                    end,
                });
                Ok(())
            }
            Payload::GroupEnd => match self.top.scope {
                Scope::Group(number) if number == item.number => {
                    self.leave();
                    Ok(())
                }
                _ => Err(Error::GroupEnd { offset: start }),
            },
        }
    }

    fn begin(&mut self, leaf: Leaf, length: u64, start: u64) -> Result<(), Error> {
        self.leaf_end = self.end(length, start)?;
        self.leaf = leaf;
        Ok(())
    }

    /// Where a payload of `length` bytes ends, which is not beyond the scope it is in.
    fn end(&self, length: u64, start: u64) -> Result<u64, Error> {
        match self.offset.checked_add(length) {
            Some(end) if end <= self.top.end => Ok(end),
            _ => Err(Error::Truncated { offset: start }),
        }
    }

    fn check_depth(&self, start: u64) -> Result<(), Error> {
        let open = self.parents.len().saturating_add(1);
        if open < MAX_DEPTH {
            Ok(())
        } else {
            Err(Error::TooDeep { offset: start })
        }
    }

    /// Takes an item or a varint from what was carried over and the input. If they end inside it
    /// all is carried over.
    #[inline(always)] // what `parse` returns is then taken apart in registers
    fn take<T>(
        &mut self,
        input: &mut &[u8],
        parse: impl FnOnce(&mut &[u8]) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Error> {
        let left = self.top.end.saturating_sub(self.offset);
        let carried = self.carry.len();
        let source = if carried == 0 {
            at_most(input, left)
        } else {
            let room = left.min(ITEM_MAX as u64).saturating_sub(carried as u64);
            self.carry.extend_from_slice(at_most(input, room));
            &self.carry
        };
        let mut rest = source;
        let parsed = parse(&mut rest);
        let (found, used) = (source.len(), source.len().saturating_sub(rest.len()));
        match parsed {
            Ok(taken) => {
                self.carry.clear();
                self.offset = self.offset.saturating_add(carried as u64);
                self.advance(input, used.saturating_sub(carried));
                Ok(Some(taken))
            }
            Err(Malformed::Incomplete) if (found as u64) < left => {
                if carried == 0 {
                    self.carry.extend_from_slice(input);
                }
                Ok(None)
            }
            Err(malformed) => Err(Error::at(self.offset, malformed)),
        }
    }

    #[inline]
    fn advance(&mut self, input: &mut &[u8], bytes: usize) {
        self.offset = self.offset.saturating_add(bytes as u64);
        *input = input.get(bytes..).unwrap_or_default();
    }
}

/// The first `limit` bytes, or all.
#[inline]
fn at_most(bytes: &[u8], limit: u64) -> &[u8] {
    usize::try_from(limit)
        .ok()
        .and_then(|limit| bytes.get(..limit))
        .unwrap_or(bytes)
}
