//! A real browser.

use serde_json::{Value, json};
use testbed::browser::Page;
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Mode, Setup};
use testbed::loopback;

use crate::events::*;

#[test]
fn a_browser_that_loses_its_envoy_and_its_etcd_comes_back_and_misses_nothing() {
    for mode in Mode::BOTH {
        let mut etcd = Etcd::start(Version::V3_7_3).unwrap();
        let url = etcd.client_url();
        let port = loopback::free_port().unwrap();
        let start = |address: String| Setup::example(mode, address).port(port).start();
        let gateway = start(etcd.client_address());
        // What the README tells pages to do.
        let mut page = Page::open(&format!(
            "let last = 0n;
            const open = () => {{
              const from = last ? `&create_request.start_revision=${{last + 1n}}` : '';
              const events = new EventSource('{}/v3/watch?create_request.key={}' + from);
              events.onmessage = ({{ data, lastEventId }}) => {{
                last = BigInt(lastEventId || last);
                report('message', JSON.parse(data), lastEventId);
              }};
              events.onerror = ({{ data }}) => {{
                const closed = events.readyState === EventSource.CLOSED;
                report('error', data && JSON.parse(data), closed);
                if (closed) setTimeout(open, 500);
              }};
            }};
            open();",
            gateway.url(),
            base64("a")
        ))
        .unwrap();
        let mut seen = Vec::new();
        let mut errors = Vec::new();
        // What the page says until it has seen so many values; the errors are told apart.
        let mut read_to = |page: &mut Page, count: usize| {
            while seen.len() < count {
                let report = page.report().unwrap();
                match report[0].as_str().unwrap() {
                    "message" => {
                        let event = Event {
                            kind: None,
                            data: report[1].clone(),
                            id: report[2].as_str().unwrap().parse().ok(),
                        };
                        for (value, revision) in event.puts() {
                            assert!(Some(revision) <= event.id, "{mode:?} {event:?}");
                            seen.push(value);
                        }
                    }
                    "error" => errors.push((report[1].clone(), report[2].clone())),
                    _ => {}
                }
            }
            (seen.clone(), std::mem::take(&mut errors))
        };
        assert_eq!(page.report().unwrap()[0], "message", "{mode:?}");
        let by_itself = (Value::Null, json!(false));

        // Before the page has seen a single value.
        drop(gateway);
        put(&url, "a", "1");
        put(&url, "a", "2");
        let gateway = start(etcd.client_address());
        let (values, errors) = read_to(&mut page, 2);
        assert_eq!(values, ["1", "2"], "{mode:?}");
        assert!(
            errors.iter().all(|error| *error == by_itself),
            "{mode:?} {errors:?}"
        );
        put(&url, "a", "3");
        read_to(&mut page, 3);

        drop(gateway);
        put(&url, "a", "4");
        let gateway = start(etcd.client_address());
        put(&url, "a", "5");
        let (_, errors) = read_to(&mut page, 5);
        assert!(
            errors.iter().all(|error| *error == by_itself),
            "{mode:?} {errors:?}"
        );

        etcd.restart().unwrap();
        put(&url, "a", "6");
        let (values, errors) = read_to(&mut page, 6);
        assert_eq!(values, ["1", "2", "3", "4", "5", "6"], "{mode:?}");
        assert_eq!(errors[0].0["error"]["code"], 14, "{mode:?} {errors:?}");
        drop(gateway);
    }
}
