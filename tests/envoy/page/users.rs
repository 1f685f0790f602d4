//! An etcd with users.

use serde_json::json;

use crate::opened::*;

#[test]
fn an_etcd_with_users_asks_who_one_is_and_a_wrong_password_is_said() {
    let mut page = Opened::start(1280, false);
    page.put("/secret", "told");
    page.call(
        "auth/user/add",
        &json!({"name": "root", "password": "pass"}),
    );
    page.call("auth/role/add", &json!({"name": "root"}));
    page.call("auth/user/grant", &json!({"user": "root", "role": "root"}));
    page.call("auth/enable", &json!({}));

    page.open("");
    page.wait(&says("wants to know who you are"));
    page.browser
        .fill("dialog input[autocomplete=username]", "root")
        .unwrap();
    page.browser
        .fill("dialog input[type=password]", "wrong")
        .unwrap();
    page.click("dialog button", "Log in");
    page.wait("document.querySelector('dialog .notice.bad') !== null");
    page.browser
        .fill("dialog input[type=password]", "pass")
        .unwrap();
    page.click("dialog button", "Log in");
    page.wait(&says("Log out root"));
    page.click(".leaf .name", "secret");
    assert_eq!(page.shown(), "told");
    page.wait("document.getElementById('state').className === 'live'");
    page.write("written");
    page.click("button", "Save");
    page.wait(&says("Saved at revision"));

    // The token is nowhere but in memory.
    let kept = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])";
    assert_eq!(page.browser.evaluate(kept).unwrap(), r#"[{},{},""]"#);
    page.click("#user", "Log out root");
    page.wait(&says("wants to know who you are"));
}
