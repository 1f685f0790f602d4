//! Changes as they come, over a WebSocket and without one.

use serde_json::{Value, json};
use testbed::gateway::Mode;

use crate::opened::*;

/// How the changes come: over an HTTP/1.1 upgrade only where heads may be held.
const WAYS: [(Mode, &str); 2] = [(Mode::Full, "socket"), (Mode::Plain, "lines")];

/// Waits until the changes come, and says how.
fn way(page: &mut Opened) -> Value {
    page.wait("document.getElementById('state').className === 'live' && document.getElementById('state').dataset.way")
}

/// The revisions of the changes that are shown, the newest first.
fn revisions(page: &mut Opened, count: usize) -> Vec<u64> {
    let rows = "[...document.querySelectorAll('.event')].map((row) => [row.style.transform, row.querySelector('.revision').textContent])";
    page.wait(&format!("({rows}).length === {count}"));
    let rows = page.browser.evaluate(rows).unwrap();
    let number = |text: &Value| {
        let digits = text.as_str().unwrap().matches(|c: char| c.is_ascii_digit());
        digits.collect::<String>().parse::<u64>().unwrap()
    };
    let mut rows: Vec<(u64, u64)> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (number(&row[0]), number(&row[1])))
        .collect();
    rows.sort_unstable();
    rows.into_iter().map(|(_, revision)| revision).collect()
}

#[test]
fn changes_come_over_either_way_and_none_is_missed_or_told_twice_when_the_connection_is_cut() {
    for (mode, expected) in WAYS {
        let mut page = Opened::start_over_wire(mode);
        page.open("#tab=live");
        assert_eq!(way(&mut page), expected, "{mode:?}");
        let mut written = Vec::new();
        let mut put = |page: &Opened, count: usize| {
            for _ in 0..count {
                let put = json!({"key": base64("/key"), "value": base64("value")});
                let revision = page.call("kv/put", &put)["header"]["revision"].clone();
                written.insert(0, revision.as_str().unwrap().parse::<u64>().unwrap());
            }
            written.clone()
        };
        let first = put(&page, 4);
        assert_eq!(revisions(&mut page, 4), first, "{mode:?}");
        for round in 1..=3 {
            page.wire().cut();
            page.wait("document.getElementById('state').className !== 'live'");
            put(&page, 2);
            page.wire().mend();
            // These race with its coming back.
            let all = put(&page, 2);
            assert_eq!(revisions(&mut page, 4 + 4 * round), all, "{mode:?} {round}");
            assert_eq!(way(&mut page), expected, "{mode:?} {round}");
        }
    }
}

#[test]
fn what_has_been_compacted_meanwhile_is_said() {
    for (mode, expected) in WAYS {
        let mut page = Opened::start_over_wire(mode);
        page.put("/key", "1");
        page.open("");
        assert_eq!(way(&mut page), expected, "{mode:?}");
        page.wire().cut();
        page.wait("document.getElementById('state').className !== 'live'");
        page.put("/new/key", "2");
        page.put("/new/key", "3");
        let revision = page.kv("/new/key")["mod_revision"].clone();
        page.call("kv/compaction", &json!({"revision": revision}));
        page.wire().mend();
        page.wait(&says("have been compacted before they were seen here"));
        assert_eq!(way(&mut page), expected, "{mode:?}");
        // What was missed has been read.
        page.wait(
            "[...document.querySelectorAll('.folder .name')].some((e) => e.textContent === 'new/')",
        );
    }
}

/// Keys that mean something to what shows them: markup, paths, properties, what turns text around or is not seen.
const HOSTILE: [&[u8]; 9] = [
    b"<img src=x onerror=document.title='run'>",
    b"\"><svg onload=document.title='run'>",
    b"javascript:document.title='run'",
    b"__proto__",
    b"constructor",
    b"../../..//",
    "\u{202e}gnp.exe\u{200b}".as_bytes(),
    b"\r\n\0\x1b[2J",
    b"\xff\xfe\x80",
];

#[test]
fn keys_and_values_that_mean_harm_are_text_wherever_they_are_shown() {
    let mut page = Opened::start(1280, false);
    page.open("#tab=live");
    way(&mut page);
    for key in HOSTILE {
        page.put(key, key);
    }
    page.wait(&format!(
        "document.querySelectorAll('.event').length === {}",
        HOSTILE.len()
    ));
    page.open("#separator=");
    page.wait(&format!(
        "document.querySelectorAll('.leaf').length === {}",
        HOSTILE.len()
    ));
    for key in HOSTILE {
        let prefix: String = key.iter().map(|byte| format!("%5Cx{byte:02x}")).collect();
        page.open(&format!("#separator=&key={prefix}"));
        let hex: Vec<String> = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let first = hex.chunks(16).map(|line| line.join(" "));
        let all = first.collect::<Vec<_>>().join("\n");
        // The pane of the key before may still be there.
        page.wait(&format!(
            "(() => {{
                const editor = document.querySelector('.pane > .editor');
                [...(editor?.querySelectorAll('.forms button') ?? [])].find((form) => form.textContent === 'Hex')?.click();
                return editor?.querySelector('textarea').value === {};
            }})()",
            json!(all)
        ));
    }
    assert_eq!(page.browser.evaluate("document.title").unwrap(), "etcd");
    let run = "document.querySelectorAll('main img, main svg, main script').length";
    assert_eq!(page.browser.evaluate(run).unwrap(), 0);
    // Nothing that turns text around, or is not seen, stands in what is shown of a key.
    let odd = "/[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\u001b]/.test(document.querySelector('.tree').textContent)";
    assert_eq!(page.browser.evaluate(odd).unwrap(), false);
}
