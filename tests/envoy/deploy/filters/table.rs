//! The table in the documentation, from what the tests expect.

use std::fs;

use testbed::gateway::Mode;
use testbed::project_root;

use crate::calls::Call;
use crate::chains::{BESIDE, Beside, Case, Expected, Place};

const BEGIN: &str = "<!-- filters -->\n";
const END: &str = "<!-- /filters -->\n";

/// What clients see with a filter in this place.
fn cell(beside: &Beside, place: Place) -> String {
    let expected = |mode, call| (beside.expected)(Case { place, mode, call });
    let whole = Mode::BOTH
        .iter()
        .any(|mode| expected(*mode, Call::Watch) == Expected::Whole);
    let errors = |mode| {
        let doubtful = |call: &&Call| expected(mode, **call) == Expected::WholeOrError;
        let names = Call::ALL.iter().filter(doubtful).map(|call| call.name());
        names.collect::<Vec<_>>()
    };
    let (held, plain) = (errors(Mode::Full), errors(Mode::Plain));
    let mut parts = vec![
        if whole {
            "the same, of streams all at the end"
        } else {
            "the same"
        }
        .to_owned(),
    ];
    match (held.join(", "), plain.join(", ")) {
        (both, plain) if both == plain && !both.is_empty() => {
            parts.push(format!("or an error: {both}"))
        }
        (held, plain) => {
            for (names, mode) in [(held, "with held heads"), (plain, "without")] {
                if !names.is_empty() {
                    parts.push(format!("{mode} or an error: {names}"));
                }
            }
        }
    }
    parts.join("; ")
}

fn table() -> String {
    let rows = BESIDE.iter().map(|beside| {
        let cells = [Place::Front, Place::Behind].map(|place| cell(beside, place));
        format!("| {} | {} | {} |\n", beside.name, cells[0], cells[1])
    });
    let head = "| filter | in front of ours | behind |\n|---|---|---|\n";
    format!("{head}{}", rows.collect::<String>())
}

#[test]
fn the_documentation_has_what_is_tried_here() {
    let text = fs::read_to_string(project_root().join("docs/filters.md")).unwrap();
    let (_, rest) = text.split_once(BEGIN).unwrap();
    let (found, _) = rest.split_once(END).unwrap();
    assert!(
        found == table(),
        "docs/filters.md should have this table:\n{}",
        table()
    );
}
