//! Keys that are browsed, written, deleted and followed.

use serde_json::json;

use crate::opened::*;

#[test]
fn a_key_is_found_in_the_tree_written_and_deleted_and_its_history_read() {
    let mut page = Opened::start(1280, false);
    page.put("/app/name", "one");
    page.put("/app/name", "two");
    page.put("/other/name", "x");
    page.open("");
    page.click(".folder .name", "app/");
    page.click(".leaf .name", "name");
    assert_eq!(page.shown(), "two");

    page.write("three\n");
    page.click("button", "Save");
    page.wait(&says("Saved at revision"));
    assert_eq!(page.value("/app/name"), b"three\n");

    page.click("button", "History");
    page.wait("document.querySelectorAll('.history li').length === 3");
    page.wait(&says("Made at revision"));

    page.click("button", "Delete…");
    page.click("dialog button", "Delete");
    page.wait(&says("The key was deleted at revision"));
    assert!(page.kv("/app/name").is_null());
    // The tree has heard of it.
    page.wait(
        "![...document.querySelectorAll('.folder .name')].some((e) => e.textContent === 'app/')",
    );
}

#[test]
fn what_somebody_else_has_changed_is_shown_and_not_overwritten() {
    let mut page = Opened::start(1280, false);
    page.put("/key", "one");
    page.open("#key=/key");
    assert_eq!(page.shown(), "one");
    page.write("mine");
    page.put("/key", "theirs");
    page.wait(&says("while you edit"));

    page.click("button", "Save");
    page.wait(&says("Not saved"));
    assert_eq!(page.value("/key"), b"theirs");
    assert_eq!(page.shown(), "mine");
    let theirs = "document.querySelector('.conflict textarea').value";
    assert_eq!(page.wait(theirs), "theirs");

    page.click("button", "Keep mine, on top of it");
    page.click("button", "Save");
    page.wait(&says("Saved at revision"));
    assert_eq!(page.value("/key"), b"mine");

    // Deleting is no less careful.
    page.click("button", "Delete…");
    page.put("/key", "again");
    page.click("dialog button", "Delete");
    page.wait(&says("Not deleted"));
    assert_eq!(page.value("/key"), b"again");
}

#[test]
fn a_key_keeps_its_lease_and_a_new_one_gets_one() {
    let mut page = Opened::start(1280, false);
    page.open("");
    page.click("#new", "New key");
    page.browser
        .fill("dialog input.mono", "/lease/\\xff")
        .unwrap();
    page.browser.fill("dialog textarea", "held").unwrap();
    page.browser.fill("dialog input[inputmode]", "600").unwrap();
    page.click("dialog button", "Create");
    assert_eq!(page.shown(), "held");
    let lease = page.kv(b"/lease/\xff")["lease"].clone();
    assert!(lease.is_string(), "{lease}");
    page.write("still held");
    page.click("button", "Save");
    page.wait(&says("Saved at revision"));
    assert_eq!(page.kv(b"/lease/\xff")["lease"], lease);

    page.open("#tab=leases");
    page.wait(&says("1 lease"));
    page.wait(&says("of 600 s"));
    page.click(".lease button", "Revoke…");
    page.click("dialog button", "Revoke");
    page.wait(&says("There are no leases."));
    assert!(page.kv(b"/lease/\xff").is_null());
}

#[test]
fn changes_come_as_they_are_made() {
    let mut page = Opened::start(1280, false);
    page.put("/a/1", "one");
    page.open("");
    page.wait(&says("Live"));
    page.wait("document.getElementById('state').className === 'live'");
    page.put("/b/1", "two");
    page.wait(
        "[...document.querySelectorAll('.folder .name')].some((e) => e.textContent === 'b/')",
    );
    page.open("#tab=live");
    page.put("/b/2", "three");
    page.call("kv/deleterange", &json!({"key": base64("/a/1")}));
    page.wait("document.querySelectorAll('.event').length === 3");
    let first = page.wait("document.querySelector('.event .kind.deleted').textContent");
    assert_eq!(first, "deleted");

    page.open("#key=/b/1");
    assert_eq!(page.shown(), "two");
    page.put("/b/1", "four");
    page.wait(&says("Changed just now"));
    assert_eq!(page.shown(), "four");
}

#[test]
fn markup_is_text_and_every_byte_of_a_value_comes_back() {
    let mut page = Opened::start(1280, false);
    let markup = "<img src=x onerror=document.title='run'><script>document.title='run'</script>";
    page.put(markup, markup);
    let all: Vec<u8> = (0..=u8::MAX).collect();
    let values: [(&str, Vec<u8>); 6] = [
        ("bytes", all),
        ("crlf", b"a\r\nb\r\n".to_vec()),
        ("mixed", b"a\r\nb\nc\r".to_vec()),
        ("bom", b"\xef\xbb\xbftext".to_vec()),
        (
            "json",
            br#"{"n":12345678901234567890.10,"n":1,"s":"\u0000/"}"#.to_vec(),
        ),
        ("empty", Vec::new()),
    ];
    for (key, value) in &values {
        page.put(key, value);
    }
    page.open(&format!("#key={}", "%3Cimg%20src%3Dx%20onerror%3Ddocument.title%3D'run'%3E%3Cscript%3Edocument.title%3D'run'%3C/script%3E"));
    assert_eq!(page.shown(), markup);
    assert_eq!(page.browser.evaluate("document.title").unwrap(), "etcd");
    assert_eq!(
        page.browser
            .evaluate("document.querySelectorAll('main img, main script').length")
            .unwrap(),
        0
    );

    for (key, value) in &values {
        page.open(&format!("#key={key}"));
        page.wait(&format!(
            "document.querySelector('.pane h2')?.textContent === {}",
            json!(key)
        ));
        page.wait("document.querySelector('.pane > .editor textarea') !== null");
        // Through every form, and back, nothing is edited.
        for form in ["Hex", "Escaped", "Hex"] {
            page.click(".pane > .editor .forms button", form);
            page.wait(&format!(
                "document.querySelector('.forms [aria-pressed=true]').textContent === '{form}'"
            ));
            assert_eq!(
                page.wait("[document.querySelector('.actions .primary').disabled]")[0],
                true,
                "{key} {form}"
            );
        }
        // One more byte, in hex, is one more byte.
        let hex = page.shown();
        page.write(&format!("{hex} 21"));
        page.click("button", "Save");
        page.wait(&says("Saved at revision"));
        assert_eq!(page.value(key), [value.as_slice(), b"!"].concat(), "{key}");
    }
}

/// From now on an answer comes to the page when `release()` is called.
const HOLD: &str = "(() => {
    const [send, held] = [window.fetch, []];
    window.fetch = (...call) => {
        const answer = send(...call);
        return new Promise((go) => held.push(() => go(answer)));
    };
    window.held = () => held.length;
    window.release = () => { window.fetch = send; held.forEach((go) => go()); return held.length; };
})()";

#[test]
fn what_comes_for_a_key_that_has_been_left_is_for_nobody() {
    let mut page = Opened::start(1280, false);
    page.put("/a", "one");
    page.put("/b", "two");
    page.open("#key=/a");
    assert_eq!(page.shown(), "one");

    // Another key is opened while one is being saved: the conflict of the one is not shown as the other's.
    page.write("mine");
    page.put("/a", "theirs");
    page.wait(&says("while you edit"));
    page.browser.evaluate(HOLD).unwrap();
    page.click("button", "Save");
    page.wait("window.held() === 1");
    go(&mut page, "#key=/b");
    page.click("dialog button", "Leave it");
    page.wait("window.held() === 2");
    page.browser.evaluate("window.release()").unwrap();
    page.wait("document.querySelector('.pane h2')?.textContent === '/b'");
    assert_eq!(page.shown(), "two");
    page.wait(LATER);
    assert_eq!(
        page.wait("[document.querySelectorAll('.conflict').length]")[0],
        0
    );

    // Every key is left while one is being read.
    page.browser.evaluate(HOLD).unwrap();
    go(&mut page, "#key=/a");
    page.wait("window.held() === 1");
    go(&mut page, "");
    page.wait(&says("Choose a key"));
    page.browser.evaluate("window.release()").unwrap();
    page.wait(LATER);
    page.wait(&says("Choose a key"));
    assert_eq!(page.value("/a"), b"theirs");
    assert_eq!(page.value("/b"), b"two");
}

/// True once the page has had the time to draw what it got.
const LATER: &str = "(window.asked = (window.asked ?? 0) + 1) % 5 === 0";

fn go(page: &mut Opened, place: &str) {
    let place = json!(place);
    let script = format!("void (location.hash = {place})");
    page.browser.evaluate(&script).unwrap();
}
