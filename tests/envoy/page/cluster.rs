//! The cluster: its members, and what is wrong with it.

use serde_json::json;

use crate::opened::*;

#[test]
fn an_etcd_that_is_full_is_shown_as_such_and_a_write_that_it_refuses_is_not_lost() {
    // Full after a few values.
    let mut page = Opened::start_with_etcd(&["--quota-backend-bytes", "2097152"]);
    page.put("/key", "before");
    page.open("#key=/key");
    assert_eq!(page.shown(), "before");
    let filling =
        json!({"key": base64("/filling"), "value": base64(vec![b'x'; 500_000])}).to_string();
    let full = (0..20).find(|_| page.gateway.post("/v3/kv/put", &filling).status != 200);
    assert!(full.is_some(), "20 values of 500 KB fit");

    page.write("while it is full");
    page.click("button", "Save");
    page.wait("document.querySelector('.pane .notice.bad')?.textContent.includes('database space exceeded')");
    assert_eq!(page.shown(), "while it is full");
    assert_eq!(page.value("/key"), b"before");

    page.open("#tab=cluster");
    // What is not saved is not left behind unasked.
    page.click("dialog button", "Leave it");
    page.wait("document.querySelector('.cluster .notice.bad b')?.textContent === 'NOSPACE'");
    page.wait(&says("at default"));
    page.wait(&says("One member"));
    // Room is made first, or it would be full again at once.
    let deleted = page.call("kv/deleterange", &json!({"key": base64("/filling")}));
    let revision = deleted["header"]["revision"].clone();
    page.call(
        "kv/compaction",
        &json!({"revision": revision, "physical": true}),
    );
    page.call("maintenance/defragment", &json!({}));
    page.click(".cluster button", "Disarm…");
    page.click("dialog button", "Disarm");
    page.wait(&says("No alarms."));

    page.open("#key=/key");
    page.wait("document.querySelector('.pane > .editor textarea') !== null");
    page.write("after");
    page.click("button", "Save");
    page.wait(&says("Saved at revision"));
    assert_eq!(page.value("/key"), b"after");
}
