// One key: read, written and deleted only if it still is as it was read, and its history.
import { call } from './api.js';
import * as bytes from './bytes.js';
import { ask, button, failure, field, h, notice, size } from './dom.js';
import { ValueEditor } from './value.js';

/** Versions that are read at a time. */
const HISTORY = 10;

const range = (key, more) => call('kv/range', { key: bytes.encode(key), ...more });

/** The key as an answer has it, or null. */
const kept = ({ kvs, kv = kvs?.[0] }) => kv && { ...kv, value: bytes.decode(kv.value) };

/** Writes or deletes the key if its revision of change still is `revision`; what is there instead, if it is not. */
async function swap(key, revision, request) {
  const compare = { key: bytes.encode(key), target: 'MOD', result: 'EQUAL', mod_revision: revision };
  const failure = { request_range: { key: bytes.encode(key) } };
  const answer = await call('kv/txn', { compare: [compare], success: [request], failure: [failure] });
  if (answer.succeeded) return { revision: answer.header.revision };
  return { conflict: kept(answer.responses?.[0]?.response_range ?? {}) ?? null, revision: answer.header.revision };
}

export class KeyPane {
  #key = null;
  #kv = null;
  #turn = 0;

  /** `moved(key)` is called when another key, or none, is to be shown. */
  constructor(moved) {
    this.moved = moved;
    this.element = h('section', { class: 'pane', 'aria-label': 'Key' });
    this.close();
  }

  get key() {
    return this.#key;
  }

  get dirty() {
    return this.#key !== null && Boolean(this.editor?.dirty);
  }

  close() {
    this.#turn += 1; // what is still being read is for nobody
    this.#key = null;
    this.#kv = null;
    this.editor = null;
    this.element.replaceChildren(h('div', { class: 'empty' }, h('p', null, 'Choose a key, or make a new one.'),
      h('p', { class: 'keys' }, h('kbd', null, '↑'), h('kbd', null, '↓'), ' walk, ', h('kbd', null, '→'), h('kbd', null, '←'), ' open and close, ', h('kbd', null, 'Enter'), ' show, ', h('kbd', null, '/'), ' find, ', h('kbd', null, 'N'), ' new')));
  }

  async show(key) {
    this.#key = key;
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const kv = kept(await range(key));
      if (turn === this.#turn) this.#draw(kv);
    } catch (error) {
      if (turn === this.#turn) this.element.replaceChildren(this.#head(), failure(error));
    }
  }

  /** What has changed in etcd. */
  apply(events) {
    const mine = events.filter(({ kv }) => bytes.decode(kv.key) === this.#key);
    const last = mine.at(-1);
    // What is being saved is read anew behind it.
    if (!last || this.#key === null || !this.said || this.saving) return;
    if (BigInt(last.kv.mod_revision) <= BigInt(this.#kv?.mod_revision ?? this.gone ?? 0)) return;
    const deleted = last.type === 'DELETE';
    if (this.dirty) {
      this.said.replaceChildren(notice('warn',
        `${deleted ? 'Deleted' : 'Changed'} by somebody else at revision ${last.kv.mod_revision} while you edit. Saving will show both.`));
      return;
    }
    this.gone = deleted ? last.kv.mod_revision : null;
    this.#draw(deleted ? null : kept({ kv: last.kv }), this.editor?.form, this.gone);
    this.said.replaceChildren(notice('good', `${deleted ? 'Deleted' : 'Changed'} just now, at revision ${last.kv.mod_revision}.`));
  }

  #head(...more) {
    return h('header', { class: 'head' },
      button('‹ Keys', () => this.moved(null), { class: 'back' }),
      h('h2', { class: 'mono', title: 'Key' }, bytes.escape(this.#key) || '(empty)'),
      button('Copy', (event) => copy(bytes.escape(this.#key), event.currentTarget), { class: 'link', 'aria-label': 'Copy the key' }),
      ...more);
  }

  #draw(kv, form = null, gone = null) {
    this.#kv = kv;
    this.editor = new ValueEditor({ changed: () => this.#edited(), name: this.#key });
    this.editor.set(kv?.value ?? '', form);
    this.said = h('div');
    this.conflict = h('div');
    this.past = h('div');
    this.save = button('Save', () => this.#save(), { class: 'primary', disabled: true, 'aria-keyshortcuts': 'Control+S' });
    this.undo = button('Undo edits', () => this.#draw(this.#kv, this.editor.form, gone), { disabled: true });
    if (!kv) {
      const none = gone ? `The key was deleted at revision ${gone}.` : 'There is no such key.';
      this.said.append(notice('hint', `${none} Saving makes it.`));
      this.save.textContent = 'Create';
      this.save.disabled = false;
    }
    this.element.replaceChildren(
      this.#head(), kv ? facts(kv) : '', this.said, this.conflict, this.editor.element,
      h('div', { class: 'actions' }, this.save, this.undo,
        kv && button('Delete…', () => this.#delete(), { class: 'danger' }),
        button('History', () => this.#history(gone), { 'aria-expanded': 'false' })),
      this.past);
    this.element.onkeydown = (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== 's') return;
      event.preventDefault();
      if (!this.save.disabled) this.#save();
    };
  }

  #edited() {
    const { dirty } = this.editor;
    this.undo.disabled = !dirty;
    let bad = false;
    try {
      this.editor.bytes();
    } catch {
      bad = true;
    }
    this.save.disabled = bad || (this.#kv !== null && !dirty && !this.mine);
  }

  async #save() {
    const [key, turn, { editor }] = [this.#key, this.#turn, this];
    this.save.disabled = true;
    this.saving = true;
    const { readOnly } = editor.field;
    editor.field.readOnly = true; // what was written meanwhile would be lost
    try {
      const value = editor.bytes();
      const put = { key: bytes.encode(key), value: bytes.encode(value) };
      // Else the key would lose its lease.
      if (this.#kv?.lease) put.ignore_lease = true;
      const { conflict, revision } = await swap(key, this.#kv?.mod_revision ?? '0', { request_put: put });
      if (turn !== this.#turn) return;
      if (conflict !== undefined) {
        this.#conflict('Not saved', conflict, revision);
        return;
      }
      this.mine = false;
      const kv = kept(await range(key));
      if (turn !== this.#turn) return;
      this.#draw(kv, editor.form);
      this.said.replaceChildren(notice('good', `Saved at revision ${revision}.`));
      this.editor.field.focus({ preventScroll: true });
    } catch (error) {
      if (turn !== this.#turn) return;
      this.said.replaceChildren(failure(error));
      this.#edited();
    } finally {
      editor.field.readOnly = readOnly;
      this.saving = false;
    }
  }

  #conflict(what, theirs, revision) {
    this.said.replaceChildren();
    const known = this.#kv ? `revision ${this.#kv.mod_revision}` : 'no key';
    const view = theirs && new ValueEditor({ label: 'Their value', name: this.#key });
    view?.set(theirs.value);
    const found = theirs ? `it was changed at revision ${theirs.mod_revision}` : 'it has been deleted';
    const heading = h('h3', { tabindex: -1 }, `${what}: ${found}`);
    const takeTheirs = () => {
      this.mine = false;
      this.gone = theirs ? null : revision;
      this.#draw(theirs, null, this.gone);
    };
    const keepMine = () => {
      this.#kv = theirs;
      this.mine = true;
      this.conflict.replaceChildren();
      this.said.replaceChildren(notice('warn', theirs
        ? `Saving now replaces what came at revision ${theirs.mod_revision}.` : 'Saving now makes the key anew.'));
      this.#edited();
      this.editor.field.focus();
    };
    this.conflict.replaceChildren(h('div', { class: 'conflict', role: 'alert' }, heading,
      h('p', null, `You have read ${known}. Nothing has been overwritten; your text is below.`),
      view && view.element,
      h('div', { class: 'actions' },
        button(theirs ? 'Take theirs' : 'Leave it deleted', takeTheirs), button('Keep mine, on top of it', keepMine))));
    heading.focus();
  }

  async #delete() {
    const [key, kv, turn] = [this.#key, this.#kv, this.#turn];
    const deleted = await ask({
      title: 'Delete this key?',
      body: [h('p', { class: 'mono' }, bytes.escape(key)), h('p', null, `Only if it is still as of revision ${kv.mod_revision}.`)],
      confirm: 'Delete',
      dangerous: true,
      act: () => swap(key, kv.mod_revision, { request_delete_range: { key: bytes.encode(key) } }),
    });
    if (!deleted || turn !== this.#turn) return;
    if (deleted.conflict !== undefined) {
      this.#conflict('Not deleted', deleted.conflict, deleted.revision);
      return;
    }
    this.gone = deleted.revision;
    this.#draw(null, null, deleted.revision);
  }

  /** Versions from the newest back, for each needs the one behind it: etcd has no list of them. */
  #history(gone) {
    const [key, turn] = [this.#key, this.#turn];
    const list = h('ol', { class: 'history' });
    const foot = h('div', { class: 'actions' });
    const at = h('input', { inputmode: 'numeric', pattern: '[0-9]*', size: 10 });
    const jump = h('form', { class: 'inline', onsubmit: (event) => {
      event.preventDefault();
      list.replaceChildren();
      read(BigInt(at.value || 0));
    } }, field('As of revision', at), h('button', null, 'Show'));
    this.past.replaceChildren(h('section', { 'aria-label': 'History', class: 'past' }, h('h3', null, 'History'), jump, list, foot));

    const read = async (revision) => {
      foot.replaceChildren(h('span', { class: 'dim' }, 'Reading…'));
      try {
        let next = revision;
        for (let read = 0; read < HISTORY && next > 0n; read += 1) {
          const kv = kept(await range(key, { revision: String(next) }));
          if (turn !== this.#turn) return;
          if (!kv) {
            foot.replaceChildren(notice('hint', `Not there at revision ${next}.`));
            return;
          }
          list.append(this.#version(kv));
          next = BigInt(kv.mod_revision) - 1n;
          if (kv.version === '1') {
            foot.replaceChildren(h('span', { class: 'dim' }, `Made at revision ${kv.create_revision}. An earlier life of the key can be read by its revision.`));
            return;
          }
        }
        foot.replaceChildren(button('Earlier', () => read(next)));
      } catch (error) {
        const gone = /compacted/.test(error.message);
        foot.replaceChildren(gone ? notice('hint', 'What is older has been compacted.') : failure(error));
      }
    };
    const newest = this.#kv?.mod_revision ?? (gone ? String(BigInt(gone) - 1n) : null);
    if (newest) read(BigInt(newest));
    else foot.replaceChildren(notice('hint', 'Say a revision at which the key was there.'));
  }

  #version(kv) {
    const body = h('div');
    const details = h('details', { ontoggle: () => {
      if (body.childElementCount) return;
      const view = new ValueEditor({ label: `Value at revision ${kv.mod_revision}`, name: this.#key });
      view.set(kv.value);
      body.append(view.element, h('div', { class: 'actions' }, button('Edit as new value', () => {
        this.editor.set(this.#kv?.value ?? '');
        this.editor.replace(kv.value);
        this.editor.field.focus();
      })));
    } },
    h('summary', null, h('span', { class: 'mono' }, `Revision ${kv.mod_revision}`), ' ',
      h('span', { class: 'dim' }, `version ${kv.version} · ${size(kv.value.length)}`), ' ',
      h('span', { class: 'dim mono glimpse' }, bytes.escape(kv.value.slice(0, 60)))),
    body);
    return h('li', null, details);
  }
}

function facts(kv) {
  const pairs = [
    ['Changed', `revision ${kv.mod_revision}`],
    ['Created', `revision ${kv.create_revision}`],
    ['Version', kv.version],
    kv.lease ? ['Lease', BigInt(kv.lease).toString(16)] : null,
  ];
  return h('dl', { class: 'facts' }, pairs.filter(Boolean).map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
}

async function copy(text, from) {
  const before = from.textContent;
  await navigator.clipboard.writeText(text).then(() => { from.textContent = 'Copied'; }, () => { from.textContent = 'Not allowed'; });
  setTimeout(() => { from.textContent = before; }, 1200);
}

/** Asks for a new key; resolves to it once it is made. */
export function newKey(prefix) {
  const key = h('input', { class: 'mono', required: true, spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off', value: bytes.escape(prefix) });
  const editor = new ValueEditor({ changed: () => {} });
  editor.set('');
  const seconds = h('input', { inputmode: 'numeric', pattern: '[0-9]*', size: 8 });
  return ask({
    title: 'New key',
    confirm: 'Create',
    body: [
      field('Key', key, 'Bytes that are no text: \\xff. A backslash: \\\\.'),
      h('div', { class: 'field' }, h('span', { class: 'label' }, 'Value'), editor.element),
      field('Lives for seconds', seconds, 'Empty: for ever. Otherwise it gets a lease of its own.'),
    ],
    act: async () => {
      const name = bytes.unescape(key.value);
      if (!name) throw new Error('etcd has no key without a name.');
      const put = { key: bytes.encode(name), value: bytes.encode(editor.bytes()) };
      const [there] = (await range(name, { keys_only: true })).kvs ?? [];
      if (there) throw new Error(`There is such a key, of revision ${there.mod_revision}.`);
      if (seconds.value) put.lease = (await call('lease/grant', { TTL: seconds.value })).ID;
      const { conflict } = await swap(name, '0', { request_put: put });
      if (conflict !== undefined) throw new Error('Somebody else has just made this key.');
      return name;
    },
  });
}
