//! The Wasm module: [`library`], whose entry points it exports.

use library as _;
