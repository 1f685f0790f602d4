// Changes as they come: over a WebSocket, or, where none can be opened, as the lines of an answer that goes on.
import { base, lines, refusal, Refused, token } from './api.js';

const LONGEST_WAIT = 8000;
/** A socket that has not opened by then, in milliseconds, is not waited for: what lies between may swallow the offer. */
const OPENS_WITHIN = 6000;
/** Where it is found that no socket opens, but an answer comes, sockets are left alone for so long. */
const SOCKETS_AGAIN = 600_000;
/** How often etcd is asked whether a quiet socket still leads to it, and after how long a silence it does not. */
const ASK_EVERY = 20_000;
const SILENT = 65_000;

let noSocketsUntil = 0;

/** No socket could be opened. A browser tells no page why. */
class NoSocket extends Error {}

/** Hands each message of a socket to `take`, until that answers false, the signal aborts or the socket ends. */
function overSocket(request, signal, take) {
  return new Promise((resolve, reject) => {
    const url = new URL('watch?x-etcd-bytes=base64', base);
    url.protocol = url.protocol.replace('http', 'ws');
    let socket;
    try {
      socket = new WebSocket(url, token() ? ['Bearer', token()] : []);
    } catch {
      // A token that is no name of a subprotocol.
      reject(new NoSocket());
      return;
    }
    let opened = false;
    let heard = 0;
    let timer = null;
    const end = (settle, outcome) => {
      clearTimeout(timer);
      clearInterval(timer);
      signal.removeEventListener('abort', stop);
      Object.assign(socket, { onopen: null, onmessage: null, onclose: null });
      socket.close();
      settle(outcome);
    };
    const stop = () => end(resolve);
    signal.addEventListener('abort', stop);
    timer = setTimeout(() => end(reject, new NoSocket()), OPENS_WITHIN);
    socket.onopen = () => {
      opened = true;
      heard = performance.now();
      clearTimeout(timer);
      timer = setInterval(() => {
        if (performance.now() - heard > SILENT) end(resolve);
        else socket.send('{"progress_request":{}}');
      }, ASK_EVERY);
      socket.send(JSON.stringify(request));
    };
    socket.onmessage = ({ data }) => {
      heard = performance.now();
      try {
        if (!take(JSON.parse(data))) end(resolve);
      } catch (error) {
        end(reject, error);
      }
    };
    socket.onclose = () => (opened ? end(resolve) : end(reject, new NoSocket()));
  });
}

/** The same over the lines of an answer. */
async function overLines(request, signal, take) {
  for await (const line of lines('watch', JSON.stringify(request), signal)) {
    noSocketsUntil ||= performance.now() + SOCKETS_AGAIN;
    if (signal.aborted || !take(line)) return;
  }
}

/**
 * Follows a range and comes back by itself when the connection is lost, behind the last revision it has seen: no change is
 * missed or told twice. `events(list)` gets what changes, `state(name, error, way)` one of `connecting`, `live`, `lost` and
 * `refused`, the way `socket` or `lines`, and `missed(revision)` is told when what lies between has been compacted.
 */
export class Watch {
  #stop = new AbortController();
  /** The keys told of in the revision `from`, of which the rest may come yet. */
  #told = new Set();
  #wait = 500;

  constructor(range, { events, state, missed, from = null }) {
    Object.assign(this, { range, events, state, missed, from });
    this.#run();
  }

  close() {
    this.#stop.abort();
  }

  async #run() {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.state('connecting');
      try {
        await this.#once(signal);
        if (!signal.aborted) this.state('lost');
      } catch (error) {
        if (signal.aborted) return;
        if (error.status >= 400 && error.status < 500 && error.status !== 429) {
          this.state('refused', error);
          return;
        }
        this.state('lost', error);
      }
      const wait = this.#wait;
      this.#wait = Math.min(wait * 2, LONGEST_WAIT);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  async #once(signal) {
    const create = { ...this.range, fragment: true };
    if (this.from) create.start_revision = String(this.from);
    const request = { create_request: create };
    if (performance.now() >= noSocketsUntil) {
      noSocketsUntil = 0;
      try {
        await overSocket(request, signal, (document) => this.#take(document, 'socket'));
        return;
      } catch (error) {
        if (!(error instanceof NoSocket)) throw error;
        if (signal.aborted) return;
      }
    }
    await overLines(request, signal, (document) => this.#take(document, 'lines'));
  }

  /** Takes a document; false where the watch has ended. */
  #take({ error, result }, way) {
    if (error) throw refusal(error.http_code ?? 500, error);
    if (result.canceled) {
      if (!Number(result.compact_revision)) throw new Refused(result.cancel_reason || 'The watch was cancelled.', 403);
      this.missed(result.compact_revision);
      this.#goOn(BigInt(result.compact_revision));
      return false;
    }
    if (result.created) {
      this.#wait = 500;
      this.state('live', null, way);
      if (this.from === null) this.#goOn(BigInt(result.header?.revision ?? 0) + 1n);
    }
    if (result.events?.length) this.#tell(result);
    return true;
  }

  #goOn(from) {
    this.from = from;
    this.#told.clear();
  }

  #tell({ events, fragment }) {
    const fresh = events.filter(({ kv }) => {
      const revision = BigInt(kv.mod_revision);
      return this.from === null || revision > this.from || (revision === this.from && !this.#told.has(kv.key));
    });
    const last = BigInt(events.at(-1).kv.mod_revision);
    // The rest of a revision may be in the next piece.
    if (!fragment) this.#goOn(last + 1n);
    else {
      if (last !== this.from) this.#goOn(last);
      for (const { kv } of events) if (BigInt(kv.mod_revision) === last) this.#told.add(kv.key);
    }
    if (fresh.length) this.events(fresh);
  }
}
