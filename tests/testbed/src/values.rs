//! Values that make an etcd's answers large.

use anyhow::{Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::client::{Request, h1};
use crate::etcd::Etcd;

/// The JSON body of a range request for every key.
pub const RANGE_ALL: &str = r#"{"key":"AA==","range_end":"AA=="}"#;

/// Puts `count` values of `length` bytes, over etcd's own gateway. Every byte occurs in them.
pub fn put(etcd: &Etcd, count: u32, length: usize) -> Result<()> {
    let address = etcd.client_address().parse()?;
    // xorshift, so that no two parts of an answer are alike.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut value = vec![0; length];
    for index in 0..count {
        for word in value.chunks_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes()[..word.len()]);
        }
        let body = format!(
            r#"{{"key":"{}","value":"{}"}}"#,
            BASE64_STANDARD.encode(format!("/large/{index:04}")),
            BASE64_STANDARD.encode(&value),
        );
        let response = h1::send(address, &Request::post("/v3/kv/put", body))?;
        ensure!(response.status == 200, "putting a value: {response:?}");
    }
    Ok(())
}
