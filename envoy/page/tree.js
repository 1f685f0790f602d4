// The keys that are known, as a tree by prefix. A folder is read a page at a time, and what is below another folder is
// skipped: a level costs what it shows, not what is under it.
import { call } from './api.js';
import { decode, encode, prefixEnd, prefixRange } from './bytes.js';

/** Keys of one request, and how few where most would be skipped. */
const PAGE = 300;
const SKIPPING = 24;
/** Entries that are new before the next page waits until it is asked for. */
const ENOUGH = 200;
/** Counts that are asked for at the same time. */
const COUNTS = 3;
/** How long a count is good enough while keys change, in milliseconds. */
const COUNT_AGAIN = 1000;

export class Folder {
  entries = [];
  open = false;
  done = false;
  loading = false;
  error = null;
  /** What has changed while it is read, which the answer may not know: whether a key was deleted. */
  meanwhile = new Map();
  /** How many keys are under it; null where that is not known. */
  count = null;

  constructor(prefix, parent) {
    Object.assign(this, { id: `f${prefix}`, key: prefix, parent, depth: parent ? parent.depth + 1 : -1, next: prefix });
  }
}

export class Tree {
  #separator = '/';
  #counting = 0;
  #toCount = new Set();
  #later = null;
  root = new Folder('', null);

  /** `changed()` is called whenever there is something else to show. */
  constructor(changed) {
    this.changed = changed;
  }

  /** Begins with what is under a prefix. */
  async load(prefix, separator) {
    this.#separator = separator;
    this.#toCount.clear();
    const root = new Folder(prefix, null);
    root.open = true;
    this.root = root;
    await this.more(root);
    // Straight to where there is a choice.
    let folder = root;
    while (this.root === root && folder?.done) {
      const folders = folder.entries.filter((entry) => entry instanceof Folder);
      folder = folders.length === 1 ? folders[0] : null;
      if (folder) await this.open(folder);
    }
  }

  async open(folder) {
    folder.open = true;
    this.changed();
    if (!folder.entries.length) await this.more(folder);
  }

  close(folder) {
    folder.open = false;
    this.changed();
  }

  /** Reads on in a folder. */
  async more(folder) {
    if (folder.loading || folder.done) return;
    folder.loading = true;
    folder.error = null;
    this.changed();
    const enough = folder.entries.length + ENOUGH;
    let limit = PAGE;
    try {
      while (!folder.done && folder.entries.length < enough && this.#has(folder)) {
        limit = await this.#page(folder, limit);
        this.changed();
      }
    } catch (error) {
      folder.error = error;
    }
    folder.loading = false;
    const { meanwhile } = folder;
    folder.meanwhile = new Map();
    for (const [key, deleted] of meanwhile) this.#change(folder, key, deleted, new Set());
    this.changed();
  }

  async #page(folder, limit) {
    const range = { key: encode(folder.next || '\0'), range_end: encode(prefixEnd(folder.key)) };
    const { kvs = [], more } = await call('kv/range', { ...range, limit: String(limit), keys_only: true });
    for (const kv of kvs) {
      const entry = this.#entry(folder, decode(kv.key));
      if (folder.entries.at(-1)?.id !== entry.id) folder.entries.push(entry);
    }
    folder.done = !more;
    if (!more) return limit;
    const last = folder.entries.at(-1);
    if (!(last instanceof Folder)) {
      folder.next = `${last.key}\0`;
      return PAGE;
    }
    folder.next = prefixEnd(last.key);
    folder.done = folder.next === '\0';
    return SKIPPING;
  }

  /** What stands for a key in a folder: itself, or the folder that it is under. */
  #entry(folder, key) {
    const cut = this.#separator ? key.indexOf(this.#separator, folder.key.length) : -1;
    if (cut >= 0) return new Folder(key.slice(0, cut + this.#separator.length), folder);
    return { id: `k${key}`, key, depth: folder.depth + 1, parent: folder };
  }

  #has(folder) {
    let top = folder;
    while (top.parent) top = top.parent;
    return top === this.root;
  }

  /** Takes over what has changed in etcd; the ids of the entries that it touches. */
  apply(events) {
    const touched = new Set();
    for (const { type, kv } of events) {
      const key = decode(kv.key);
      if (key.startsWith(this.root.key)) this.#change(this.root, key, type === 'DELETE', touched);
    }
    this.changed();
    return touched;
  }

  #change(folder, key, deleted, touched) {
    if (folder.loading) {
      folder.meanwhile.delete(key);
      folder.meanwhile.set(key, deleted);
    }
    const entry = this.#entry(folder, key);
    const place = placeOf(folder.entries, entry);
    const found = folder.entries[place]?.id === entry.id ? folder.entries[place] : null;
    const isRead = folder.done || entry.key < folder.next;
    if (!found && (deleted || !isRead)) return;
    if (!found) folder.entries.splice(place, 0, entry);
    if (!(entry instanceof Folder)) {
      if (deleted) folder.entries.splice(place, 1);
      else touched.add(entry.id);
      return;
    }
    const child = found ?? entry;
    // To be counted anew once it is seen.
    child.stale = true;
    touched.add(child.id);
    if (child.entries.length || child.done || child.loading) this.#change(child, key, deleted, touched);
  }

  /** Counts what is under the folders that are seen. */
  count(folders) {
    const now = Date.now();
    const due = ({ counted = 0, stale }) => stale && now - counted > COUNT_AGAIN;
    for (const folder of folders) if (folder.count === null || due(folder)) this.#toCount.add(folder);
    this.#countNext();
    if (folders.some((folder) => folder.stale && !due(folder))) this.#later ??= setTimeout(() => this.#again(), COUNT_AGAIN);
  }

  #again() {
    this.#later = null;
    this.changed();
  }

  async #countNext() {
    const [folder] = this.#toCount;
    if (!folder || this.#counting >= COUNTS) return;
    this.#toCount.delete(folder);
    this.#counting += 1;
    folder.stale = false;
    folder.counted = Date.now();
    folder.count ??= undefined;
    try {
      const { count = '0' } = await call('kv/range', { ...prefixRange(folder.key), count_only: true });
      folder.count = count;
      if (count === '0') this.#forget(folder);
    } catch {
      // It is shown without: reading it says what is wrong.
    }
    this.#counting -= 1;
    this.changed();
    this.#countNext();
  }

  #forget(folder) {
    const { entries } = folder.parent;
    const place = entries.indexOf(folder);
    if (place >= 0) entries.splice(place, 1);
  }

  /** What is shown, in order: entries, and what stands for what has not been read (`more`). */
  rows() {
    const rows = [];
    const walk = (folder) => {
      for (const entry of folder.entries) {
        rows.push(entry);
        if (entry.open) walk(entry);
      }
      if (!folder.done || folder.error) rows.push({ id: `m${folder.key}`, more: folder, depth: folder.depth + 1 });
    };
    walk(this.root);
    return rows;
  }
}

/** Where an entry stands, or would, in a sorted list. */
function placeOf(entries, entry) {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle].key < entry.key) low = middle + 1;
    else high = middle;
  }
  // A key that ends as a folder does has the folder's name.
  while (entries[low]?.key === entry.key && entries[low].id !== entry.id) low += 1;
  return low;
}
