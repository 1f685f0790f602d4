//! Which fields of a message have come: none may come twice, and of a oneof only one may be set.

use crate::schema::{Field, Message};

/// What of a message has been given so far: a bit for each field, and for each field that is set.
#[derive(Default)]
pub(super) struct Seen {
    given: u64,
    set: u64,
}

impl Seen {
    /// Notes the field with this index; whether it comes for the first time.
    pub(super) fn give(&mut self, index: usize) -> bool {
        let bit = bit(index);
        let first = self.given & bit == 0;
        self.given |= bit;
        first
    }

    /// Notes that a field is set.
    ///
    /// # Errors
    ///
    /// The name of a field that is set already and shares a oneof with it.
    #[inline]
    pub(super) fn set(
        &mut self,
        message: &Message,
        index: usize,
        field: &Field,
    ) -> Result<(), &'static str> {
        if let Some(oneof) = field.oneof {
            let mut fields = message.fields.iter().enumerate();
            let other = fields
                .find(|(other, field)| field.oneof == Some(oneof) && self.set & bit(*other) != 0);
            if let Some((_, other)) = other {
                return Err(other.name);
            }
        }
        self.set |= bit(index);
        Ok(())
    }
}

/// The bit of a field's index, which is below 64.
fn bit(index: usize) -> u64 {
    1_u64.wrapping_shl(index as u32)
}
