// etcd's JSON API. The token is kept here, in memory alone: it is gone with the page.

/** Where the API is: where the page is, unless index.html names another place. */
export const base = new URL(document.querySelector('meta[name="etcd-api"]')?.content || '.', document.baseURI);

let session = null;
export const user = () => session?.name ?? null;
export const logOut = () => {
  session = null;
};

export async function logIn(name, password) {
  session = null;
  const { token } = await call('auth/authenticate', { name, password });
  session = { name, token };
}

/** A refusal. `status` is HTTP's, 0 where no answer came; `code` is gRPC's. */
export class Refused extends Error {
  constructor(message, status, code) {
    super(message);
    Object.assign(this, { status, code });
  }

  /** Whether logging in would help. */
  get wantsUser() {
    return this.status === 401 || /user name is empty|invalid auth token|authentication failed/.test(this.message);
  }
}

const HINTS = {
  421: `This Envoy does not serve pages under the name ${base.host}: its route for browsers lists the names that it has.`,
  429: 'The gateway holds as much as it may. Try again.',
};

function refusal(status, body) {
  const error = body?.error ?? body;
  const message = typeof error === 'string' ? error : error?.message;
  return new Refused(message || HINTS[status] || `HTTP ${status}`, status, body?.code ?? error?.code ?? error?.grpc_code);
}

async function post(path, body, signal) {
  // Whatever the gateway is configured to speak.
  const headers = { 'Content-Type': 'application/json', 'X-Etcd-Bytes': 'base64' };
  if (session) headers.Authorization = `Bearer ${session.token}`;
  const options = { method: 'POST', headers, body, signal, cache: 'no-store', referrerPolicy: 'no-referrer' };
  const response = await fetch(new URL(path, base), options).catch((error) => {
    if (error.name === 'AbortError') throw error;
    throw new Refused('The gateway cannot be reached.', 0);
  });
  if (!response.ok) {
    const said = await response.text();
    let json = null;
    try {
      json = JSON.parse(said);
    } catch {
      // Envoy's own words.
    }
    throw refusal(response.status, json ?? { message: said.slice(0, 300) });
  }
  return response;
}

/** One call, `kv/range` or the like, with its message; the answer's message. */
export async function call(path, message = {}, signal = undefined) {
  return (await post(path, JSON.stringify(message), signal)).json();
}

/** The text of a call's answer as it comes, for the tab that tries calls. */
export async function* stream(path, body, signal) {
  const reader = (await post(path, body, signal)).body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

async function* lines(path, body, signal) {
  let parts = [];
  for await (const piece of stream(path, body, signal)) {
    const [first, ...rest] = piece.split('\n');
    parts.push(first);
    for (const next of rest) {
      if (parts.some(Boolean)) yield JSON.parse(parts.join(''));
      parts = [next];
    }
  }
  if (parts.some(Boolean)) yield JSON.parse(parts.join(''));
}

const LONGEST_WAIT = 8000;

/**
 * Follows a range and comes back by itself when the connection is lost, behind the last revision it has seen.
 * `events(list, revision)` gets what changes, `state(name, error)` one of `connecting`, `live`, `lost` and `refused`,
 * and `missed(revision)` is told when what lies between has been compacted.
 */
export class Watch {
  #stop = new AbortController();

  constructor(range, { events, state, missed, from = null }) {
    Object.assign(this, { range, events, state, missed, from });
    this.#run();
  }

  close() {
    this.#stop.abort();
  }

  async #run() {
    let wait = 500;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.state('connecting');
      try {
        await this.#once(signal, () => {
          wait = 500;
        });
        if (!signal.aborted) this.state('lost');
      } catch (error) {
        if (signal.aborted) return;
        if (error.status >= 400 && error.status < 500 && error.status !== 429) {
          this.state('refused', error);
          return;
        }
        this.state('lost', error);
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  async #once(signal, well) {
    const create = { ...this.range, fragment: true };
    if (this.from) create.start_revision = String(this.from);
    for await (const line of lines('watch', JSON.stringify({ create_request: create }), signal)) {
      if (signal.aborted) return;
      if (line.error) throw refusal(line.error.http_code ?? 500, line.error);
      const { result } = line;
      if (result.canceled) {
        if (!Number(result.compact_revision)) throw new Refused(result.cancel_reason || 'The watch was cancelled.', 403);
        this.missed(result.compact_revision);
        this.from = BigInt(result.compact_revision);
        return;
      }
      const revision = BigInt(result.header?.revision ?? 0);
      if (result.created) {
        well();
        this.state('live');
        this.from ??= revision + 1n;
      }
      if (result.events?.length) {
        this.events(result.events);
        const last = BigInt(result.events.at(-1).kv.mod_revision);
        // The rest of a revision may be in the next piece.
        this.from = result.fragment ? last : last + 1n;
      }
    }
  }
}
