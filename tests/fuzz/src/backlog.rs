//! Lines that wait, against the plainest queue there is: nothing is lost, doubled or reordered.

use std::collections::BTreeSet;

use etcd_json_gateway::filter::backlog::Backlog;

use crate::input::Input;

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let mut backlog = Backlog::default();
    let (mut pushed, mut taken) = (Vec::new(), Vec::new());
    let mut ends = BTreeSet::from([0]);
    while !input.is_empty() {
        match input.below(8) {
            0 => taken.append(&mut backlog.take_all()),
            1..4 => {
                let budget = usize::from(input.byte());
                let waiting = backlog.waiting();
                let mut piece = backlog.take(budget);
                let nothing = waiting == 0 || budget == 0;
                assert!(piece.len() <= budget && piece.is_empty() == nothing);
                taken.append(&mut piece);
            }
            _ => {
                let line = input.bytes();
                backlog.push(line.to_vec());
                pushed.extend_from_slice(line);
                ends.insert(pushed.len());
            }
        }
        assert_eq!(backlog.waiting(), pushed.len() - taken.len());
        assert_eq!(backlog.is_within_line(), !ends.contains(&taken.len()));
    }
    taken.append(&mut backlog.take_all());
    assert_eq!(taken, pushed);
}
