//! The page, opened in front of an etcd of its own.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use testbed::devtools::Browser;
use testbed::etcd::{Etcd, Options, Version};
use testbed::gateway::{Gateway, Mode, Setup};

use crate::wire::Wire;

/// A page; what is put and read beside it goes through the same gateway.
pub struct Opened {
    pub browser: Browser,
    pub gateway: Gateway,
    wire: Option<Wire>,
    _etcd: Etcd,
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// An expression: what the page says, as a person reads it, has this text.
pub fn says(text: &str) -> String {
    format!("document.body.innerText.includes({})", json!(text))
}

impl Opened {
    pub fn start(width: u32, dark: bool) -> Self {
        let browser = Browser::start(width, 800, dark).unwrap();
        Self::of(browser, Mode::Full, Vec::new())
    }

    /// In front of an etcd that has these arguments more.
    pub fn start_with_etcd(arguments: &[&str]) -> Self {
        let browser = Browser::start(1280, 800, false).unwrap();
        let arguments = arguments.iter().map(ToString::to_string).collect();
        Self::of(browser, Mode::Full, arguments)
    }

    /// With something between the browser and Envoy that can be cut.
    pub fn start_over_wire(mode: Mode) -> Self {
        let browser = Browser::start(1280, 800, false).unwrap();
        let mut page = Self::of(browser, mode, Vec::new());
        page.wire = Some(Wire::to(page.gateway.address()));
        page
    }

    fn of(browser: Browser, mode: Mode, arguments: Vec<String>) -> Self {
        let version = Version::V3_7_3;
        let etcd = Etcd::start_with(Options {
            version,
            arguments,
            ..Options::default()
        })
        .unwrap();
        let gateway = Setup::example(mode, etcd.client_address()).start();
        Self {
            browser,
            gateway,
            wire: None,
            _etcd: etcd,
        }
    }

    pub fn wire(&self) -> &Wire {
        self.wire.as_ref().unwrap()
    }

    /// Opens the page at what stands behind its `#`.
    pub fn open(&mut self, place: &str) {
        let wire = self.wire.as_ref().map(Wire::address);
        let address = wire.unwrap_or_else(|| self.gateway.address());
        let url = format!("http://{address}/v3/{place}");
        self.browser.open(&url).unwrap();
        // Its scripts listen.
        self.wait("document.body?.dataset.tab");
    }

    pub fn call(&self, path: &str, message: &Value) -> Value {
        let answer = self
            .gateway
            .post(&format!("/v3/{path}"), &message.to_string());
        assert_eq!(answer.status, 200, "{path} {message}: {answer:?}");
        answer.json()
    }

    pub fn put(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.call(
            "kv/put",
            &json!({"key": base64(key), "value": base64(value)}),
        );
    }

    /// The key as etcd has it; null if it has none.
    pub fn kv(&self, key: impl AsRef<[u8]>) -> Value {
        self.call("kv/range", &json!({"key": base64(key)}))["kvs"][0].clone()
    }

    pub fn value(&self, key: impl AsRef<[u8]>) -> Vec<u8> {
        let kv = self.kv(key);
        BASE64_STANDARD
            .decode(kv["value"].as_str().unwrap_or_default())
            .unwrap()
    }

    pub fn click(&mut self, selector: &str, text: &str) {
        self.browser.click(selector, Some(text)).unwrap();
    }

    pub fn wait(&mut self, expression: &str) -> Value {
        self.browser.wait_for(expression).unwrap()
    }

    /// What is in the value's field, once there is one.
    pub fn shown(&mut self) -> String {
        let shown = self.wait("(() => { const f = document.querySelector('.pane > .editor textarea'); return f && [f.value]; })()");
        shown[0].as_str().unwrap().to_owned()
    }

    pub fn write(&mut self, text: &str) {
        self.browser.fill(".pane > .editor textarea", text).unwrap();
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let problems = self.browser.problems();
            assert!(problems.is_empty(), "the page: {problems:?}");
        }
    }
}
