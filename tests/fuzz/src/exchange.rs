//! A whole exchange: whatever the client and the upstream send, in whatever order and pieces, both get what they can read,
//! once, and nothing is kept of it.

use std::rc::Rc;

use etcd_json_gateway::exchange::{Exchange, MAX_LARGE, Settings};
use etcd_json_gateway::http::Headers;

use crate::host::Host;
use crate::input::Input;
use crate::pieces::Cut;
use crate::script::{self, Event, Script};
use crate::seen::Seen;
use crate::vectors;

pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let cut = Cut::from(input.byte());
    let script = Script::read(&mut input);
    let whole = play(&script, Cut::Whole);
    let pieces = play(&script, cut);
    if script.chaos {
        return;
    }
    for seen in [&whole, &pieces] {
        seen.check_upstream();
        seen.check_answer();
    }
    // How much room there is decides what is refused, and what comes in pieces needs more of it.
    if !script.full {
        whole.assert_same(&pieces);
    }
}

/// The recorded requests, answers and streams, each as an exchange.
pub fn seeds() -> Vec<Vec<u8>> {
    let requests = vectors::requests().into_iter().step_by(8);
    let requests = requests.map(|(method, body)| script::seed(method, &body, &[Vec::new()]));
    let replies = vectors::replies().into_iter().step_by(4);
    let replies = replies.map(|(method, message)| script::seed(method, b"{}", &[message]));
    let streams = vectors::streams().into_iter();
    let streams = streams.map(|(method, body, messages)| script::seed(method, &body, &messages));
    requests.chain(replies).chain(streams).collect()
}

/// What comes of a script whose bodies arrive in pieces.
fn play(script: &Script, mut cut: Cut) -> Seen {
    let settings = Rc::new(Settings::new(&script.config));
    let others = if script.full {
        fill(&settings)
    } else {
        Vec::new()
    };
    let mut host = Host::new(script, Rc::clone(&settings));
    for event in &script.events {
        let (bytes, end, piece): (_, _, fn(Vec<u8>, bool) -> Event) = match event {
            Event::RequestBody(bytes, end) => (bytes, *end, Event::RequestBody),
            Event::ResponseBody(bytes, end) => (bytes, *end, Event::ResponseBody),
            event => {
                host.deliver(event);
                continue;
            }
        };
        let pieces = cut.pieces(bytes);
        let last = pieces.len() - 1;
        for (index, bytes) in pieces.into_iter().enumerate() {
            host.deliver(&piece(bytes.to_vec(), end && index == last));
        }
    }
    let seen = host.finish();
    drop(others);
    assert_eq!(settings.held(), 0, "held after all have ended");
    seen
}

/// Exchanges that together hold as much as such may.
fn fill(settings: &Rc<Settings>) -> Vec<Exchange> {
    let head = [(&b":method"[..], &b"POST"[..]), (b":path", b"/v3/kv/put")];
    let mut others = Vec::new();
    while settings.held() < MAX_LARGE {
        let mut other = Exchange::new(Rc::clone(settings));
        other.request_head(&Headers::new(head.to_vec()), false);
        other.request_body(Vec::with_capacity(script::MAX_REQUEST as usize), false); // room is held too
        others.push(other);
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seen::End;

    #[test]
    fn recorded_answers_come_out_well() {
        for (method, message) in vectors::replies() {
            let seed = script::seed(method, b"{}", &[message]);
            let mut input = Input::new(&seed[1..]);
            let seen = play(&Script::read(&mut input), Cut::Whole);
            assert_eq!(
                seen.end,
                Some(End::Good),
                "{}",
                String::from_utf8_lossy(&seen.text)
            );
        }
    }
}
