//! The image with the module, as those get it who put it into Envoy.

use std::fs;

use anyhow::Result;
use mesh_tests::images::{self, Fetcher};
use sha2::{Digest, Sha256};
use testbed::module;

#[test]
fn both_fetchers_get_the_module_by_tag_and_by_digest() -> Result<()> {
    let layout = images::layout()?;
    let hash = Sha256::digest(fs::read(module::path()?)?);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    for fetcher in Fetcher::ALL {
        let got = fetcher.fetch(&layout)?;
        assert_eq!(got, [hash.as_str(), hash.as_str()], "{fetcher:?}");
    }
    Ok(())
}
