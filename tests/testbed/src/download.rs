//! A file from a registry, over HTTPS, with the hash that it must have.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use crate::progress::say;

const ATTEMPTS: usize = 3;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(60);
const BODY_TIMEOUT: Duration = Duration::from_secs(900);
const PROGRESS_INTERVAL: Duration = Duration::from_secs(5);
const CHUNK_BYTES: usize = 64 << 10;
const MEGABYTE: u64 = 1_000_000;

/// Downloads `url` to `file` and fails if its SHA-256 is not `sha256` (hex). `subject` names it in progress lines.
pub fn download(subject: &str, url: &str, sha256: &str, file: &Path) -> Result<()> {
    let mut attempt = 1;
    loop {
        match attempt_download(subject, url, sha256, file) {
            Err(error) if attempt < ATTEMPTS => say(subject, &format!("{error:#}; trying again")),
            outcome => return outcome.with_context(|| format!("downloading {url}")),
        }
        attempt += 1;
    }
}

fn attempt_download(subject: &str, url: &str, sha256: &str, file: &Path) -> Result<()> {
    let agent: Agent = Agent::config_builder()
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_recv_response(Some(RESPONSE_TIMEOUT))
        .timeout_recv_body(Some(BODY_TIMEOUT))
        // The machine's own trust store, or SSL_CERT_FILE: registries behind a company's proxy work too.
        .tls_config(
            TlsConfig::builder()
                .root_certs(RootCerts::PlatformVerifier)
                .build(),
        )
        .build()
        .into();
    let response = agent.get(url).call()?;
    let body = response.into_body();
    let total = body.content_length().unwrap_or(0);
    say(
        subject,
        &format!("downloading {} MB", total.div_ceil(MEGABYTE)),
    );
    let actual = copy(
        subject,
        &mut body.into_reader(),
        total,
        &mut File::create(file)?,
    )?;
    ensure!(
        actual == sha256,
        "the SHA-256 is {actual}, expected {sha256}"
    );
    Ok(())
}

/// Copies `from` to `to` and answers the SHA-256 of what went through.
fn copy(subject: &str, from: &mut impl Read, total: u64, to: &mut impl Write) -> Result<String> {
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut copied: u64 = 0;
    let mut said = Instant::now();
    loop {
        let length = from.read(&mut chunk)?;
        if length == 0 {
            break;
        }
        let bytes = &chunk[..length];
        hash.update(bytes);
        to.write_all(bytes)?;
        copied += length as u64;
        if said.elapsed() > PROGRESS_INTERVAL {
            say(
                subject,
                &format!("{} of {} MB", copied / MEGABYTE, total / MEGABYTE),
            );
            said = Instant::now();
        }
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use anyhow::{Context, Result};

    use super::attempt_download;
    use crate::scratch;

    /// `sha256sum` of `hello`.
    const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    #[test]
    fn a_download_with_another_hash_is_refused() -> Result<()> {
        let folder = scratch::folder("download")?;
        let file = folder.path().join("file");
        for (body, accepted) in [("hello", true), ("jello", false)] {
            let server = TcpListener::bind("127.0.0.1:0")?;
            let url = format!("http://{}/", server.local_addr()?);
            let answer = thread::spawn(move || -> Result<()> {
                let (mut client, _) = server.accept()?;
                // The whole request fits into one packet.
                let _ = client.read(&mut [0; 4096])?;
                Ok(write!(
                    client,
                    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{body}"
                )?)
            });
            let outcome = attempt_download("test", &url, HELLO, &file);
            answer.join().ok().context("the server panicked")??;
            assert_eq!(outcome.is_ok(), accepted, "{body}: {outcome:?}");
            assert_eq!(fs::read_to_string(&file)?, body);
        }
        Ok(())
    }
}
