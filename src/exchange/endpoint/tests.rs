//! What clients of the endpoints see, by what etcd answers.

use super::messages::{AlarmMember, StatusResponse};
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
    let answer = body(Endpoint::version().call_answered(&settings(), Ok(&status.encode_to_vec())));
    assert_eq!(
        answer,
        (
            200,
            r#"{"etcdserver":"3.7.3","etcdcluster":"3.7.0","storage":"3.7.0"}"#.into()
        )
    );
    status.storage_version.clear();
    let answer = body(Endpoint::version().call_answered(&settings(), Ok(&status.encode_to_vec())));
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
    let answer = body(Endpoint::version().call_answered(&settings(), Ok(&status.encode_to_vec())));
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
    let answer =
        body(Endpoint::version().call_answered(&settings(), refused(Code::UNAVAILABLE, "down")));
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
