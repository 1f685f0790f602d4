//! What a client of events gets, and how it resumes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testbed::client::{End, Request};
use testbed::etcd::{Etcd, Version};
use testbed::gateway::{Mode, Setup};

use crate::events::*;

#[test]
fn a_get_is_a_watch_whose_events_have_ids_to_resume_behind() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, etcd.client_address()).start();
        for protocol in PROTOCOLS {
            let case = format!("{mode:?} {protocol:?}");
            let mut events = Events::open(&gateway, protocol, &watch("a"));
            for (name, value) in [
                ("cache-control", "no-cache"),
                ("access-control-allow-origin", "*"),
            ] {
                assert_eq!(events.head.header(name).as_deref(), Some(value), "{case}");
            }
            let created = events.next();
            assert_eq!(created.data["result"]["created"], true, "{case}");
            let before = created.id.unwrap();

            let revision = put(&etcd.client_url(), "a", "b");
            assert_eq!(revision, before + 1, "{case}");
            let event = events.next();
            assert_eq!(event.kind, None, "{case}");
            assert_eq!(event.puts(), [("b".to_owned(), revision)], "{case}");
            assert_eq!(event.id, Some(revision), "{case}");
        }
    }
}

#[test]
fn a_post_that_accepts_events_gets_them() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, etcd.client_address()).start();
        for protocol in PROTOCOLS {
            let case = format!("{mode:?} {protocol:?}");
            let body = format!(
                r#"{{"create_request":{{"key":"{0}"}}}}{{"create_request":{{"key":"{0}"}}}}"#,
                base64("a")
            );
            let request = Request::post(WATCH, body)
                .header("Accept", "application/json;q=0.1, text/event-stream");
            let mut events = Events::open(&gateway, protocol, &request);
            for id in [Value::Null, json!("1")] {
                let created = events.next();
                assert_eq!(created.data["result"]["watch_id"], id, "{case}");
                // With several watches in one stream one that begins says nothing of the others.
                assert_eq!(created.id, None, "{case}");
            }
            let revision = put(&etcd.client_url(), "a", "b");
            for _ in 0..2 {
                let event = events.next();
                assert_eq!(event.puts(), [("b".to_owned(), revision)], "{case}");
                assert_eq!(event.id, Some(revision), "{case}");
            }
        }
    }
}

#[test]
fn a_watch_resumed_behind_an_id_misses_nothing_and_repeats_nothing() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    let url = etcd.client_url();
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, etcd.client_address()).start();
        for protocol in PROTOCOLS {
            let case = format!("{mode:?} {protocol:?}");
            let key = format!("resumed {case}");
            let mut all = Vec::new();
            let mut events = Events::open(&gateway, protocol, &watch(&key));
            let mut last = events.next().id.unwrap();
            // The first time nothing but the beginning of the watch has been seen.
            for round in 0..3 {
                drop(events);
                for number in 0..4 {
                    let value = format!("{round}.{number}");
                    put(&url, &key, &value);
                    all.push(value);
                }
                let again = watch(&key).header("Last-Event-ID", last.to_string());
                events = Events::open(&gateway, protocol, &again);
                let (values, _) = events.puts(4);
                assert_eq!(values, all[all.len() - 4..], "{case}");
                put(&url, &key, "live");
                let (values, id) = events.puts(1);
                assert_eq!(values, ["live"], "{case}");
                last = id;
            }
            drop(events);

            // What the query says of where to start counts the first time.
            let first = last - u64::try_from(all.len()).unwrap() - 2;
            let mut whole = watch(&key);
            whole.path += &format!("&create_request.startRevision={first}");
            let mut events = Events::open(&gateway, protocol, &whole);
            assert_eq!(events.puts(all.len() + 3).0.len(), all.len() + 3, "{case}");
            let mut events = Events::open(
                &gateway,
                protocol,
                &whole.header("Last-Event-ID", last.to_string()),
            );
            put(&url, &key, "new");
            assert_eq!(events.puts(1).0, ["new"], "{case}");
        }
    }
}

#[test]
fn the_events_of_one_revision_have_one_id() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, etcd.client_address()).start();
        let range_end = base64("u");
        let request = get(&format!(
            "{WATCH}?create_request.key={}&create_request.range_end={range_end}",
            base64("t")
        ));
        let mut events = Events::open(&gateway, Protocol::Http1, &request);
        events.next();
        let puts = ["t1", "t2", "t3"]
            .map(|key| json!({"request_put": {"key": base64(key), "value": base64(key)}}));
        let answer = gateway.post("/v3/kv/txn", &json!({"success": puts}).to_string());
        let revision = answer.json()["header"]["revision"].clone();
        let event = events.next();
        let values: Vec<String> = event.puts().into_iter().map(|(value, _)| value).collect();
        assert_eq!(values, ["t1", "t2", "t3"], "{mode:?}");
        assert_eq!(json!(event.id.unwrap().to_string()), revision, "{mode:?}");
    }
}

#[test]
fn other_streams_of_answers_are_events_too() {
    let etcd = Etcd::start(Version::V3_7_3).unwrap();
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, etcd.client_address()).start();
        let lease = gateway.post("/v3/lease/grant", r#"{"TTL":60}"#).json()["ID"].clone();
        let lease = lease.as_str().unwrap();
        let election = base64(&format!("{mode:?}"));
        let body = format!(r#"{{"name":"{election}","lease":"{lease}"}}"#);
        assert_eq!(gateway.post("/v3/election/campaign", &body).status, 200);
        for protocol in PROTOCOLS {
            let case = format!("{mode:?} {protocol:?}");
            let alive = get(&format!("/v3/lease/keepalive?ID={lease}"));
            let mut events = Events::open(&gateway, protocol, &alive);
            assert_eq!(events.next().data["result"]["TTL"], "60", "{case}");
            events.end();

            let observe = get(&format!("/v3/election/observe?name={election}"));
            let mut events = Events::open(&gateway, protocol, &observe);
            assert_eq!(events.next().data["result"]["kv"]["lease"], lease, "{case}");

            let mut events = Events::open(&gateway, protocol, &get("/v3/maintenance/snapshot"));
            let mut bytes = 0;
            while let Some(event) = events.next_or_end() {
                let blob = event.data["result"]["blob"].as_str().unwrap();
                bytes += STANDARD.decode(blob).unwrap().len();
            }
            assert!(bytes > 20_000, "{case}: {bytes}");
            assert_eq!(events.head.end, End::Clean, "{case}");
        }
    }
}
