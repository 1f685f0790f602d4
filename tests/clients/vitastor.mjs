// What Vitastor's monitor does, by its own library (npm's ws): three watches on one socket that is asked for its progress
// all the time, and that comes back at the revision behind the last it has seen. A line of JSON for each check goes to
// the file that $OUTCOMES names, as `outcomes.py` writes them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

const { default: WebSocket } = await import(process.env.WS);
const address = `127.0.0.1:${process.env.ETCD_PORT}/v3`;
const SOON = 20_000;
const ASK_AGAIN = 500;
const MEGABYTE = 1_048_576;

const encoded = (text) => Buffer.from(text).toString('base64');
const decoded = (text) => Buffer.from(text ?? '', 'base64').toString();
const prefix = (key) => ({ key: encoded(`${key}/`), range_end: encoded(`${key}0`) });

async function call(path, message, token) {
  const headers = token ? { Authorization: token } : {};
  const answer = await fetch(`http://${address}/${path}`, { method: 'POST', headers, body: JSON.stringify(message) });
  const said = await answer.text();
  assert.equal(answer.status, 200, `${path}: ${said}`);
  return JSON.parse(said);
}

const put = async (key, value) => BigInt((await call('kv/put', { key: encoded(key), value: encoded(value) })).header.revision);

/** A promise that fails when it takes too long. */
function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited for ${what}`)), SOON);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

class Socket {
  #documents = [];
  /** Changes that have come while a watch was created. */
  #early = [];
  #wake = () => {};

  static async open(path = 'watch', ...options) {
    const socket = new Socket();
    socket.ws = new WebSocket(`ws://${address}/${path}`, ...options);
    socket.closed = new Promise((resolve) => socket.ws.on('close', resolve));
    socket.ws.on('message', (message, binary) => {
      assert.equal(binary, false);
      socket.#documents.push(JSON.parse(message));
      socket.#wake();
    });
    await soon(new Promise((resolve, reject) => {
      socket.ws.on('open', resolve);
      socket.ws.on('error', reject);
    }), 'the socket to open');
    return socket;
  }

  send(message) {
    this.ws.send(JSON.stringify(message));
  }

  async next(what = 'a document') {
    if (!this.#documents.length) {
      await soon(new Promise((resolve) => {
        this.#wake = resolve;
      }), what);
    }
    const { result, error } = this.#documents.shift();
    assert.equal(error, undefined, JSON.stringify(error));
    return result;
  }

  async create(request) {
    this.send({ create_request: request });
    let created = await this.next('a watch to be created');
    while (created.events) {
      this.#early.push(created);
      created = await this.next('a watch to be created');
    }
    assert.equal(created.created, true, JSON.stringify(created));
    assert.equal(created.canceled, undefined, JSON.stringify(created));
    return created;
  }

  /** The next changes, whatever has been said of progress before them. */
  async changes() {
    for (;;) {
      const found = this.#early.shift() ?? await this.next('changes');
      if (found.events) return found;
    }
  }

  /** Asks until it is answered, for etcd does not answer while a watch has changes to catch up with. */
  async progress() {
    const asking = setInterval(() => this.send({ progress_request: {} }), ASK_AGAIN);
    try {
      this.send({ progress_request: {} });
      const answer = await this.next('progress');
      assert.equal(answer.events, undefined, JSON.stringify(answer));
      return BigInt(answer.header.revision);
    } finally {
      clearInterval(asking);
    }
  }
}

const NAMES = ['config', 'state', 'stats'];

/** A socket with the three watches, numbered from 1. */
async function monitor(root, from) {
  const socket = await Socket.open();
  for (const [index, name] of NAMES.entries()) {
    const watch_id = String(index + 1);
    const created = await socket.create({ ...prefix(`${root}/${name}`), watch_id, progress_notify: true, ...(from && { start_revision: String(from) }) });
    assert.equal(created.watch_id, watch_id);
  }
  return socket;
}

let failed = 0;
async function check(name, run) {
  let text = '';
  try {
    await run(`/vitastor/${randomUUID()}`);
  } catch (error) {
    failed += 1;
    text = error.stack;
  }
  const outcome = text ? 'failed' : 'passed';
  appendFileSync(process.env.OUTCOMES, `${JSON.stringify({ test: `vitastor::${name}`, outcome, text })}\n`);
}

await check('three_watches_of_one_socket_have_their_own_numbers', async (root) => {
  const socket = await monitor(root);
  socket.ws.close();
});

await check('a_change_comes_to_the_watch_that_it_is_under', async (root) => {
  const socket = await monitor(root);
  for (const index of [2, 0, 1]) {
    await put(`${root}/${NAMES[index]}/key`, `value ${index}`);
    const { watch_id, events: [{ kv }] } = await socket.changes();
    assert.deepEqual([watch_id, decoded(kv.value)], [String(index + 1), `value ${index}`]);
  }
  socket.ws.close();
});

await check('changes_of_one_transaction_have_one_revision', async (root) => {
  const socket = await monitor(root);
  const success = NAMES.map((name) => ({ request_put: { key: encoded(`${root}/${name}/key`), value: encoded('1') } }));
  const { header } = await call('kv/txn', { success });
  const seen = [await socket.changes(), await socket.changes(), await socket.changes()];
  assert.deepEqual(seen.map(({ watch_id }) => watch_id).sort(), ['1', '2', '3']);
  for (const { events: [{ kv }] } of seen) assert.equal(kv.mod_revision, header.revision);
  socket.ws.close();
});

await check('a_deletion_comes_with_what_was_there', async (root) => {
  const socket = await Socket.open();
  await socket.create({ ...prefix(root), prev_kv: true });
  await put(`${root}/key`, 'was there');
  assert.equal((await socket.changes()).events[0].prev_kv, undefined);
  await call('kv/deleterange', prefix(root));
  const { events: [event] } = await socket.changes();
  assert.deepEqual([event.type, decoded(event.kv.key), decoded(event.prev_kv.value)], ['DELETE', `${root}/key`, 'was there']);
  socket.ws.close();
});

await check('a_progress_request_is_answered_with_the_revision', async (root) => {
  const socket = await monitor(root);
  const revision = await put(`${root}/elsewhere`, '1');
  assert.ok(await socket.progress() >= revision);
  socket.ws.close();
});

await check('a_socket_is_asked_for_progress_all_the_time', async (root) => {
  const socket = await monitor(root);
  for (let round = 0; round < 20; round += 1) await socket.progress();
  await put(`${root}/state/key`, 'alive');
  assert.equal((await socket.changes()).watch_id, '2');
  socket.ws.close();
});

await check('a_ping_is_answered_with_its_own_bytes', async (root) => {
  const socket = await monitor(root);
  const pong = new Promise((resolve) => socket.ws.on('pong', resolve));
  socket.ws.ping('are you there?');
  assert.equal(String(await soon(pong, 'a pong')), 'are you there?');
  socket.ws.close();
});

await check('a_cancelled_watch_says_so_and_the_others_go_on', async (root) => {
  const socket = await monitor(root);
  socket.send({ cancel_request: { watch_id: '2' } });
  const cancelled = await socket.next();
  assert.deepEqual([cancelled.canceled, cancelled.watch_id], [true, '2']);
  await put(`${root}/state/key`, 'nobody sees it');
  await put(`${root}/stats/key`, 'seen');
  assert.equal((await socket.changes()).watch_id, '3');
  socket.ws.close();
});

await check('the_number_of_a_cancelled_watch_is_used_again', async (root) => {
  const socket = await monitor(root);
  socket.send({ cancel_request: { watch_id: '1' } });
  assert.equal((await socket.next()).canceled, true);
  const created = await socket.create({ ...prefix(`${root}/other`), watch_id: '1' });
  assert.equal(created.watch_id, '1');
  await put(`${root}/other/key`, 'seen');
  assert.equal((await socket.changes()).watch_id, '1');
  socket.ws.close();
});

await check('a_lost_socket_comes_back_and_nothing_is_missed_or_seen_twice', async (root) => {
  const keys = 60;
  const before = await monitor(root);
  for (let key = 0; key < keys / 3; key += 1) await put(`${root}/${NAMES[key % 3]}/${key}`, String(key));
  const seen = [];
  let last = 0n;
  const take = ({ header, events }) => {
    seen.push(...events.map(({ kv }) => Number(decoded(kv.value))));
    if (BigInt(header.revision) > last) last = BigInt(header.revision);
  };
  while (seen.length < keys / 3) take(await before.changes());
  before.ws.terminate();
  for (let key = keys / 3; key < (2 * keys) / 3; key += 1) await put(`${root}/${NAMES[key % 3]}/${key}`, String(key));
  const after = await monitor(root, last + 1n);
  for (let key = (2 * keys) / 3; key < keys; key += 1) await put(`${root}/${NAMES[key % 3]}/${key}`, String(key));
  while (seen.length < keys) take(await after.changes());
  await after.progress();
  assert.deepEqual(seen.sort((a, b) => a - b), Array.from({ length: keys }, (_, key) => key));
  after.ws.close();
});

await check('changes_that_were_compacted_end_the_watch_with_their_revision', async (root) => {
  const first = await put(`${root}/key`, '1');
  const revision = String(await put(`${root}/key`, '2'));
  await call('kv/compaction', { revision });
  const socket = await Socket.open();
  socket.send({ create_request: { ...prefix(root), start_revision: String(first), watch_id: '7' } });
  let found = await socket.next();
  if (found.created && !found.canceled) found = await socket.next();
  assert.deepEqual([found.canceled, found.compact_revision], [true, revision]);
  await socket.create({ ...prefix(root), watch_id: '8' });
  socket.ws.close();
});

await check('a_value_of_a_megabyte_is_one_message', async (root) => {
  const socket = await monitor(root);
  await put(`${root}/config/key`, 'x'.repeat(MEGABYTE));
  const { events: [{ kv }] } = await socket.changes();
  assert.ok(decoded(kv.value) === 'x'.repeat(MEGABYTE));
  socket.ws.close();
});

await check('a_lease_is_kept_alive_and_a_close_has_its_code', async () => {
  const { ID } = await call('lease/grant', { TTL: '60' });
  const socket = await Socket.open('lease/keepalive');
  for (let round = 0; round < 3; round += 1) {
    socket.send({ ID });
    const kept = await socket.next();
    assert.deepEqual([kept.ID, kept.TTL], [ID, '60']);
  }
  socket.ws.close(1000);
  assert.equal(await soon(socket.closed, 'the close'), 1000);
});

await check('a_token_by_the_subprotocol_is_taken', async (root) => {
  await call('auth/user/add', { name: 'root', password: 'pass' });
  await call('auth/role/add', { name: 'root' });
  await call('auth/user/grant', { user: 'root', role: 'root' });
  await call('auth/enable', {});
  const { token } = await call('auth/authenticate', { name: 'root', password: 'pass' });
  try {
    const socket = await Socket.open('watch', ['Bearer', token]);
    assert.equal(socket.ws.protocol, 'Bearer');
    await socket.create(prefix(root));
    socket.ws.close();
  } finally {
    await call('auth/disable', {}, token);
  }
});

process.exit(failed ? 1 : 0);
