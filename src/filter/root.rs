//! The plugin: its configuration, and what all its requests share.

use std::rc::Rc;

use super::abi::BufferType;
use super::host;
use super::kick::Kicks;
use super::metrics::Metrics;
use super::series::Series;
use super::stream::Stream;
use crate::config::Config;
use crate::exchange::Settings;

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
            .and_then(|text| Config::parse(&text).map_err(|error| error.to_string()));
        match config {
            Ok(config) => {
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
