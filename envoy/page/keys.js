// The tree of keys, to be seen, clicked and walked through by the keyboard.
import { escape } from './bytes.js';
import { h, LongList } from './dom.js';
import { Folder, Tree } from './tree.js';

const FRESH = 1500;

export class KeyTree {
  #rows = [];
  #at = null;
  #fresh = new Map();
  #typed = '';

  /** `chosen(key)` is called with the key that is to be shown. */
  constructor(chosen) {
    this.chosen = chosen;
    this.current = null;
    this.tree = new Tree(() => this.update());
    this.element = h('div', {
      class: 'tree',
      role: 'tree',
      tabindex: 0,
      'aria-label': 'Keys',
      onkeydown: (event) => this.#pressed(event),
      // By what was pressed, for rows may move between the press and the click.
      onpointerdown: ({ clientY }) => { this.pointed = this.list.rowAt(clientY)?.id; },
      onclick: () => this.#clicked(),
    });
    this.list = new LongList(this.element, {
      rows: () => this.#rows,
      row: (row, index) => this.#draw(row, index),
      stamp: (row, index) => this.#stamp(row, index),
      seen: (rows) => this.#seen(rows),
    });
  }

  async load(prefix, separator) {
    this.#at = null;
    this.element.scrollTop = 0;
    this.element.setAttribute('aria-busy', 'true');
    await this.tree.load(prefix, separator);
    this.element.removeAttribute('aria-busy');
    return this.tree.root.error;
  }

  apply(events) {
    const now = Date.now();
    for (const id of this.tree.apply(events)) this.#fresh.set(id, now);
    this.update();
  }

  /** Marks the key that is shown beside the tree. */
  select(key) {
    this.current = key;
    this.#at = `k${key}`;
    this.update();
  }

  update() {
    this.#rows = this.tree.rows();
    const at = this.#rows.findIndex((row) => row.id === this.#at);
    if (at >= 0) this.element.setAttribute('aria-activedescendant', rowId(at));
    else this.element.removeAttribute('aria-activedescendant');
    this.list.draw();
  }

  #seen(rows) {
    this.tree.count(rows.filter((row) => row instanceof Folder));
    for (const { more } of rows) if (more && !more.error) this.tree.more(more);
  }

  #stamp(row, index) {
    const { id, more, open, count, key } = row;
    const fresh = Date.now() - (this.#fresh.get(id) ?? 0) < FRESH ? this.#fresh.get(id) : 0;
    return [index, this.#at === id, more ? `${more.loading}${more.error}` : `${open}${count}`, !open && key === this.current, fresh].join();
  }

  #draw(row, index) {
    const { more, depth } = row;
    const attributes = {
      id: rowId(index),
      class: ['row', this.#at === row.id && 'at', this.#fresh.has(row.id) && 'fresh'].filter(Boolean).join(' '),
      'aria-level': depth + 1,
      role: 'treeitem',
    };
    this.#fresh.delete(row.id);
    const element = more ? this.#drawMore(attributes, more) : this.#drawEntry(attributes, row);
    element.style.setProperty('--depth', depth);
    return element;
  }

  #drawMore(attributes, folder) {
    if (!folder.error) return h('div', { ...attributes, class: `${attributes.class} more` }, 'Reading…');
    return h('div', { ...attributes, class: `${attributes.class} more bad`, title: 'Try again' },
      folder.error.message);
  }

  #drawEntry(attributes, row) {
    const isFolder = row instanceof Folder;
    const name = escape(row.key.slice(row.parent.key.length)) || '(empty)';
    const selected = !isFolder && row.key === this.current;
    return h('div', {
      ...attributes,
      class: `${attributes.class} ${isFolder ? 'folder' : 'leaf'}`,
      'aria-expanded': isFolder ? String(row.open) : null,
      'aria-selected': isFolder ? null : String(selected),
      title: escape(row.key),
    },
    h('span', { class: 'twist', 'aria-hidden': 'true' }),
    h('span', { class: 'name' }, name),
    isFolder && row.count ? h('span', { class: 'count', 'aria-label': `${row.count} keys` }, Number(row.count).toLocaleString('en')) : null);
  }

  #clicked() {
    const row = this.#rows.find(({ id }) => id === this.pointed);
    if (row) this.#choose(row);
  }

  #choose(row) {
    this.#at = row.id;
    if (row.more) this.tree.more(row.more);
    else if (!(row instanceof Folder)) this.chosen(row.key);
    else if (row.open) this.tree.close(row);
    else this.tree.open(row);
    this.update();
  }

  #pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const at = this.#rows.findIndex((row) => row.id === this.#at);
    const row = this.#rows[at];
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.list.height) - 1);
    const moves = {
      ArrowDown: () => this.#go(at + 1),
      ArrowUp: () => this.#go(Math.max(0, at - 1)),
      PageDown: () => this.#go(at + page),
      PageUp: () => this.#go(at - page),
      Home: () => this.#go(0),
      End: () => this.#go(this.#rows.length - 1),
      Enter: () => row && this.#choose(row),
      ' ': () => row && this.#choose(row),
      ArrowRight: () => this.#right(row, at),
      ArrowLeft: () => this.#left(row),
    };
    const move = moves[event.key] ?? (event.key.length === 1 ? () => this.#type(event.key, at) : null);
    if (!move) return;
    event.preventDefault();
    move();
  }

  #go(index) {
    const to = Math.min(this.#rows.length - 1, Math.max(0, index));
    this.#at = this.#rows[to]?.id ?? null;
    this.update();
    if (this.#at) this.list.show(to);
  }

  #right(row, at) {
    if (!(row instanceof Folder)) return;
    if (row.open) this.#go(at + 1);
    else this.tree.open(row);
  }

  #left(row) {
    if (!row) return;
    if (row.open) this.tree.close(row);
    else this.#go(this.#rows.indexOf((row.more ?? row).parent));
  }

  /** To the next entry whose name begins with what is typed. */
  #type(letter, at) {
    clearTimeout(this.forgetting);
    this.forgetting = setTimeout(() => {
      this.#typed = '';
    }, 800);
    this.#typed += letter.toLowerCase();
    const from = at + (this.#typed.length === 1 ? 1 : 0);
    const rows = [...this.#rows.keys()].map((index) => (index + Math.max(0, from)) % this.#rows.length);
    const found = rows.find((index) => {
      const row = this.#rows[index];
      return !row.more && escape(row.key.slice(row.parent.key.length)).toLowerCase().startsWith(this.#typed);
    });
    if (found !== undefined) this.#go(found);
  }
}

const rowId = (index) => `row-${index}`;
