//! An etcd with users.

use serde_json::json;

use crate::opened::*;

/// Wants a password of everybody: root's is `pass`, guest's too, who may do nothing.
fn with_users(page: &Opened) {
    page.call("auth/role/add", &json!({"name": "root"}));
    for user in ["root", "guest"] {
        let add = json!({"name": user, "password": "pass"});
        page.call("auth/user/add", &add);
    }
    page.call("auth/user/grant", &json!({"user": "root", "role": "root"}));
    page.call("auth/enable", &json!({}));
}

fn log_in(page: &mut Opened, name: &str, password: &str) {
    for (field, text) in [("autocomplete=username", name), ("type=password", password)] {
        let selector = format!("dialog input[{field}]");
        page.browser.fill(&selector, text).unwrap();
    }
    page.click("dialog button", "Log in");
}

#[test]
fn an_etcd_with_users_asks_who_one_is_and_a_wrong_password_is_said() {
    let mut page = Opened::start(1280, false);
    page.put("/secret", "told");
    with_users(&page);
    page.open("");
    page.wait(&says("wants to know who you are"));
    log_in(&mut page, "root", "wrong");
    page.wait("document.querySelector('dialog .notice.bad') !== null");
    log_in(&mut page, "root", "pass");
    page.wait(&says("Log out root"));
    page.click(".leaf .name", "secret");
    assert_eq!(page.shown(), "told");
    page.wait("document.getElementById('state').className === 'live'");
    // The token has come with the offer of the socket.
    let way = "document.getElementById('state').dataset.way";
    assert_eq!(page.browser.evaluate(way).unwrap(), "socket");
    page.write("written");
    page.click("button", "Save");
    page.wait(&says("Saved at revision"));

    // The token is nowhere but in memory.
    let kept = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])";
    assert_eq!(page.browser.evaluate(kept).unwrap(), r#"[{},{},""]"#);
    page.click("#user", "Log out root");
    page.wait(&says("wants to know who you are"));
}

#[test]
fn a_user_without_rights_is_told_so_and_sees_no_empty_tree() {
    let mut page = Opened::start(1280, false);
    page.put("/secret", "told");
    page.put("/shared/key", "for guests");
    with_users(&page);
    page.open("");
    log_in(&mut page, "guest", "pass");
    page.wait(&says("Log out guest"));
    page.wait(
        "document.querySelector('#said .notice.bad')?.textContent.includes('permission denied')",
    );
    page.wait("document.querySelector('.tree .bad')?.textContent.includes('permission denied')");
    page.wait("document.getElementById('state').className === 'refused'");
    page.open("#key=/secret");
    page.wait("document.querySelector('.pane')?.innerText.includes('permission denied')");
    assert_eq!(
        page.browser
            .evaluate("document.body.innerText.includes('told')")
            .unwrap(),
        false
    );
}
