// What changes under the prefix, as it comes. The newest is first; so many are kept.
import * as bytes from './bytes.js';
import { button, h, LongList, size } from './dom.js';

const KEPT = 1000;
/** Of a value that much is kept to be seen. */
const GLIMPSE = 200;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

export class LiveTab {
  #events = [];
  #waiting = [];
  #paused = false;
  #dropped = 0;

  /** `chosen(key)` is called with the key that is to be shown. */
  constructor(chosen) {
    this.chosen = chosen;
    this.summary = h('p', { class: 'dim', role: 'status' });
    this.pause = button('Pause', () => this.#pause(), { 'aria-pressed': 'false' });
    this.scroller = h('div', { class: 'events', tabindex: 0, role: 'region', 'aria-label': 'Changes, the newest first' });
    this.element = h('section', { class: 'tab live' },
      h('div', { class: 'bar' }, this.summary, this.pause, button('Clear', () => this.clear())), this.scroller);
    this.list = new LongList(this.scroller, {
      rows: () => this.#events, row: (event) => this.#draw(event), stamp: () => '',
    });
    this.clear();
  }

  clear() {
    this.#events = [];
    this.#waiting = [];
    this.#dropped = 0;
    this.update();
  }

  apply(events) {
    const now = clock.format(new Date());
    const seen = events.map(({ type, kv }) => {
      const key = bytes.decode(kv.key);
      const value = kv.value ?? '';
      return {
        id: `${kv.mod_revision} ${key}`, time: now, key, revision: kv.mod_revision, deleted: type === 'DELETE',
        made: kv.create_revision === kv.mod_revision,
        length: Math.floor((value.length * 3) / 4) - (value.match(/=+$/)?.[0].length ?? 0),
        glimpse: bytes.escape(bytes.decode(value.slice(0, GLIMPSE))),
      };
    });
    if (this.#paused) this.#waiting = this.#keep(this.#waiting, seen);
    else this.#events = this.#keep(this.#events, seen);
    this.update();
  }

  #keep(before, seen) {
    const known = new Set(before.slice(0, seen.length + 10).map(({ id }) => id));
    const all = [...seen.reverse().filter(({ id }) => !known.has(id)), ...before];
    this.#dropped += Math.max(0, all.length - KEPT);
    return all.slice(0, KEPT);
  }

  #pause() {
    this.#paused = !this.#paused;
    this.pause.setAttribute('aria-pressed', String(this.#paused));
    this.pause.textContent = this.#paused ? 'Go on' : 'Pause';
    if (!this.#paused) {
      this.#events = this.#keep(this.#events, this.#waiting.reverse());
      this.#waiting = [];
    }
    this.update();
  }

  update() {
    const more = [
      this.#paused && this.#waiting.length ? `${this.#waiting.length} wait` : null,
      this.#dropped ? `${this.#dropped} older ones are no longer shown` : null,
    ].filter(Boolean);
    const count = this.#events.length;
    const said = count ? `${count} ${count === 1 ? 'change' : 'changes'}` : 'Nothing has changed since you came.';
    this.summary.textContent = [said, ...more].join(' · ');
    this.list.draw();
  }

  #draw(event) {
    const kind = event.deleted ? 'deleted' : event.made ? 'created' : 'changed';
    return h('div', { class: `row event ${kind}` },
      h('span', { class: 'time dim' }, event.time),
      h('span', { class: `kind ${kind}` }, kind),
      button(bytes.escape(event.key), () => this.chosen(event.key), { class: 'link mono name', title: bytes.escape(event.key) }),
      h('span', { class: 'glimpse mono dim' }, event.deleted ? '' : event.glimpse),
      h('span', { class: 'dim size' }, event.deleted ? '' : size(event.length)),
      h('span', { class: 'dim mono revision', title: 'Revision' }, event.revision));
  }
}
