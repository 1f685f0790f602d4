//! A table of what a proxy-wasm host has given numbers to: contexts and calls.

/// Values for which there is room at first.
const LEAST_ROOM: usize = 4;

/// Room for the values of a table.
#[derive(Debug)]
pub(super) struct Room<T>(Vec<(u32, Option<T>)>);

impl<T> Room<T> {
    pub(super) fn of(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }
}

/// Values by number. The host counts upwards, so a new one nearly always goes to the end; removing
/// one leaves a gap, and gaps are closed once they are half of the table.
#[derive(Debug)]
pub(super) struct ById<T> {
    /// Ascending.
    entries: Vec<(u32, Option<T>)>,
    gaps: usize,
}

impl<T> ById<T> {
    pub(super) const fn new() -> Self {
        Self {
            entries: Vec::new(),
            gaps: 0,
        }
    }

    /// How many values there should be room for before the next one comes; nothing where there is room.
    pub(super) fn wanted_room(&self) -> Option<usize> {
        let full = self.entries.len() == self.entries.capacity();
        full.then(|| self.entries.len().saturating_mul(2).max(LEAST_ROOM))
    }

    /// Moves everything into `room`, which is empty, and hands out what it was in. Allocates nothing if `room` has what
    /// [`wanted_room`](Self::wanted_room) says.
    pub(super) fn move_into(&mut self, mut room: Room<T>) -> Room<T> {
        room.0.append(&mut self.entries);
        std::mem::swap(&mut self.entries, &mut room.0);
        room
    }

    /// Puts a value under a number; one that was there before is dropped.
    pub(super) fn insert(&mut self, id: u32, value: T) {
        if let Some(entry) = self.entry(id) {
            if entry.replace(value).is_none() {
                self.gaps = self.gaps.saturating_sub(1);
            }
            return;
        }
        self.entries.push((id, Some(value)));
        sink(&mut self.entries, |(id, _)| *id);
    }

    pub(super) fn get(&self, id: u32) -> Option<&T> {
        let at = self.entries.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.entries.get(at)?.1.as_ref()
    }

    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        self.entry(id)?.as_mut()
    }

    pub(super) fn remove(&mut self, id: u32) -> Option<T> {
        let value = self.entry(id)?.take()?;
        self.gaps = self.gaps.saturating_add(1);
        if self.gaps > self.entries.len() / 2 {
            self.entries.retain(|(_, value)| value.is_some());
            self.gaps = 0;
        }
        Some(value)
    }

    /// All numbers and values, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.entries
            .iter()
            .filter_map(|(id, value)| Some((*id, value.as_ref()?)))
    }

    fn entry(&mut self, id: u32) -> Option<&mut Option<T>> {
        let at = self.entries.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(&mut self.entries.get_mut(at)?.1)
    }
}

/// Brings the last of `entries` to its place among the others, which ascend by their keys.
pub(super) fn sink<T, K: Ord>(entries: &mut [T], key: impl Fn(&T) -> K) {
    let mut rest = entries;
    while let [.., before, last] = rest
        && key(before) > key(last)
    {
        std::mem::swap(before, last);
        let Some((_, shorter)) = rest.split_last_mut() else {
            break;
        };
        rest = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::{ById, Room};

    fn listed(table: &ById<char>) -> Vec<(u32, char)> {
        table.iter().map(|(id, value)| (id, *value)).collect()
    }

    #[test]
    fn values_are_found_by_their_numbers_whatever_the_order() {
        let mut table = ById::new();
        for (id, value) in [(7, 'c'), (9, 'd'), (1, 'a'), (4, 'b'), (9, 'e')] {
            table.insert(id, value);
        }
        assert_eq!(listed(&table), [(1, 'a'), (4, 'b'), (7, 'c'), (9, 'e')]);
        assert_eq!((table.get(4), table.get(5)), (Some(&'b'), None));
        table.get_mut(4).unwrap().make_ascii_uppercase();
        assert_eq!(table.remove(4), Some('B'));
        assert_eq!((table.remove(4), table.get(4)), (None, None));
        table.insert(4, 'f');
        assert_eq!(listed(&table), [(1, 'a'), (4, 'f'), (7, 'c'), (9, 'e')]);
    }

    #[test]
    fn a_table_with_room_does_not_allocate() {
        let mut table = ById::new();
        for id in 0..100 {
            if let Some(count) = table.wanted_room() {
                table.move_into(Room::of(count));
            }
            let room = table.entries.as_ptr();
            table.insert(id, 'x');
            assert_eq!(table.entries.as_ptr(), room, "{id}");
        }
        assert_eq!(table.iter().count(), 100);
    }

    #[test]
    fn a_table_that_was_large_does_not_stay_so() {
        let mut table = ById::new();
        for id in 0..10_000 {
            table.insert(id, 'x');
        }
        for id in 0..9_999 {
            assert_eq!(table.remove(id), Some('x'));
        }
        assert_eq!(listed(&table), [(9_999, 'x')]);
        assert!(table.entries.len() <= 2, "{}", table.entries.len());
    }
}
