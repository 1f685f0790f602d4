//! One direction of a stream.

use etcd_json_gateway::filter::abi::Action;

/// Headers or trailers.
pub type List = Vec<(Vec<u8>, Vec<u8>)>;

/// What has come, what the filter holds of it, and what has gone on.
#[derive(Debug, Default)]
pub struct Half {
    /// The head as it is now.
    pub headers: List,
    /// The trailers as they are now.
    pub trailers: Option<List>,
    /// The body that has gone on, piece by piece.
    pub out: Vec<Vec<u8>>,
    /// Whether the head has gone on.
    pub head_out: bool,
    /// Whether the end has gone on.
    pub end_out: bool,
    /// The buffer that filters share.
    pub(crate) buffer: Vec<u8>,
    /// What of it the router keeps for a retry.
    pub(crate) retained: usize,
    /// Whether the router does so.
    pub(crate) retains: bool,
    /// The piece that a callback is about, where it is not in the buffer.
    pub(crate) piece: Option<Vec<u8>>,
    /// Whether pieces go into the buffer: the last one was paused.
    pub(crate) buffering: bool,
    /// Whether a pause of the head holds everything behind it.
    pub(crate) holds_all: bool,
    /// What has come meanwhile.
    waiting: Option<Vec<u8>>,
    /// Whether the direction stands still.
    stopped: bool,
    pub(crate) has_head: bool,
    pub(crate) has_ended: bool,
    /// Whether it is to go on once the module has returned.
    pub(crate) resumes: bool,
}

impl Half {
    /// Whether its head has come.
    #[must_use]
    pub fn has_head(&self) -> bool {
        self.has_head
    }

    /// Whether its end has come.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Whether everything behind the head is held.
    pub(crate) fn waits(&self) -> bool {
        self.waiting.is_some()
    }

    /// Takes a piece of body; how many bytes the callback is about.
    pub(crate) fn piece(&mut self, bytes: &[u8]) -> Option<usize> {
        if let Some(waiting) = &mut self.waiting {
            waiting.extend_from_slice(bytes);
            return None;
        }
        if self.buffering {
            self.buffer.extend_from_slice(bytes);
            return Some(self.buffer.len());
        }
        self.piece = Some(bytes.to_vec());
        Some(bytes.len())
    }

    /// What the module sees of the body now.
    pub(crate) fn seen(&mut self) -> Option<&mut Vec<u8>> {
        if self.buffering {
            Some(&mut self.buffer)
        } else {
            self.piece.as_mut()
        }
    }

    pub(crate) fn after_headers(&mut self, action: Action) {
        self.stopped = action != Action::Continue;
        self.head_out = !self.stopped;
        self.end_out = !self.stopped && self.has_ended;
        if self.stopped && self.holds_all {
            self.waiting = Some(Vec::new());
        }
    }

    pub(crate) fn after_body(&mut self, action: Action) {
        let piece = self.piece.take().unwrap_or_default();
        match action {
            Action::Continue => {
                if self.stopped || self.buffering {
                    self.buffer.extend(piece);
                    self.pass_buffer();
                } else {
                    self.pass(piece);
                }
                self.buffering = false;
            }
            Action::Pause => {
                self.buffer.extend(piece);
                self.buffering = true;
                self.stopped = true;
            }
            Action::PauseWithoutBuffer => {
                self.buffering = false;
                self.stopped = true;
            }
        }
    }

    pub(crate) fn after_trailers(&mut self, action: Action) {
        if action == Action::Continue {
            self.pass_buffer();
        } else {
            self.stopped = true;
        }
    }

    /// Goes on; gives what has waited behind a head that was held with everything behind it.
    pub(crate) fn resume(&mut self) -> Option<Vec<u8>> {
        if let Some(waiting) = self.waiting.take() {
            self.head_out = true;
            self.stopped = false;
            return Some(waiting);
        }
        self.pass_buffer();
        None
    }

    fn pass_buffer(&mut self) {
        let bytes = std::mem::take(&mut self.buffer);
        self.retained = 0;
        self.stopped = false;
        self.pass(bytes);
    }

    fn pass(&mut self, bytes: Vec<u8>) {
        self.head_out = true;
        if self.retains {
            self.buffer.extend_from_slice(&bytes);
            self.retained = self.buffer.len();
        }
        if !bytes.is_empty() {
            self.out.push(bytes);
        }
        self.end_out |= self.has_ended;
    }
}
