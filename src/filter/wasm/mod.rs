//! What Wasm alone has: the host's calls, its callbacks, and an allocator that ends the streams before the module ends.
//! This is all the unsafe code of the crate.

mod crash;
mod exports;
pub(super) mod imports;
mod log;
mod version;
