//! Calls that are tried by the API's document.

use crate::opened::*;

#[test]
fn a_call_is_found_in_the_document_and_tried() {
    let mut page = Opened::start(1280, false);
    page.open("#tab=calls");
    page.wait("document.querySelectorAll('#api-paths option').length > 40");
    let choose = |page: &mut Opened, path: &str| {
        page.browser.fill(".calls input", path).unwrap();
        page.wait("document.querySelector('.calls .members summary') !== null");
    };
    choose(&mut page, "/v3/kv/put");
    page.wait("document.querySelector('.calls p').textContent === 'Put'");
    page.wait(
        "[...document.querySelectorAll('.calls dt')].some((e) => e.textContent === 'ignore_lease')",
    );
    // Its example is a message that can be sent.
    let example = page.wait("JSON.parse(document.querySelector('.calls textarea').value)");
    page.click(".calls button", "Send");
    page.wait(
        "JSON.parse(document.querySelector('.calls .answer').textContent).header?.revision === '2'",
    );
    page.wait(&says("Answered in"));
    let kv = page.call("kv/range", &serde_json::json!({"key": example["key"]}))["kvs"][0].clone();
    assert_eq!(kv["value"], example["value"]);

    // What is refused is said, with its code.
    page.browser
        .fill(".calls textarea", r#"{"key":"<img>"}"#)
        .unwrap();
    page.click(".calls button", "Send");
    page.wait(&says("HTTP 400, code 3"));

    // A stream goes on until it is stopped.
    choose(&mut page, "/v3/watch");
    page.browser
        .fill(
            ".calls textarea",
            r#"{"create_request":{"key":"AA==","range_end":"AA=="}}"#,
        )
        .unwrap();
    page.click(".calls button", "Send");
    page.wait("document.querySelector('.calls .answer').textContent.includes('\"created\":true')");
    page.put("/new", "1");
    page.wait("document.querySelector('.calls .answer').textContent.includes('\"L25ldw==\"')");
    page.click(".calls button", "Stop");
    page.wait(&says("Stopped after"));
}
