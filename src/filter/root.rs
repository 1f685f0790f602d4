//! The plugin: its configuration, and what all its requests share.

use std::borrow::Cow;
use std::rc::Rc;

use super::abi::BufferType;
use super::host;
use super::kick::Kicks;
use super::metrics::Metrics;
use super::series::Series;
use super::stream::Stream;
use crate::config::Config;
use crate::exchange::Settings;

/// How much of a configuration is shown, in bytes.
const SHOWN_BYTES: usize = 1000;

/// One plugin on one worker.
pub(super) struct Root {
    settings: Rc<Settings>,
    metrics: Rc<Metrics>,
    kicks: Kicks,
}

impl Default for Root {
    fn default() -> Self {
        Self {
            settings: Rc::new(Settings::new(&Config::default())),
            metrics: Rc::default(),
            kicks: Kicks::default(),
        }
    }
}

impl Root {
    /// Reads the configuration, of `size` bytes; false where it cannot be used.
    pub(super) fn configure(&mut self, size: usize) -> bool {
        let text = if size == 0 {
            Ok(Vec::new())
        } else {
            host::buffer(BufferType::PluginConfiguration)
        };
        let config = text
            .map_err(|error| format!("the configuration cannot be read: {error}"))
            .and_then(|text| {
                let config = Config::parse(&text).map_err(|error| error.to_string())?;
                Ok((config, shown(&text)))
            });
        match config {
            Ok((config, shown)) => {
                let version = env!("CARGO_PKG_VERSION");
                log::info!("version {version} starts, configured with {shown}");
                self.settings = Rc::new(Settings::new(&config).with_clock(host::now));
                self.kicks = Kicks::open();
                self.metrics.record(Series::Info, 1);
                true
            }
            Err(error) => {
                log::error!("invalid plugin configuration: {error}");
                false
            }
        }
    }

    /// Bytes that its streams hold together.
    #[cfg(not(target_family = "wasm"))]
    pub(super) fn held(&self) -> usize {
        self.settings.held()
    }

    /// Counts the bytes of its streams.
    pub(super) fn tick(&mut self) {
        self.metrics.add_bytes(self.settings.moved());
    }

    /// A new request's context.
    pub(super) fn stream(&self, id: u32) -> Stream {
        let settings = Rc::clone(&self.settings);
        Stream::new(id, settings, Rc::clone(&self.metrics), self.kicks)
    }
}

/// A configuration on one line, for the log. No key is for a secret.
fn shown(text: &[u8]) -> Cow<'static, str> {
    let (text, rest) = text.split_at_checked(SHOWN_BYTES).unwrap_or((text, &[]));
    let words = text.split(u8::is_ascii_whitespace);
    let words: Vec<&[u8]> = words.filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return Cow::Borrowed("defaults alone");
    }
    let mut line = String::from_utf8_lossy(&words.join(&b' ')).into_owned();
    if !rest.is_empty() {
        line.push('…');
    }
    Cow::Owned(line)
}
