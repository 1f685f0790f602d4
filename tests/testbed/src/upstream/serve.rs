//! The asynchronous half of the scripted upstream: connections, streams, steps.

use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Ping, PingPong, Reason, RecvStream, SendStream};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};

use super::{Call, Field, Otherwise, Received, Shared, Step};
use crate::wire;

/// Streams that are reset before they are looked at: a client's haste is not this side's to punish.
const MAX_RESETS: usize = 1 << 20;

/// Wide windows: what a test wants to throttle is the filter's side, not this one.
const WINDOW: u32 = 1 << 20;

enum Command {
    GoAway,
    Disconnect,
}

/// What a stream can ask of its connection.
#[derive(Clone)]
struct Handle {
    commands: mpsc::UnboundedSender<Command>,
    flushes: mpsc::UnboundedSender<oneshot::Sender<()>>,
}

impl Handle {
    fn command(&self, command: Command) {
        let _ = self.commands.send(command);
    }

    /// Returns once the peer has what was sent so far: h2 drops a stream's queued frames when it resets the stream.
    async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.flushes.send(done).is_ok() {
            let _ = flushed.await;
        }
    }
}

/// Answers each flush after a PING has come back.
async fn flush(mut ping: PingPong, mut asked: mpsc::UnboundedReceiver<oneshot::Sender<()>>) {
    while let Some(done) = asked.recv().await {
        let _ = ping.ping(Ping::opaque()).await;
        let _ = done.send(());
    }
}

/// Accepts connections until `stopped` says so; the connections end with it.
pub(super) async fn accept(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let socket = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        if let Ok((socket, _)) = socket {
            shared.lock().connections += 1;
            let mut stopped = stopped.clone();
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                tokio::select! {
                    () = connection(socket, shared) => {}
                    _ = stopped.changed() => {}
                }
            });
        }
    }
}

async fn connection(socket: TcpStream, shared: Arc<Shared>) {
    // Without it a DATA frame could wait for the peer's delayed acknowledgement.
    let _ = socket.set_nodelay(true);
    let mut builder = h2::server::Builder::new();
    builder
        .initial_window_size(WINDOW)
        .initial_connection_window_size(16 * WINDOW)
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_local_error_reset_streams(Some(MAX_RESETS));
    let Ok(mut connection) = builder.handshake::<_, Bytes>(socket).await else {
        return;
    };
    let (commands, mut commanded) = mpsc::unbounded_channel();
    let (flushes, asked) = mpsc::unbounded_channel();
    if let Some(ping) = connection.ping_pong() {
        tokio::spawn(flush(ping, asked));
    }
    let handle = Handle { commands, flushes };
    loop {
        tokio::select! {
            accepted = connection.accept() => match accepted {
                Some(Ok((request, respond))) => {
                    tokio::spawn(stream(request, respond, Arc::clone(&shared), handle.clone()));
                }
                Some(Err(_)) | None => return,
            },
            Some(command) = commanded.recv() => match command {
                Command::GoAway => connection.graceful_shutdown(),
                Command::Disconnect => return,
            },
        }
    }
}

/// Where the steps of one answer come from.
enum Steps {
    Script(std::vec::IntoIter<Step>),
    Live(mpsc::UnboundedReceiver<Step>),
}

async fn stream(
    request: Request<RecvStream>,
    respond: SendResponse<Bytes>,
    shared: Arc<Shared>,
    connection: Handle,
) {
    let (head, body) = request.into_parts();
    let received = Received {
        method: head.method.to_string(),
        path: head
            .uri
            .path_and_query()
            .map(ToString::to_string)
            .unwrap_or_default(),
        authority: head
            .uri
            .authority()
            .map(ToString::to_string)
            .unwrap_or_default(),
        headers: from_map(&head.headers),
        ..Received::default()
    };
    let (entry, watched) = watch::channel(received);
    let mut steps = begin(&shared, &entry);
    let reading = tokio::spawn(read(body, entry.clone(), Arc::clone(&shared)));
    let mut answer = Answer {
        sending: Sending::Head(respond),
        received: watched,
        connection,
    };

    let mut outcome = Ok(());
    while outcome.is_ok() {
        let Some(step) = next(&mut steps, &mut answer.sending).await else {
            break;
        };
        outcome = answer.perform(step).await;
    }
    // Keeps the stream open until the peer gives up, unless the script ended it.
    let reset = match outcome {
        Ok(()) => answer.sending.given_up().await,
        Err(error) => error.reason(),
    };
    if let Some(reason) = reset {
        update(&entry, &shared, |received| {
            received.reset = Some(reason.into())
        });
    }
    // A finished answer does not end the request: what still arrives is recorded.
    let _ = reading.await;
}

/// Enters the request in the log and picks its answer, in one step, so that a test never sees one without the other.
fn begin(shared: &Arc<Shared>, entry: &watch::Sender<Received>) -> Steps {
    let mut state = shared.lock();
    state.log.push(entry.clone());
    let scripted = state.next.pop_front().or_else(|| match &state.otherwise {
        Otherwise::Script(answers) => Some(answers(&entry.borrow())),
        Otherwise::Live => None,
    });
    let steps = match scripted {
        Some(script) => Steps::Script(script.0.into_iter()),
        None => {
            let (steps, coming) = mpsc::unbounded_channel();
            state.calls.push_back(Call {
                shared: Arc::clone(shared),
                received: entry.subscribe(),
                steps,
            });
            Steps::Live(coming)
        }
    };
    drop(state);
    shared.changed.notify_all();
    steps
}

async fn next(steps: &mut Steps, sending: &mut Sending) -> Option<Step> {
    match steps {
        Steps::Script(steps) => steps.next(),
        Steps::Live(steps) => tokio::select! {
            step = steps.recv() => step,
            _ = sending.given_up(), if !matches!(sending, Sending::Ended) => None,
        },
    }
}

async fn read(mut body: RecvStream, entry: watch::Sender<Received>, shared: Arc<Shared>) {
    while let Some(data) = body.data().await {
        match data {
            Ok(data) => {
                let _ = body.flow_control().release_capacity(data.len());
                update(&entry, &shared, |received| {
                    received.body.extend_from_slice(&data)
                });
            }
            Err(error) => {
                let reason = error.reason().map(u32::from);
                return update(&entry, &shared, |received| received.reset = reason);
            }
        }
    }
    let trailers = body.trailers().await.ok().flatten().unwrap_or_default();
    update(&entry, &shared, |received| {
        received.trailers = from_map(&trailers);
        received.ended = true;
    });
}

fn update(entry: &watch::Sender<Received>, shared: &Shared, change: impl FnOnce(&mut Received)) {
    // Under the lock, so that no waiting test misses the change between its look and its sleep.
    let state = shared.lock();
    entry.send_modify(change);
    drop(state);
    shared.changed.notify_all();
}

enum Sending {
    Head(SendResponse<Bytes>),
    Body(SendStream<Bytes>),
    Ended,
}

impl Sending {
    /// Waits until the peer resets the stream or the connection goes; at once on a stream that has ended.
    async fn given_up(&mut self) -> Option<Reason> {
        match self {
            Self::Head(respond) => poll_fn(|context| respond.poll_reset(context)).await.ok(),
            Self::Body(stream) => poll_fn(|context| stream.poll_reset(context)).await.ok(),
            Self::Ended => None,
        }
    }
}

struct Answer {
    sending: Sending,
    received: watch::Receiver<Received>,
    connection: Handle,
}

impl Answer {
    async fn perform(&mut self, step: Step) -> Result<(), h2::Error> {
        match step {
            Step::AwaitRequest => self.until(|received| received.ended).await,
            Step::AwaitMessages(count) => {
                self.until(|received| wire::messages(&received.body).0.len() >= count)
                    .await;
            }
            Step::Delay(time) => tokio::time::sleep(time).await,
            Step::Head {
                status,
                headers,
                end,
            } => self.head(status, &headers, end)?,
            Step::Data(data) => {
                if let Sending::Body(stream) = &mut self.sending {
                    send(stream, data.into()).await?;
                }
            }
            Step::End => {
                if let Sending::Body(mut stream) = self.finish() {
                    stream.send_data(Bytes::new(), true)?;
                }
            }
            Step::Trailers(trailers) => {
                if let Sending::Body(mut stream) = self.finish() {
                    stream.send_trailers(to_map(&trailers))?;
                }
            }
            Step::Reset(code) => {
                self.connection.flush().await;
                match self.finish() {
                    Sending::Head(mut respond) => respond.send_reset(code.into()),
                    Sending::Body(mut stream) => stream.send_reset(code.into()),
                    Sending::Ended => {}
                }
            }
            Step::GoAway => self.connection.command(Command::GoAway),
            Step::Disconnect => {
                self.connection.flush().await;
                self.connection.command(Command::Disconnect);
            }
        }
        Ok(())
    }

    fn head(&mut self, status: u16, headers: &[Field], end: bool) -> Result<(), h2::Error> {
        if let Sending::Head(respond) = &mut self.sending {
            let mut response = Response::new(());
            *response.status_mut() =
                http::StatusCode::from_u16(status).expect("a script's HTTP status");
            *response.headers_mut() = to_map(headers);
            let stream = respond.send_response(response, end)?;
            self.sending = if end {
                Sending::Ended
            } else {
                Sending::Body(stream)
            };
        }
        Ok(())
    }

    /// A request that breaks off counts as arrived: nothing more will come.
    async fn until(&mut self, arrived: impl Fn(&Received) -> bool) {
        let _ = self
            .received
            .wait_for(|received| received.reset.is_some() || arrived(received))
            .await;
    }

    fn finish(&mut self) -> Sending {
        std::mem::replace(&mut self.sending, Sending::Ended)
    }
}

async fn send(stream: &mut SendStream<Bytes>, mut data: Bytes) -> Result<(), h2::Error> {
    while !data.is_empty() {
        stream.reserve_capacity(data.len());
        let Some(capacity) = poll_fn(|context| stream.poll_capacity(context)).await else {
            return Ok(());
        };
        let piece = data.split_to(capacity?.min(data.len()));
        stream.send_data(piece, false)?;
    }
    Ok(())
}

fn from_map(map: &HeaderMap) -> Vec<Field> {
    map.iter()
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect()
}

fn to_map(fields: &[Field]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a script's header name");
        map.append(
            name,
            HeaderValue::from_bytes(value).expect("a script's header value"),
        );
    }
    map
}
