//! `GET /version` and `GET /health`, answered from etcd's gRPC API (`decisions.md`, Endpoints).

use prost::Message as _;

use super::call::{Answered, Call};
use super::settings::Settings;
use crate::grpc::{Code, Status};
use crate::http::{self, Header, Headers, Reply};
use crate::schema::Method;
use crate::schema::tables::{KV_RANGE, MAINTENANCE_ALARM, MAINTENANCE_STATUS};

/// How long one of the calls may take: as long as etcd gives its own probe.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// Longest answer of etcd's, in bytes, that is looked at: a version or the alarms of all members are a
/// few hundred.
const MAX_ANSWER: usize = 64 << 10;

/// The alarms, by their numbers from 1; the last stands for any other.
const ALARMS: [&str; 3] = ["NOSPACE", "CORRUPT", "UNKNOWN"];

/// What of `etcdserverpb.StatusResponse` is told.
#[derive(Clone, PartialEq, prost::Message)]
struct StatusResponse {
    #[prost(string, tag = "2")]
    version: String,
    #[prost(string, tag = "11")]
    storage_version: String,
}

/// What of `etcdserverpb.AlarmResponse` is told.
#[derive(Clone, PartialEq, prost::Message)]
struct AlarmResponse {
    #[prost(message, repeated, tag = "2")]
    alarms: Vec<AlarmMember>,
}

/// `etcdserverpb.AlarmMember`
#[derive(Clone, PartialEq, prost::Message)]
struct AlarmMember {
    #[prost(int32, tag = "2")]
    alarm: i32,
}

/// The part of `etcdserverpb.RangeRequest` that a probe needs.
#[derive(Clone, PartialEq, prost::Message)]
struct RangeRequest {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    #[prost(int64, tag = "3")]
    limit: i64,
    #[prost(bool, tag = "7")]
    serializable: bool,
    #[prost(bool, tag = "8")]
    keys_only: bool,
}

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
                let message = "upstream answered neither gRPC nor HTTP as it should";
                let status = Status::new(Code::UNKNOWN, message);
                Err(http::error_reply_as(settings.dialect, 502, &status))
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

fn version(settings: &Settings, answer: Result<&[u8], Status>) -> Reply {
    let status = match answer {
        Ok(message) => StatusResponse::decode(message).unwrap_or_default(),
        Err(status) if is_auth_refusal(&status) => StatusResponse::default(),
        Err(status) => return http::error_reply(settings.dialect, &status),
    };
    let (server, cluster) = if status.version.is_empty() {
        (settings.etcd_version.clone(), settings.etcd_version.clone())
    } else {
        let mut parts = status.version.split('.');
        let mut part = || parts.next().unwrap_or_default();
        let (major, minor) = (part(), part());
        (status.version.clone(), format!("{major}.{minor}.0"))
    };
    let mut members = vec![
        ("etcdserver", server.as_str()),
        ("etcdcluster", cluster.as_str()),
    ];
    if !status.storage_version.is_empty() {
        members.push(("storage", &status.storage_version));
    }
    http::success(object(&members))
}

fn health(reason: Option<&str>) -> Reply {
    let (status, healthy) = if reason.is_none() {
        (200, "true")
    } else {
        (503, "false")
    };
    let members = [("health", healthy), ("reason", reason.unwrap_or_default())];
    Reply::new(status, "application/json", object(&members))
}

/// A JSON object of strings.
fn object(members: &[(&str, &str)]) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, value) in members {
        text.push(if text.is_empty() { b'{' } else { b',' });
        http::push_json_string(name, false, &mut text);
        text.push(b':');
        http::push_json_string(value, false, &mut text);
    }
    text.push(b'}');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn settings() -> Settings {
        Settings::new(&Config::default())
    }

    fn body(answered: Answered) -> (u16, String) {
        match answered {
            Answered::Reply(reply) => (reply.status, String::from_utf8(reply.body).unwrap()),
            other => panic!("{other:?}"),
        }
    }

    fn next(answered: Answered) -> Call {
        match answered {
            Answered::Call(call) => call,
            other => panic!("{other:?}"),
        }
    }

    fn refused(code: Code, message: &str) -> Result<&'static [u8], Status> {
        Err(Status::new(code, message))
    }

    #[test]
    fn version_tells_what_status_tells() {
        let mut status = StatusResponse {
            version: "3.7.3".into(),
            storage_version: "3.7.0".into(),
        };
        let answer =
            body(Endpoint::version().call_answered(&settings(), Ok(&status.encode_to_vec())));
        assert_eq!(
            answer,
            (
                200,
                r#"{"etcdserver":"3.7.3","etcdcluster":"3.7.0","storage":"3.7.0"}"#.into()
            )
        );
        status.storage_version.clear();
        let answer =
            body(Endpoint::version().call_answered(&settings(), Ok(&status.encode_to_vec())));
        assert_eq!(
            answer,
            (
                200,
                r#"{"etcdserver":"3.7.3","etcdcluster":"3.7.0"}"#.into()
            )
        );
    }

    #[test]
    fn version_of_a_pre_release_has_a_cluster_version_without_it() {
        let status = StatusResponse {
            version: "3.7.0-rc.0".into(),
            storage_version: String::new(),
        };
        let answer =
            body(Endpoint::version().call_answered(&settings(), Ok(&status.encode_to_vec())));
        assert_eq!(
            answer.1,
            r#"{"etcdserver":"3.7.0-rc.0","etcdcluster":"3.7.0"}"#
        );
    }

    #[test]
    fn version_is_the_configured_one_where_etcd_wants_a_login() {
        let refusal = refused(Code::INVALID_ARGUMENT, "etcdserver: user name is empty");
        let answer = body(Endpoint::version().call_answered(&settings(), refusal));
        assert_eq!(
            answer,
            (
                200,
                r#"{"etcdserver":"3.5.0","etcdcluster":"3.5.0"}"#.into()
            )
        );
        let answer = body(
            Endpoint::version().call_answered(&settings(), refused(Code::UNAVAILABLE, "down")),
        );
        assert_eq!(answer.0, 503);
    }

    #[test]
    fn health_asks_for_alarms_and_then_for_a_key() {
        let mut endpoint = Endpoint::health("");
        let first = endpoint.first_call(&[], &settings());
        assert_eq!(first.path, "/etcdserverpb.Maintenance/Alarm");
        let second = next(endpoint.call_answered(&settings(), Ok(&[])));
        assert_eq!(second.path, "/etcdserverpb.KV/Range");
        assert_eq!(RangeRequest::decode(&*second.message).unwrap().key, [0]);
        assert_eq!(
            body(endpoint.call_answered(&settings(), Ok(&[]))),
            (200, r#"{"health":"true","reason":""}"#.into())
        );
    }

    #[test]
    fn an_alarm_is_unhealthy_unless_excluded() {
        let alarms = AlarmResponse {
            alarms: vec![AlarmMember { alarm: 1 }],
        }
        .encode_to_vec();
        let mut endpoint = Endpoint::health("");
        endpoint.first_call(&[], &settings());
        let answer = body(endpoint.call_answered(&settings(), Ok(&alarms)));
        assert_eq!(
            answer,
            (503, r#"{"health":"false","reason":"ALARM NOSPACE"}"#.into())
        );
        let mut endpoint = Endpoint::health("exclude=NOSPACE&serializable=true");
        endpoint.first_call(&[], &settings());
        let call = next(endpoint.call_answered(&settings(), Ok(&alarms)));
        assert!(RangeRequest::decode(&*call.message).unwrap().serializable);
    }

    #[test]
    fn a_refusal_by_auth_is_healthy_and_any_other_error_is_not() {
        for (code, message, status) in [
            (
                Code::INVALID_ARGUMENT,
                "etcdserver: user name is empty",
                200,
            ),
            (
                Code::PERMISSION_DENIED,
                "etcdserver: permission denied",
                200,
            ),
            (Code::UNAUTHENTICATED, "etcdserver: invalid auth token", 200),
            (Code::UNAVAILABLE, "etcdserver: no leader", 503),
            (
                Code::INVALID_ARGUMENT,
                "etcdserver: key is not provided",
                503,
            ),
        ] {
            let mut endpoint = Endpoint::health("");
            endpoint.first_call(&[], &settings());
            next(endpoint.call_answered(&settings(), refused(code, message)));
            assert_eq!(
                body(endpoint.call_answered(&settings(), refused(code, message))).0,
                status,
                "{message}"
            );
        }
    }

    #[test]
    fn a_cluster_that_does_not_speak_grpc_gets_the_request_itself() {
        for endpoint in [Endpoint::version(), Endpoint::health("")] {
            let mut endpoint = endpoint;
            endpoint.first_call(&[], &settings());
            let answer = endpoint.call_answered(&settings(), refused(Code::UNIMPLEMENTED, ""));
            assert_eq!(answer, Answered::Pass);
        }
        let answer = Endpoint::version().call_answered(&settings(), refused(Code::UNAVAILABLE, ""));
        assert_eq!(body(answer).0, 503);
    }

    #[test]
    fn an_answer_that_is_too_long_is_an_error() {
        let status = StatusResponse {
            version: "3".repeat(MAX_ANSWER),
            storage_version: String::new(),
        };
        let answer = Endpoint::version().call_answered(&settings(), Ok(&status.encode_to_vec()));
        assert_eq!(body(answer).0, 429);
    }
}
