//! A real browser that is driven: pages are opened, looked at, clicked and typed into, over Chromium's own protocol
//! (DevTools) through two pipes, so that no port and no other program is needed.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser;
use crate::process::Process;
use crate::scratch;

/// How long the browser may take to answer, and a page to come to what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Finds what a person would click: the first thing of these that is seen, with this text or name if one is asked for.
const FIND: &str = "(selector, text) => [...document.querySelectorAll(selector)].find((element) =>
  element.checkVisibility() && (text === null || element.textContent.trim() === text
    || element.getAttribute('aria-label') === text))";

/// A browser with one page, ended with all its processes when dropped.
pub struct Browser {
    process: Process,
    requests: File,
    messages: Receiver<Value>,
    session: Option<String>,
    last: u64,
    problems: Vec<String>,
    _folder: TempDir,
}

impl Browser {
    /// A browser whose window has this size, in pixels, and prefers dark colours or light ones.
    pub fn start(width: u32, height: u32, dark: bool) -> Result<Self> {
        let folder = scratch::folder("browser")?;
        let (to, from) = (folder.path().join("to"), folder.path().join("from"));
        for pipe in [&to, &from] {
            mknodat(CWD, pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
        }
        // Opened for both directions neither end waits for the other.
        let open = |path: &Path| File::options().read(true).write(true).open(path);
        let (requests, answers) = (open(&to)?, open(&from)?);
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                "in=$1 out=$2; shift 2; exec \"$@\" 3<\"$in\" 4>\"$out\"",
                "sh",
            ])
            .args([&to, &from])
            .arg(browser::program()?)
            .args(browser::ARGUMENTS)
            .args(["--remote-debugging-pipe", "about:blank"])
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .env("HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path())
            .env("XDG_CACHE_HOME", folder.path());
        let process = Process::start("browser", command, &folder.path().join("log"))?;
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            let messages = BufReader::new(answers).split(0).map_while(Result::ok);
            for message in messages.filter_map(|text| serde_json::from_slice(&text).ok()) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut browser = Self {
            process,
            requests,
            messages,
            session: None,
            last: 0,
            problems: Vec::new(),
            _folder: folder,
        };
        browser.attach(width, height, dark)?;
        Ok(browser)
    }

    fn attach(&mut self, width: u32, height: u32, dark: bool) -> Result<()> {
        let target = self.call("Target.createTarget", json!({"url": "about:blank"}))?;
        let attached = self.call(
            "Target.attachToTarget",
            json!({"targetId": target["targetId"], "flatten": true}),
        )?;
        self.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log"] {
            self.call(&format!("{domain}.enable"), json!({}))?;
        }
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size)?;
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features}))?;
        Ok(())
    }

    /// Opens an address, in the same page if only what stands behind `#` differs.
    pub fn open(&mut self, url: &str) -> Result<()> {
        let opened = self.call("Page.navigate", json!({"url": url}))?;
        ensure!(opened.get("errorText").is_none(), "{url}: {opened}");
        Ok(())
    }

    /// What an expression, or its promise, comes to in the page.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let parameters =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", parameters)?;
        if let Some(exception) = answer.get("exceptionDetails") {
            bail!("{expression}: {exception}");
        }
        Ok(answer["result"]["value"].clone())
    }

    /// Waits until an expression comes to something that is true, and answers that.
    pub fn wait_for(&mut self, expression: &str) -> Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let outcome = self.evaluate(expression);
            match &outcome {
                Ok(Value::Null | Value::Bool(false)) | Err(_) => {}
                Ok(_) => return outcome,
            }
            if Instant::now() > deadline {
                let shown = self.evaluate("document.body.innerText")?;
                bail!("{expression} never came to be: {outcome:?}\n{shown}");
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Waits until something with this selector, and this text or name, is seen, and clicks its middle as a mouse does.
    pub fn click(&mut self, selector: &str, text: Option<&str>) -> Result<()> {
        let find = format!("({FIND})({}, {})", json!(selector), json!(text));
        // Where another thing lies over it, nobody can click it.
        let place = format!(
            "(() => {{
              const element = {find};
              if (!element || element.disabled) return null;
              element.scrollIntoView({{ block: 'nearest' }});
              const {{ left, top, width, height }} = element.getBoundingClientRect();
              const [x, y] = [left + width / 2, top + height / 2];
              const hit = document.elementFromPoint(x, y);
              return element.contains(hit) || hit === element.parentElement ? [x, y] : null;
            }})()"
        );
        let place = self
            .wait_for(&place)
            .with_context(|| format!("clicking {selector} {text:?}"))?;
        for (kind, buttons) in [("mousePressed", 1), ("mouseReleased", 0)] {
            self.call(
                "Input.dispatchMouseEvent",
                json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "buttons": buttons, "clickCount": 1}),
            )?;
        }
        Ok(())
    }

    /// Types a text where the focus is, in the place of what is selected.
    pub fn type_text(&mut self, text: &str) -> Result<()> {
        self.call("Input.insertText", json!({"text": text}))?;
        Ok(())
    }

    /// Presses the key of each character, as a person does who types.
    pub fn press_characters(&mut self, text: &str) -> Result<()> {
        for character in text.chars() {
            for kind in ["keyDown", "keyUp"] {
                let typed = if kind == "keyDown" {
                    json!(character)
                } else {
                    json!("")
                };
                let event = json!({"type": kind, "text": typed, "key": character});
                self.call("Input.dispatchKeyEvent", event)?;
            }
        }
        Ok(())
    }

    /// Puts a text into a field, in the place of what is there.
    pub fn fill(&mut self, selector: &str, text: &str) -> Result<()> {
        self.click(selector, None)?;
        self.evaluate("document.activeElement.select()")?;
        if text.is_empty() {
            return self.press("Backspace", 8, 0);
        }
        self.type_text(text)
    }

    /// Presses a key, by its name and Windows' number for it, with modifiers (2 is Control).
    pub fn press(&mut self, key: &str, code: u32, modifiers: u32) -> Result<()> {
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers});
            self.call("Input.dispatchKeyEvent", event)?;
        }
        Ok(())
    }

    /// Exceptions, and what the browser has forbidden, so far.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.last += 1;
        let mut request = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            request["sessionId"] = json!(session);
        }
        self.requests.write_all(format!("{request}\0").as_bytes())?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.messages.recv_timeout(Duration::from_millis(100)) {
                Ok(mut message) if message["id"] == self.last => {
                    ensure!(message.get("error").is_none(), "{method}: {message}");
                    return Ok(message["result"].take());
                }
                Ok(message) => self.notice(&message),
                Err(_) => self.process.check()?,
            }
            if Instant::now() > deadline {
                bail!("no answer to {method}; {}", self.process.log_tail());
            }
        }
    }

    fn notice(&mut self, message: &Value) {
        let is_problem = match message["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Log.entryAdded") => message["params"]["entry"]["source"] == "security",
            _ => false,
        };
        if is_problem {
            self.problems.push(message["params"].to_string());
        }
    }
}
