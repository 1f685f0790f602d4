//! What is counted of an exchange, so that all of a worker's together stay within bounds.

use super::Exchange;
use super::call::Call;
use super::memory::Claim;
use super::refusal;
use crate::http::{self, Headers, Reason, Reply};

impl Exchange {
    /// Says how many bytes of lines wait for their way out.
    pub fn set_waiting(&mut self, bytes: usize) {
        self.share.set_lines(bytes);
    }

    /// Says how many bytes of request messages wait for theirs.
    pub fn set_kept(&mut self, bytes: usize) {
        self.share.set_requests(bytes);
    }

    /// Counts a request.
    pub(super) fn admit(&mut self, claim: Claim, headers: &Headers<'_>) -> Result<(), Reply> {
        if self.share.admit(claim, headers.size()) {
            Ok(())
        } else {
            Err(self.full())
        }
    }

    /// Counts a request with a call beside it.
    pub(super) fn admit_call(&mut self, call: &Call, headers: &Headers<'_>) -> Result<(), Reply> {
        self.admit(Claim::Waiting, headers)?;
        self.share.set_call(Some(call.size()));
        Ok(())
    }

    /// The refusal of a request for which there is no room.
    pub(super) fn full(&self) -> Reply {
        http::error_reply(self.settings.dialect, &refusal::full(), Reason::Full)
    }
}
