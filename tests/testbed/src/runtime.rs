//! The one asynchronous runtime behind testbed's blocking interfaces.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

/// A single worker thread, started on first use: tests block on their own threads while it moves the bytes.
pub(crate) fn shared() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("threads and a reactor for the tests")
    })
}
