// etcd's JSON API. The token is kept here, in memory alone: it is gone with the page.

/** Where the API is: where the page is, unless index.html names another place. */
export const base = new URL(document.querySelector('meta[name="etcd-api"]')?.content || '.', document.baseURI);

let session = null;
export const user = () => session?.name ?? null;
/** What says who one is; null where nobody is logged in. */
export const token = () => session?.token ?? null;
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

/** The refusal that an answer is. */
export function refusal(status, body) {
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

/** The documents of an answer that goes on, each a line. */
export async function* lines(path, body, signal) {
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
