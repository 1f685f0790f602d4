//! The plugin configuration in the form that requests use.

use super::course::{Bytes, Moved};
use super::memory::Memory;
use crate::config::{BodylessCalls, Config, NativeGrpc, WriteRetries};
use crate::grpc::Settable;
use crate::http::{Cors, Dialect, Prefixes};
use crate::policy::Policies;
use crate::transcode::BytesAs;

/// What all exchanges of one plugin share.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(super) dialect: Dialect,
    /// Whether heads may be held back until the body is known.
    pub(super) hold_heads: bool,
    pub(super) prefixes: Prefixes,
    pub(super) cors: Cors,
    /// Bound of one encoded request message, in bytes.
    pub(super) max_message: usize,
    /// Bound of one JSON body, in bytes: base64 makes it a third longer than its message, white
    /// space and escapes may add some more.
    pub(super) max_body: usize,
    /// Bound of one line of a stream that is sent as one piece, in bytes.
    pub(super) stream_document: usize,
    /// Bytes that the host takes for a paused answer.
    pub(super) paused_buffer: usize,
    pub(super) local_endpoints: bool,
    pub(super) etcd_version: String,
    pub(super) retry_writes: bool,
    /// Whether a call without a body is made beside the request.
    pub(super) bodyless_callouts: bool,
    /// What clients may set by `Grpc-Metadata-`.
    pub(super) settable: Settable,
    pub(super) native_grpc: NativeGrpc,
    /// Who may call what.
    pub(super) policies: Policies,
    /// Whether the upstream takes the end of a request for the end of its answer.
    pub(super) grpc_proxy: bool,
    /// What bytes are for requests that do not say it.
    pub(super) bytes_as: BytesAs,
    /// Nanoseconds since any moment, for deadlines.
    pub(super) clock: fn() -> u64,
    /// What all exchanges hold together.
    pub(super) memory: Memory,
    /// What all exchanges have read and written.
    pub(super) moved: Moved,
}

impl Settings {
    /// The settings that a configuration asks for.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let max_message = config.max_request_bytes as usize;
        Self {
            dialect: config.dialect,
            hold_heads: config.allow_on_headers_stop_iteration,
            prefixes: Prefixes::new(config.prefixes.clone()),
            cors: Cors::new(config.cors.clone()),
            max_message,
            max_body: max_message.saturating_mul(2),
            stream_document: config.stream_document_bytes as usize,
            paused_buffer: config.listener_buffer_bytes as usize,
            local_endpoints: config.local_endpoints,
            etcd_version: config.etcd_version.clone(),
            retry_writes: config.write_retries == WriteRetries::Route,
            bodyless_callouts: config.bodyless_calls == BodylessCalls::Callout,
            settable: Settable::new(&config.metadata),
            native_grpc: config.native_grpc,
            policies: Policies::new(&config.policies),
            grpc_proxy: config.grpc_proxy,
            bytes_as: config.bytes,
            clock: || 0,
            memory: Memory::default(),
            moved: Moved::default(),
        }
    }

    /// The same with a clock: nanoseconds since any moment. Without one no deadline is known to have passed.
    #[must_use]
    pub fn with_clock(mut self, clock: fn() -> u64) -> Self {
        self.clock = clock;
        self
    }

    /// The bytes that all exchanges with these settings have read and written since this was last asked.
    #[must_use]
    pub fn moved(&self) -> Bytes {
        self.moved.take()
    }

    /// Most bytes of a request body that are held back together with the request: what takes their place, a last piece
    /// among it, must fit into the host's buffer.
    pub(super) fn held_body(&self) -> usize {
        self.paused_buffer / 2
    }

    /// How many bytes all exchanges with these settings hold together: for tests of that.
    #[doc(hidden)]
    #[must_use]
    pub fn held(&self) -> usize {
        self.memory.held()
    }
}
