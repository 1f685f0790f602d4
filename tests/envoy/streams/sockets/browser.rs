//! A real browser, with what the README tells pages to do.

use serde_json::json;
use testbed::browser::Page;
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Mode, Setup};

/// The README's script for a page, up to the end of its fence.
fn script() -> String {
    let readme = testbed::project_root().join("README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let section = readme.split("## WebSocket\n").nth(1).unwrap();
    let fence = section.split("```js\n").nth(1).unwrap();
    fence.split("```").next().unwrap().to_owned()
}

#[test]
fn a_page_watches_as_the_readme_has_it() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let gateway = Setup::example(Mode::Full, etcd.client_address()).start();
    let script = script()
        .replace("127.0.0.1:8379", &gateway.address().to_string())
        .replace(
            "console.log(event.data)",
            "report('message', JSON.parse(event.data))",
        );
    let ends = "socket.onclose = ({ code }) => report('closed', code);";
    let mut page = Page::open(&format!("{script}\n{ends}")).unwrap();
    let created = page.report().unwrap();
    assert_eq!(created[1]["result"]["created"], true, "{created}");
    let put = gateway.post("/v3/kv/put", r#"{"key":"aGVsbG8=","value":"d29ybGQ="}"#);
    assert_eq!(put.status, 200);
    let event = page.report().unwrap();
    let kv = &event[1]["result"]["events"][0]["kv"];
    assert_eq!(
        (&kv["key"], &kv["value"]),
        (&json!("aGVsbG8="), &json!("d29ybGQ=")),
        "{event}"
    );
    drop(etcd);
    let error = page.report().unwrap();
    assert_eq!(error[1]["error"]["grpc_code"], 14, "{error}");
    let closed = page.report().unwrap();
    assert_eq!((&closed[0], &closed[1]), (&json!("closed"), &json!(1011)));
}
