//! Its files, and what is no file of it.

use std::fs;

use testbed::client::Request;
use testbed::gateway::{Mode, Setup};
use testbed::project_root;

/// What nothing but the page's own scripts can run under.
const POLICY: [&str; 6] = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self';",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
];

fn media_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        _ => "text/javascript; charset=utf-8",
    }
}

#[test]
fn every_file_is_served_as_it_is_and_nothing_else_runs_in_it() {
    for mode in Mode::BOTH {
        let gateway = Setup::example(mode, "127.0.0.1:1").start();
        let folder = project_root().join("envoy/page");
        let mut files = 0;
        for file in fs::read_dir(folder).unwrap() {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            let path = match name.as_str() {
                "index.html" => "/v3/".to_owned(),
                _ => format!("/v3/{name}"),
            };
            for answer in [
                gateway.send(&Request::new("GET", &path)),
                gateway.send_h2(&Request::new("GET", &path)),
                gateway.send(&Request::new("GET", &format!("{path}?a=b"))),
            ] {
                let header = |header| answer.header(header).unwrap_or_default();
                assert_eq!(answer.status, 200, "{name}");
                assert_eq!(
                    answer.text(),
                    fs::read_to_string(file.path()).unwrap(),
                    "{name}"
                );
                assert_eq!(header("content-type"), media_type(&name), "{name}");
                assert_eq!(header("x-content-type-options"), "nosniff", "{name}");
                assert_eq!(header("referrer-policy"), "no-referrer", "{name}");
                assert_eq!(header("cache-control"), "no-cache", "{name}");
                let policy = header("content-security-policy");
                assert!(
                    POLICY.iter().all(|rule| policy.contains(rule)),
                    "{name}: {policy}"
                );
                assert!(!policy.contains("unsafe"), "{name}: {policy}");
            }
            let head = gateway.send(&Request::new("HEAD", &path));
            assert_eq!((head.status, head.text().len()), (200, 0), "{name}");
            // What is no reading of a file is the API's.
            let post = gateway.post(&path, "{}");
            assert_eq!((post.status, post.json()["code"].as_i64()), (404, Some(5)));
            files += 1;
        }
        assert!(files > 2, "only {files} files");
        for path in [
            "/v3",
            "/v3/none.js",
            "/v3/page/",
            "/v3beta/",
            "/v3//page.js",
        ] {
            let answer = gateway.send(&Request::new("GET", path));
            assert_eq!(answer.status, 404, "{path}");
        }
    }
}

#[test]
fn the_page_of_a_foreign_name_can_call_nothing() {
    let gateway = Setup::example(Mode::Full, "127.0.0.1:1").start();
    let request = Request::post("/v3/kv/range", "{}")
        .header("Host", "rebound.example")
        .header("Origin", "http://rebound.example");
    assert_eq!(gateway.send(&request).status, 421);
}
