//! What the module tells of itself to who reads its file: custom sections with the names of OCI's annotations, as the
//! WebAssembly tools write and show them.
#![allow(unsafe_code)] // what is in a section of its own, nothing checks

/// The module's version.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// What the module is for.
const DESCRIPTION: &str = env!("CARGO_PKG_DESCRIPTION");
/// Its licence.
const LICENSES: &str = env!("CARGO_PKG_LICENSE");

/// A text as what a section holds.
const fn section<const N: usize>(text: &str) -> [u8; N] {
    match text.as_bytes().first_chunk() {
        Some(bytes) => *bytes,
        None => [0; N], // of another length than its own
    }
}

#[used]
#[unsafe(link_section = "version")]
static VERSION_SECTION: [u8; VERSION.len()] = section(VERSION);

#[used]
#[unsafe(link_section = "description")]
static DESCRIPTION_SECTION: [u8; DESCRIPTION.len()] = section(DESCRIPTION);

#[used]
#[unsafe(link_section = "licenses")]
static LICENSES_SECTION: [u8; LICENSES.len()] = section(LICENSES);
