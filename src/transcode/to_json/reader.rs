//! Items of a message that is whole, one after the other.

use super::error::{Error, MAX_DEPTH};
use crate::transcode::wire::read::{Item, Payload, item, varint};

/// What is left of a message, with its place in the outermost one.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// Where it ends, in bytes from the start of the outermost message.
    end: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], start: usize) -> Self {
        Self {
            rest: bytes,
            end: start.saturating_add(bytes.len()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn offset(&self) -> usize {
        self.end.saturating_sub(self.rest.len())
    }

    pub(super) fn item(&mut self) -> Result<Item, Error> {
        let offset = self.offset() as u64;
        item(&mut self.rest).map_err(|malformed| Error::at(offset, malformed))
    }

    pub(super) fn varint(&mut self) -> Result<u64, Error> {
        let offset = self.offset() as u64;
        varint(&mut self.rest).map_err(|malformed| Error::at(offset, malformed))
    }

    /// Takes the payload of an item that starts at `start`, in a message that is one of `depth`.
    pub(super) fn payload(
        &mut self,
        item: Item,
        start: usize,
        depth: usize,
    ) -> Result<&'a [u8], Error> {
        let offset = start as u64;
        let length = match item.payload {
            Payload::Varint(_) => 0,
            Payload::Fixed(length) => u64::from(length),
            Payload::Length(length) => length,
            Payload::GroupStart => {
                self.skip_group(item.number, start, depth)?;
                0
            }
            Payload::GroupEnd => return Err(Error::GroupEnd { offset }),
        };
        let split = usize::try_from(length)
            .ok()
            .and_then(|at| self.rest.split_at_checked(at));
        let (payload, rest) = split.ok_or(Error::Truncated { offset })?;
        self.rest = rest;
        Ok(payload)
    }

    fn skip_group(&mut self, number: u32, start: usize, depth: usize) -> Result<(), Error> {
        let mut open = Vec::new();
        let mut item = Item {
            number,
            payload: Payload::GroupStart,
        };
        let mut start = start;
        loop {
            match item.payload {
                Payload::GroupStart => {
                    if depth.saturating_add(open.len()) >= MAX_DEPTH {
                        return Err(Error::TooDeep {
                            offset: start as u64,
                        });
                    }
                    open.push(item.number);
                }
                Payload::GroupEnd if open.last() == Some(&item.number) => {
                    open.pop();
                }
                _ => {
                    self.payload(item, start, depth)?;
                }
            }
            if open.is_empty() {
                return Ok(());
            }
            if self.is_empty() {
                return Err(Error::Truncated {
                    offset: self.end as u64,
                });
            }
            start = self.offset();
            item = self.item()?;
        }
    }
}
