//! What every request message passes on its way to etcd: its call's policy, if it has one.

use super::course::Ending;
use super::memory::Claim;
use super::native::Native;
use super::settings::Settings;
use super::{Exchange, State, refusal};
use crate::grpc::{Code, Status};
use crate::http::{Headers, Reason};
use crate::policy::Tally;
use crate::schema::{self, Method};

/// gRPC's own service by which proxies ask whether etcd serves. It knows no keys, as `/health` does not.
const HEALTH: &[u8] = b"/grpc.health.v1.Health/";

/// The guard of one call.
#[derive(Debug)]
pub(super) struct Guard {
    method: &'static Method,
    /// Its number.
    policy: Option<usize>,
    tally: Tally,
}

impl Guard {
    /// The guard of a call of this method by a request with these headers, which came by the path prefix `path` if it is
    /// JSON. An error says why there is to be none.
    pub(super) fn new(
        settings: &Settings,
        method: &'static Method,
        headers: &Headers<'_>,
        path: Option<&str>,
    ) -> Result<Self, Status> {
        let policy = settings.policies.choose(headers, path)?;
        if let Some(policy) = policy.and_then(|policy| settings.policies.get(policy)) {
            policy.admits(method)?;
        }
        Ok(Self {
            method,
            policy,
            tally: Tally::default(),
        })
    }

    /// The method that is called.
    pub(super) fn method(&self) -> &'static Method {
        self.method
    }

    /// Whether this encoded message may be sent.
    pub(super) fn judge(&mut self, settings: &Settings, message: &[u8]) -> Result<(), Status> {
        match self.policy.and_then(|policy| settings.policies.get(policy)) {
            None => Ok(()),
            Some(policy) => policy.judge(self.method, message, &mut self.tally),
        }
    }
}

impl Exchange {
    /// Has the request of a native gRPC call judged, where there are policies. An error says why the call is refused.
    pub(super) fn judge_native(
        &mut self,
        headers: &Headers<'_>,
        is_grpc: bool,
    ) -> Result<(), (Status, Reason)> {
        let path = headers.get(":path").unwrap_or_default();
        let method = std::str::from_utf8(path).ok().and_then(schema::method);
        // What etcd takes for gRPC is for etcd to say.
        let concerns = is_grpc || method.is_some();
        if self.settings.policies.is_empty() || !concerns || path.starts_with(HEALTH) {
            return Ok(());
        }
        let denied = |status| (status, Reason::Policy);
        let Some(method) = method else {
            let message = "denied by the rule policies: the method is unknown";
            return Err(denied(Status::new(Code::PERMISSION_DENIED, message)));
        };
        let guard = Guard::new(&self.settings, method, headers, None).map_err(denied)?;
        let streams = method.client_streaming || method.server_streaming;
        let claim = if streams {
            Claim::Waiting
        } else {
            Claim::Brief
        };
        if !self.share.admit(claim, headers.size()) {
            return Err((refusal::full(), Reason::Full));
        }
        self.state = State::Native(Native::new(guard));
        Ok(())
    }

    /// The last thing that a native gRPC client gets.
    pub(super) fn finish_native(&mut self, status: Status, reason: Reason) -> Status {
        self.state = State::Passive;
        let code = status.code;
        self.ending.get_or_insert(Ending { code, reason });
        self.share.release();
        status
    }

    /// The same for what a message is refused for.
    pub(super) fn refuse_native(&mut self, status: Status) -> Status {
        let reason = match status.code {
            Code::PERMISSION_DENIED => Reason::Policy,
            Code::RESOURCE_EXHAUSTED => Reason::TooLarge,
            Code::DEADLINE_EXCEEDED => Reason::Overdue,
            _ => Reason::NativeGrpc,
        };
        self.finish_native(status, reason)
    }
}
