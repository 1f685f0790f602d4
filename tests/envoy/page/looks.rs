//! Many keys, small windows, the keyboard alone, and what axe finds.

use serde_json::{Value, json};
use testbed::artifact;

use crate::opened::*;

const KEYS: usize = 10_000;
/// Keys of one transaction, the most that etcd takes by default.
const BATCH: usize = 100;
/// The first paint with all those keys, in milliseconds: 308 measured on two cores with a load of 25.
const FIRST_PAINT: f64 = 3000.0;

fn fill(page: &Opened) {
    for batch in 0..KEYS / BATCH {
        let puts: Vec<Value> = (0..BATCH)
            .map(|key| {
                let key = format!("/many/{}/{:05}", key % 5, batch * BATCH + key);
                json!({"request_put": {"key": base64(key), "value": base64("value")}})
            })
            .collect();
        page.call("kv/txn", &json!({"success": puts}));
    }
}

#[test]
fn ten_thousand_keys_are_counted_and_walked_through_with_few_rows_drawn() {
    let mut page = Opened::start(1280, false);
    fill(&page);
    page.open("");
    page.wait("document.querySelectorAll('.count').length === 7");
    let paint = page.wait("performance.getEntriesByName('first-contentful-paint')[0]?.startTime");
    println!("first paint after {paint} ms");
    assert!(paint.as_f64().unwrap() < FIRST_PAINT, "{paint}");

    page.click(".folder .name", "3/");
    page.wait("document.querySelectorAll('.leaf').length > 5");
    page.browser
        .evaluate("document.querySelector('.tree').focus()")
        .unwrap();
    // To the end of what has been read, again and again, until it is the last of all.
    page.wait(
        "(() => {
        const tree = document.querySelector('.tree');
        tree.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
        return [...document.querySelectorAll('.leaf')].some((row) => row.title === '/many/3/09998');
    })()",
    );
    let drawn = page
        .browser
        .evaluate("document.querySelectorAll('.row').length")
        .unwrap();
    assert!(drawn.as_u64().unwrap() < 150, "{drawn} rows");
}

#[test]
fn a_key_is_written_by_the_keyboard_alone() {
    let mut page = Opened::start(1280, false);
    page.put("/a/b", "old");
    page.open("");
    page.wait("document.querySelectorAll('.row').length > 0");
    page.browser
        .evaluate("document.querySelector('.tree').focus()")
        .unwrap();
    // Opened by itself, for there is nothing to choose: `/`, `a/`, `b`.
    page.wait(&says("b"));
    page.browser.press("End", 35, 0).unwrap();
    page.browser.press("Enter", 13, 0).unwrap();
    assert_eq!(page.shown(), "old");
    for _ in 0..40 {
        let at = page
            .browser
            .evaluate("document.activeElement.tagName + document.activeElement.readOnly")
            .unwrap();
        if at == "TEXTAREAfalse" {
            break;
        }
        page.browser.press("Tab", 9, 0).unwrap();
    }
    page.browser
        .evaluate("document.activeElement.select()")
        .unwrap();
    page.browser.type_text("new").unwrap();
    page.browser.press("s", 83, 2).unwrap();
    page.wait(&says("Saved at revision"));
    assert_eq!(page.value("/a/b"), b"new");
}

#[test]
fn axe_finds_no_barrier_and_nothing_is_wider_than_the_window() {
    let axe = std::fs::read_to_string(artifact::AXE.program().unwrap()).unwrap();
    for dark in [false, true] {
        for width in [1280, 400] {
            let mut page = Opened::start(width, dark);
            page.put(
                "/app/long/name-of-a-key-that-does-not-fit-on-one-line-of-a-telephone",
                "{\"a\":[1,2]}",
            );
            page.put("/bytes", [0xff, 0]);
            page.call("lease/grant", &json!({"TTL": "600"}));
            for place in [
                "",
                "#key=/bytes",
                "#key=/app/long/name-of-a-key-that-does-not-fit-on-one-line-of-a-telephone",
                "#tab=live",
                "#tab=leases",
                "#tab=cluster",
                "#tab=calls",
            ] {
                page.open(place);
                let at = place.strip_prefix("#tab=").unwrap_or("keys");
                page.wait(&format!("document.body.dataset.tab === '{at}'"));
                page.wait(match at {
                    "leases" => "document.querySelector('.lease') !== null",
                    "cluster" => "document.querySelector('td') !== null",
                    "calls" | "live" => "document.querySelector('.tab:not([hidden])') !== null",
                    _ if place.is_empty() => "document.querySelector('.row') !== null",
                    _ => "document.querySelector('.editor') !== null",
                });
                page.browser.evaluate(&axe).unwrap();
                let found = page.browser.evaluate("axe.run(document).then(({ violations }) =>
                    violations.map(({ id, nodes }) => [id, ...nodes.map(({ target }) => target.join(' '))]))").unwrap();
                assert_eq!(found, json!([]), "{width} {dark} {place}");
                let wide = page
                    .browser
                    .evaluate("document.documentElement.scrollWidth")
                    .unwrap();
                assert!(
                    wide.as_u64().unwrap() <= u64::from(width),
                    "{wide} at {width} {place}"
                );
            }
        }
    }
}
