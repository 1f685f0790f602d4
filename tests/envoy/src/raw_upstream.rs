//! An upstream that says in HTTP/2 whatever a script says, to the byte.
//!
//! Which script answers a request is said by the request itself: the header `case` has the script's number in a form
//! that is found without decoding HPACK.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use crate::frames::{
    self, ACK, DATA, END_STREAM, Frame, HEADERS, PING, PREFACE, SETTINGS, WINDOW_UPDATE,
};

/// How long a script waits for what the gateway must send before it goes on without.
const PATIENCE: Duration = Duration::from_secs(20);

/// Digits of a case's number, base 3: in Huffman's code those are five bits each, so that all are whole bytes.
const DIGITS: usize = 16;

/// The header that tells the case, as the upstream sees it. A JSON client prefixes it with `Grpc-Metadata-`.
pub const CASE: &str = "case";

/// One thing that the upstream does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends this DATA frame so many times, as fast as the gateway's windows allow.
    Flood(Vec<u8>, usize),
    /// Waits for the first bytes of the request's body.
    AwaitData,
    /// Waits for the request's end.
    AwaitEnd,
    /// Does nothing for a while.
    Delay(Duration),
    /// Closes the connection.
    Close,
}

/// What answers a request on the stream of this number.
pub type Script = Arc<dyn Fn(u32) -> Vec<Act> + Send + Sync>;

/// A running upstream.
pub struct RawUpstream {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
}

impl RawUpstream {
    /// Listens on a free loopback port; `scripts` by their numbers.
    pub fn start(scripts: Arc<Vec<Script>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let scripts = Arc::clone(&scripts);
                thread::spawn(move || serve(&socket, &scripts));
            }
        });
        Self { address, stopping }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for RawUpstream {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address); // wakes the accepting thread
    }
}

/// The value of the header that asks for the script of this number.
pub fn case_value(mut number: usize) -> String {
    let mut digits = vec![b'0'; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 3) as u8;
        number /= 3;
    }
    String::from_utf8(digits).unwrap()
}

/// The number in a header block, wherever it stands: its length with Huffman's bit before it, and each digit as five
/// bits whose value is the digit's.
fn case_in(block: &[u8]) -> Option<usize> {
    let length = DIGITS * 5 / 8;
    let mark = 0x80 | length as u8;
    block.windows(length + 1).find_map(|window| {
        let (first, code) = window.split_first()?;
        let bits = code
            .iter()
            .fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let digits = (0..DIGITS).rev().map(|place| (bits >> (5 * place)) & 0x1f);
        let number = digits.clone().fold(0, |number, digit| number * 3 + digit);
        (*first == mark && digits.max()? < 3).then_some(number as usize)
    })
}

/// The windows of a connection and of its one stream before the gateway says otherwise.
const WINDOW: i64 = 65_535;

/// How far a request has come, and how much may be sent in answer.
struct State {
    data: bool,
    ended: bool,
    connection_window: i64,
    stream_window: i64,
}

struct Progress {
    state: Mutex<State>,
    changed: Condvar,
}

impl Progress {
    fn new() -> Self {
        let state = State {
            data: false,
            ended: false,
            connection_window: WINDOW,
            stream_window: WINDOW,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    fn note(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }

    fn wait(&self, reached: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.state.lock().unwrap();
        let waiting = |state: &mut State| !reached(state);
        self.changed
            .wait_timeout_while(state, PATIENCE, waiting)
            .unwrap()
            .0
    }

    /// Waits until so many bytes of DATA may be sent; false if that never comes.
    fn reserve(&self, size: usize) -> bool {
        let size = size as i64;
        let fits = |state: &State| state.connection_window.min(state.stream_window) >= size;
        let mut state = self.wait(fits);
        state.connection_window -= size;
        state.stream_window -= size;
        state.connection_window.min(state.stream_window) >= 0
    }
}

/// Serves one connection. All its errors are ends of the connection, which is what some scripts want.
fn serve(socket: &TcpStream, scripts: &Arc<Vec<Script>>) {
    let progress = Arc::new(Progress::new());
    let _ = read_all(socket, scripts, &progress);
    progress.note(|state| {
        state.ended = true;
        state.data = true;
    });
}

fn read_all(
    mut socket: &TcpStream,
    scripts: &Arc<Vec<Script>>,
    progress: &Arc<Progress>,
) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut reader = BufReader::new(socket);
    let mut preface = vec![0; PREFACE.len()];
    reader.read_exact(&mut preface)?;
    socket.write_all(&frames::frame(SETTINGS, 0, 0, &[]))?;
    while let Some(frame) = frames::read(&mut reader)? {
        let ended = frame.flags & END_STREAM != 0;
        match frame.kind {
            SETTINGS if frame.flags & ACK == 0 => {
                progress.note(|state| state.stream_window += initial_window(&frame.payload));
                socket.write_all(&frames::frame(SETTINGS, ACK, 0, &[]))?;
            }
            PING if frame.flags & ACK == 0 => {
                socket.write_all(&frames::frame(PING, ACK, 0, &frame.payload))?;
            }
            HEADERS => {
                progress.note(|state| state.ended |= ended);
                let script = case_in(&frame.payload).and_then(|case| scripts.get(case));
                let acts = script
                    .map(|script| script(frame.stream))
                    .unwrap_or_default();
                let (socket, progress) = (socket.try_clone()?, Arc::clone(progress));
                thread::spawn(move || play(socket, &acts, &progress));
            }
            DATA => progress.note(|state| {
                state.data |= !frame.payload.is_empty();
                state.ended |= ended;
            }),
            WINDOW_UPDATE => progress.note(|state| widen(state, &frame)),
            _ => {}
        }
    }
    Ok(())
}

fn play(mut socket: TcpStream, acts: &[Act], progress: &Progress) {
    for act in acts {
        match act {
            Act::Send(bytes) => {
                if socket.write_all(bytes).is_err() {
                    return;
                }
            }
            Act::Flood(frame, count) => {
                for _ in 0..*count {
                    let size = frame.len().saturating_sub(frames::HEADER);
                    if !progress.reserve(size) || socket.write_all(frame).is_err() {
                        return;
                    }
                }
            }
            Act::AwaitData => drop(progress.wait(|state| state.data || state.ended)),
            Act::AwaitEnd => drop(progress.wait(|state| state.ended)),
            Act::Delay(time) => thread::sleep(*time),
            Act::Close => {
                let _ = socket.shutdown(Shutdown::Both);
            }
        }
    }
}

/// Adds what a WINDOW_UPDATE brings.
fn widen(state: &mut State, frame: &Frame) {
    let Ok(increment) = <[u8; 4]>::try_from(frame.payload.as_slice()) else {
        return;
    };
    let increment = i64::from(u32::from_be_bytes(increment));
    if frame.stream == 0 {
        state.connection_window += increment;
    } else {
        state.stream_window += increment;
    }
}

/// By how much settings widen a stream's window.
fn initial_window(settings: &[u8]) -> i64 {
    let windows = settings.chunks_exact(6).filter_map(|setting| {
        let (name, value) = setting.split_first_chunk::<2>()?;
        let value = u32::from_be_bytes(value.try_into().ok()?);
        (*name == INITIAL_WINDOW_SIZE).then_some(i64::from(value) - WINDOW)
    });
    windows.sum()
}

/// SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113, 6.5.2).
const INITIAL_WINDOW_SIZE: [u8; 2] = [0, 4];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_found_in_a_header_block() {
        // The digits 0, 1 and 2 are the codes 00000, 00001 and 00010 (RFC 7541, appendix B).
        let number = 3_usize.pow(10) + 7;
        let bits = case_value(number)
            .bytes()
            .fold(0_u128, |bits, digit| bits << 5 | u128::from(digit - b'0'));
        let code = &bits.to_be_bytes()[6..];
        let block = [b"\x40\x84abc".as_slice(), &[0x8a], code, b"\x83xyz"].concat();
        assert_eq!(case_in(&block), Some(number));
        assert_eq!(case_in(b"\x8anothing of the kind"), None);
    }
}
