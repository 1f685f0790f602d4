//! The thorough way: protobuf's full rules, whatever the order of the fields. The last value of a
//! singular field wins, the occurrences of a singular message are merged, the last member of a oneof
//! clears the others, and lists collect what is scattered.
//!
//! The message is whole here. A submessage that comes in several occurrences is a list of segments
//! of it. One scan over them notes the values of each field, so the work is linear in the bytes, and
//! the notes take some thirty times the memory of the message at worst.

use super::bytes_text;
use super::error::{Error, MAX_DEPTH};
use super::number::Number;
use super::object::Object;
use super::reader::Reader;
use super::value::Value;
use crate::json_text::{Out, Style, Text};
use crate::schema::{Field, Message};

/// The most oneofs that a message has, see [`Field::oneof`].
const ONEOFS_MAX: usize = 8;

/// Appends the JSON text of `message`, of which `bytes` is all.
pub(super) fn write(
    message: &'static Message,
    bytes: &[u8],
    style: Style,
    out: &mut Out<'_>,
) -> Result<(), Error> {
    write_message(message, &[Segment { bytes, start: 0 }], 1, style, out)
}

/// A part of the outermost message.
#[derive(Debug, Clone, Copy)]
struct Segment<'a> {
    bytes: &'a [u8],
    /// Where it starts in the outermost message.
    start: usize,
}

/// One value of a field, or a packed list of them.
#[derive(Debug)]
struct Occurrence<'a> {
    /// The field's place in the message's table.
    index: usize,
    value: Value,
    /// The value's bytes; none for a number.
    segment: Segment<'a>,
    /// How often the field's oneof had changed its member by then.
    turn: usize,
}

/// Which member a oneof has.
#[derive(Debug, Clone, Copy, Default)]
struct Oneof {
    member: Option<usize>,
    /// How often that changed.
    turn: usize,
}

/// The known fields of one message.
#[derive(Debug, Default)]
struct Notes<'a> {
    occurrences: Vec<Occurrence<'a>>,
    oneofs: [Oneof; ONEOFS_MAX],
}

impl<'a> Notes<'a> {
    fn scan(
        &mut self,
        message: &'static Message,
        segment: Segment<'a>,
        depth: usize,
    ) -> Result<(), Error> {
        let mut reader = Reader::new(segment.bytes, segment.start);
        while !reader.is_empty() {
            let offset = reader.offset();
            let item = reader.item()?;
            let start = reader.offset();
            let bytes = reader.payload(item, offset, depth)?;
            let Some((index, field)) = message.field_by_number(item.number) else {
                continue;
            };
            let Some(value) = Value::new(field, item.payload) else {
                continue;
            };
            if matches!(value, Value::Message(..)) && depth >= MAX_DEPTH {
                return Err(Error::TooDeep {
                    offset: offset as u64,
                });
            }
            let turn = self.turn(field, index);
            self.occurrences.push(Occurrence {
                index,
                value,
                segment: Segment { bytes, start },
                turn,
            });
        }
        Ok(())
    }

    /// Makes the field at `index` the member of its oneof, if it is in one.
    fn turn(&mut self, field: &Field, index: usize) -> usize {
        let Some(oneof) = field
            .oneof
            .and_then(|at| self.oneofs.get_mut(usize::from(at)))
        else {
            return 0;
        };
        if oneof.member.replace(index) != Some(index) {
            oneof.turn = oneof.turn.saturating_add(1);
        }
        oneof.turn
    }

    /// The turn of the values of a field that were not cleared.
    fn last_turn(&self, field: &Field) -> usize {
        let oneof = field.oneof.and_then(|at| self.oneofs.get(usize::from(at)));
        oneof.map_or(0, |oneof| oneof.turn)
    }
}

/// Appends a message that is in `segments`, as one of `depth` that are open.
fn write_message(
    message: &'static Message,
    segments: &[Segment<'_>],
    depth: usize,
    style: Style,
    out: &mut Out<'_>,
) -> Result<(), Error> {
    let mut notes = Notes::default();
    for segment in segments {
        notes.scan(message, *segment, depth)?;
    }
    let mut object = Object::open(out);
    // One pass for each field is as quick as sorting: a message has few fields.
    for (index, field) in message.fields.iter().enumerate() {
        let own = notes.occurrences.iter().filter(|one| one.index == index);
        if field.repeated {
            for occurrence in own {
                write_element(field, occurrence, &mut object, depth, style, out)?;
            }
            continue;
        }
        let turn = notes.last_turn(field);
        let mut live = Vec::new();
        for occurrence in own {
            if occurrence.turn == turn {
                live.push(occurrence);
            } else {
                check(field, occurrence, depth, style, out)?;
            }
        }
        write_singular(field, &live, &mut object, depth, style, out)?;
    }
    object.close(out);
    Ok(())
}

/// Appends an element of a list, or the elements of a packed one.
fn write_element(
    field: &'static Field,
    occurrence: &Occurrence<'_>,
    object: &mut Object,
    depth: usize,
    style: Style,
    out: &mut Out<'_>,
) -> Result<(), Error> {
    let Value::Packed(_) = occurrence.value else {
        object.value(field, out);
        return write_value(field, occurrence, depth, style, out);
    };
    let mut reader = Reader::new(occurrence.segment.bytes, occurrence.segment.start);
    while !reader.is_empty() {
        if let Some(number) = Number::new(field.kind, reader.varint()?) {
            object.value(field, out);
            number.write(out);
        }
    }
    Ok(())
}

/// Appends what the values of a singular field amount to.
fn write_singular(
    field: &'static Field,
    occurrences: &[&Occurrence<'_>],
    object: &mut Object,
    depth: usize,
    style: Style,
    out: &mut Out<'_>,
) -> Result<(), Error> {
    let Some((last, earlier)) = occurrences.split_last() else {
        return Ok(());
    };
    if let Value::Message(message, _) = last.value {
        let segments: Vec<_> = occurrences
            .iter()
            .map(|occurrence| occurrence.segment)
            .collect();
        object.value(field, out);
        return write_message(message, &segments, depth.saturating_add(1), style, out);
    }
    for occurrence in earlier {
        check(field, occurrence, depth, style, out)?;
    }
    if !last.value.is_hidden(field) {
        object.value(field, out);
        write_value(field, last, depth, style, out)?;
    }
    Ok(())
}

/// Whether a value is valid that later ones have replaced: it is written and taken back.
fn check(
    field: &'static Field,
    occurrence: &Occurrence<'_>,
    depth: usize,
    style: Style,
    out: &mut Out<'_>,
) -> Result<(), Error> {
    let before = out.len();
    write_value(field, occurrence, depth, style, out)?;
    out.truncate(before);
    Ok(())
}

fn write_value(
    field: &'static Field,
    occurrence: &Occurrence<'_>,
    depth: usize,
    style: Style,
    out: &mut Out<'_>,
) -> Result<(), Error> {
    let Segment { bytes, start } = occurrence.segment;
    match occurrence.value {
        Value::Number(number) => number.write(out),
        Value::Bytes(_) => bytes_text::write(bytes, style, out),
        Value::Text(_) => {
            out.push(b'"');
            Text::default()
                .push(bytes, true, style, out)
                .map_err(|error| {
                    let offset = start.saturating_add(error.good) as u64;
                    Error::InvalidUtf8 {
                        offset,
                        field: field.name,
                    }
                })?;
            out.push(b'"');
        }
        Value::Message(message, _) => {
            let segments = [occurrence.segment];
            write_message(message, &segments, depth.saturating_add(1), style, out)?;
        }
        // A list: `write_element` has it.
        Value::Packed(_) => {}
    }
    Ok(())
}
