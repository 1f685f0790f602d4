//! `GET /version` and `GET /health`, answered from etcd's gRPC API (`docs/decisions.md`, "Version and health").

mod messages;
mod reply;

use prost::Message as _;

use super::call::{Answered, Call};
use super::settings::Settings;
use crate::grpc::{Code, Status};
use crate::http::{self, Header, Headers, Reason, Reply};
use crate::schema::Method;
use crate::schema::tables::{KV_RANGE, MAINTENANCE_ALARM, MAINTENANCE_STATUS};
use messages::{AlarmResponse, RangeRequest};
use reply::{health, version};

/// How long one of the calls may take: as long as etcd gives its own probe.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// Longest answer of etcd's, in bytes, that is looked at: a version or the alarms of all members are a
/// few hundred.
const MAX_ANSWER: usize = 64 << 10;

/// The alarms, by their numbers from 1; the last stands for any other.
const ALARMS: [&str; 3] = ["NOSPACE", "CORRUPT", "UNKNOWN"];

/// Which endpoint, and how far it has come.
#[derive(Debug)]
pub(super) struct Endpoint {
    step: Step,
    /// `/health?serializable=true`: whether this member alone is asked.
    serializable: bool,
    /// `/health?exclude=NOSPACE`: alarms that do not count.
    excluded: Vec<&'static str>,
    /// The caller's own metadata, for the call after the first.
    call: Option<Call>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Version,
    HealthAlarm,
    HealthRange,
    /// The request itself has gone on, for its cluster does not speak gRPC.
    Passed,
}

impl Endpoint {
    pub(super) fn version() -> Self {
        Self {
            step: Step::Version,
            serializable: false,
            excluded: Vec::new(),
            call: None,
        }
    }

    pub(super) fn health(query: &str) -> Self {
        let values = |key: &'static str| {
            query
                .split('&')
                .filter_map(move |pair| pair.strip_prefix(key)?.strip_prefix('='))
        };
        Self {
            step: Step::HealthAlarm,
            serializable: values("serializable").any(|value| value == "true"),
            excluded: ALARMS
                .into_iter()
                .filter(|name| values("exclude").any(|value| value == *name))
                .collect(),
            call: None,
        }
    }

    pub(super) fn method(&self) -> &'static Method {
        match self.step {
            Step::Version => &MAINTENANCE_STATUS,
            Step::HealthAlarm => &MAINTENANCE_ALARM,
            Step::HealthRange | Step::Passed => &KV_RANGE,
        }
    }

    /// The first call, with the caller's own metadata. The empty message asks for the status, or
    /// for the alarms of all members.
    pub(super) fn first_call(&mut self, headers: &[Header<'_>], settings: &Settings) -> Call {
        let call = Call {
            timeout: TIMEOUT,
            ..Call::new(self.method(), headers, &settings.settable, None)
        };
        self.call = Some(call.clone());
        call
    }

    /// What to do next.
    pub(super) fn call_answered(
        &mut self,
        settings: &Settings,
        answer: Result<&[u8], Status>,
    ) -> Answered {
        if matches!(self.step, Step::Version | Step::HealthAlarm)
            && answer.as_ref().is_err_and(is_no_grpc)
        {
            self.step = Step::Passed;
            return Answered::Pass;
        }
        let too_long = || Status::new(Code::RESOURCE_EXHAUSTED, "etcd's answer is too long");
        let answer = match answer {
            Ok(message) if message.len() > MAX_ANSWER => Err(too_long()),
            answer => answer,
        };
        match self.step {
            Step::Version => Answered::Reply(version(settings, answer)),
            Step::HealthAlarm => {
                if let Some(alarm) = self.alarm(answer) {
                    return Answered::Reply(health(Some(&format!("ALARM {alarm}"))));
                }
                self.step = Step::HealthRange;
                let probe = RangeRequest {
                    key: vec![0],
                    limit: 1,
                    serializable: self.serializable,
                    keys_only: true,
                };
                match self.call.take() {
                    Some(call) => Answered::Call(Call {
                        path: KV_RANGE.path,
                        message: probe.encode_to_vec(),
                        ..call
                    }),
                    None => Answered::Reply(health(Some("RANGE ERROR:no call"))),
                }
            }
            Step::Passed => Answered::Nothing,
            Step::HealthRange => Answered::Reply(match answer {
                Err(status) if !is_auth_refusal(&status) => {
                    health(Some(&format!("RANGE ERROR:{}", status.message)))
                }
                _ => health(None),
            }),
        }
    }

    /// The head of the answer to a request that has gone on itself. One of gRPC is none to it.
    pub(super) fn response_head(
        &self,
        settings: &Settings,
        headers: &Headers<'_>,
    ) -> Result<(), Reply> {
        match headers.get("content-type") {
            Some(kind) if kind.starts_with(b"application/grpc") => {
                let message = "the upstream answered a GET of /version or /health with gRPC";
                let status = Status::new(Code::UNKNOWN, message);
                Err(http::error_reply_as(
                    settings.dialect,
                    502,
                    &status,
                    Reason::NotGrpc,
                ))
            }
            _ => Ok(()),
        }
    }

    /// The name of the first alarm that counts. A call that fails tells of none.
    fn alarm(&self, answer: Result<&[u8], Status>) -> Option<&'static str> {
        let response = AlarmResponse::decode(answer.ok()?).ok()?;
        let [nospace, corrupt, unknown] = ALARMS;
        let mut names = response.alarms.iter().map(|member| match member.alarm {
            1 => nospace,
            2 => corrupt,
            _ => unknown,
        });
        names.find(|name| !self.excluded.contains(name))
    }
}

/// Whether the route's cluster does not speak gRPC: the host makes a status of what its HTTP server answers, without a
/// word, where etcd has words for every error. A cluster that is not there or does not answer may well be an etcd.
fn is_no_grpc(status: &Status) -> bool {
    let unreachable = [Code::UNAVAILABLE, Code::DEADLINE_EXCEEDED].contains(&status.code);
    status.message.is_empty() && !unreachable
}

/// Whether etcd is there and merely wants to know who asks.
fn is_auth_refusal(status: &Status) -> bool {
    matches!(
        status.code,
        Code::INVALID_ARGUMENT | Code::PERMISSION_DENIED | Code::UNAUTHENTICATED
    ) && [
        "user name is empty",
        "permission denied",
        "invalid auth token",
    ]
    .iter()
    .any(|refusal| status.message.ends_with(refusal))
}

#[cfg(test)]
mod tests;
