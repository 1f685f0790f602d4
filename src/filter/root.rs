//! The plugin: its configuration, and a context for each request.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{BufferType, ContextType};

use super::host;
use super::kick::Kicks;
use super::stream::Stream;
use crate::config::Config;
use crate::exchange::Settings;

/// One plugin on one worker.
pub(super) struct Root {
    settings: Rc<Settings>,
    kicks: Rc<Kicks>,
}

impl Default for Root {
    fn default() -> Self {
        Self {
            settings: Rc::new(Settings::new(&Config::default())),
            kicks: Rc::default(),
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
                self.kicks = Rc::new(Kicks::open());
                true
            }
            Err(error) => {
                log::error!("invalid plugin configuration: {error}");
                false
            }
        }
    }

    fn on_tick(&mut self) {
        self.kicks.beat();
    }

    fn on_queue_ready(&mut self, queue: u32) {
        self.kicks.turn(queue);
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream::new(
            id,
            Rc::clone(&self.settings),
            Rc::clone(&self.kicks),
        )))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}
