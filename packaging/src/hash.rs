//! SHA-256 in hexadecimal.

use sha2::{Digest, Sha256};

pub fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
