//! The plugin: its configuration, and a context for each request.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{BufferType, ContextType, LogLevel};

use super::host;
use super::stream::Stream;
use crate::config::Config;
use crate::exchange::Settings;

/// One plugin on one worker.
pub(super) struct Root {
    settings: Rc<Settings>,
}

impl Default for Root {
    fn default() -> Self {
        Self {
            settings: Rc::new(Settings::new(&Config::default())),
        }
    }
}

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, size: usize) -> bool {
        let text = if size == 0 {
            Ok(Vec::new())
        } else {
            host::buffer(BufferType::PluginConfiguration)
        };
        let config = text
            .map_err(|error| format!("the configuration cannot be read: {error:?}"))
            .and_then(|text| Config::parse(&text).map_err(|error| error.to_string()));
        match config {
            Ok(config) => {
                self.settings = Rc::new(Settings::new(&config));
                true
            }
            Err(error) => {
                host::log(
                    LogLevel::Error,
                    &format!("etcd-json-gateway: invalid plugin configuration: {error}"),
                );
                false
            }
        }
    }

    fn create_http_context(&self, _: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream::new(Rc::clone(&self.settings))))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}
