//! What the README and the docs tell people to do, done.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use testbed::browser::Page;
use testbed::envoy::Envoy;
use testbed::etc_envoy::EtcEnvoy;
use testbed::etcd::{Etcd, Options, Version};
use testbed::gateway::{Gateway, Mode, Setup};
use testbed::tls::Authority;
use testbed::{loopback, process, project_root, yaml};

/// Where the README has its gateway.
const SHOWN: &str = "http://127.0.0.1:8379";

/// The fences of a document that contain a text.
fn fences(document: &str, text: &str) -> Result<Vec<String>> {
    let whole = fs::read_to_string(project_root().join(document))?;
    let fences = whole.split("\n```").skip(1).step_by(2);
    let fences = fences.filter_map(|fence| Some(fence.split_once('\n')?.1.to_owned()));
    let found: Vec<String> = fences.filter(|fence| fence.contains(text)).collect();
    ensure!(!found.is_empty(), "{document} has no fence with {text}");
    Ok(found)
}

/// A shell's words, without a gateway that the person running it has.
fn shell(line: &str, url: &str) -> Command {
    let mut command = Command::new("bash");
    command
        .arg("-c")
        .arg(line.replace(SHOWN, url))
        .env("no_proxy", "*");
    command
}

/// What a command prints.
fn run(line: &str, url: &str) -> Result<Value> {
    let output = process::output(shell(line, url))?;
    ensure!(output.status.success(), "{line}: {}", output.status);
    serde_json::from_slice(&output.stdout).with_context(|| line.to_owned())
}

fn gateway() -> Result<(Etcd, Gateway)> {
    let etcd = Etcd::start(Version::V3_7_3)?;
    let gateway = Setup::example(Mode::Full, etcd.client_address()).start();
    Ok((etcd, gateway))
}

#[test]
fn the_readme_s_commands_do_what_it_says() -> Result<()> {
    let (_etcd, gateway) = gateway()?;
    let url = gateway.url();
    let [first] = &fences("README.md", &format!("curl -s {SHOWN}/v3/kv/put"))?[..] else {
        anyhow::bail!("not one fence of first commands");
    };
    let lines: Vec<&str> = first.lines().collect();
    let [put, range] = lines[..] else {
        anyhow::bail!("other commands than a put and a range: {first}");
    };
    assert!(run(put, &url)?["header"]["revision"].is_string());
    let kv = &run(range, &url)?["kvs"][0];
    assert_eq!(
        (&kv["key"], &kv["value"]),
        (&json!("aGVsbG8="), &json!("d29ybGQ="))
    );

    for fence in fences("README.md", "Accept: text/event-stream")? {
        let mut curl = shell(&format!("exec {fence}"), &url);
        let mut curl = curl.stdout(Stdio::piped()).spawn()?;
        let output = BufReader::new(curl.stdout.take().context("no output")?);
        let mut data = output
            .lines()
            .map_while(Result::ok)
            .filter(|line| line.starts_with("data: "));
        let created = data.next().unwrap_or_default();
        run(put, &url)?;
        let event = data.next().unwrap_or_default();
        curl.kill()?;
        curl.wait()?;
        assert!(created.contains(r#""created":true"#), "{created}");
        assert!(event.contains("aGVsbG8="), "{event}");
    }
    Ok(())
}

#[test]
fn a_page_as_in_the_readme_gets_events() -> Result<()> {
    let (_etcd, gateway) = gateway()?;
    let script = fences("README.md", "new EventSource(")?.remove(0);
    let script = script.replace(SHOWN, &gateway.url());
    assert!(script.contains("console.log(event.data)"), "{script}");
    let script = script.replace("console.log(event.data)", "report(JSON.parse(event.data))");
    let mut page = Page::open(&script)?;
    let created = page.report()?;
    assert!(created.to_string().contains("created"), "{created:?}");
    Ok(())
}

#[test]
fn envoy_reaches_an_etcd_behind_tls_as_tls_md_says() -> Result<()> {
    let authority = Authority::new()?;
    let etcd = Etcd::start_with(Options {
        version: Version::V3_7_3,
        tls: Some(authority.server()?.for_etcd(Some(&authority))),
        ..Options::default()
    })?;
    let etc = EtcEnvoy::new()?;
    etc.certificate("etcd", &authority.client(None)?, &authority.certificate())?;
    let fence = fences("docs/tls.md", "transport_socket:")?.remove(0);
    // Its files, by the names that the folder of the tests has for them.
    let mut moved = fence.clone();
    for (shown, file) in [
        ("gateway.crt", "etcd/tls.crt"),
        ("gateway.key", "etcd/tls.key"),
        ("ca.crt", "etcd/ca.crt"),
    ] {
        assert!(moved.contains(shown), "{fence}");
        moved = moved.replace(&format!("tls/{shown}"), &format!("tls/{file}"));
    }
    let whole = fs::read_to_string(project_root().join("envoy/envoy.yaml"))?;
    let mut whole = yaml::parse(&whole)?;
    let clusters = whole["static_resources"]["clusters"]
        .as_array_mut()
        .context("no clusters")?;
    clusters[0]["transport_socket"] = yaml::parse(&moved)?["transport_socket"].take();
    let mut config = etc.config(&whole.to_string())?;
    config.listen("127.0.0.1", 0)?.admin_port(0)?;
    config.upstream(&etcd.client_address())?;
    let envoy = Envoy::start(&config)?;
    let body = r#"{"key":"YQ==","value":"Yg=="}"#;
    let answer = loopback::post(&format!("{}/v3/kv/put", envoy.url()), body)?;
    assert!(answer.contains("revision"), "{answer}");
    Ok(())
}

#[test]
fn the_filter_goes_on_where_etcd_s_own_gateway_is_off() -> Result<()> {
    for version in Version::REQUIRED {
        let etcd = Etcd::start_with(Options {
            version,
            arguments: vec!["--enable-grpc-gateway=false".to_owned()],
            ..Options::default()
        })?;
        let range = r#"{"key":"YQ=="}"#;
        let own = loopback::post(&format!("{}/v3/kv/range", etcd.client_url()), range);
        let error = own
            .err()
            .with_context(|| format!("{version} still serves JSON"))?;
        assert!(format!("{error:#}").contains("404"), "{version}: {error:#}");
        let gateway = Setup::example(Mode::Full, etcd.client_address()).start();
        let answer = gateway.post("/v3/kv/range", range);
        assert_eq!(answer.status, 200, "{version}: {answer:?}");
    }
    Ok(())
}
