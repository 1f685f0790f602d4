// A value as text, JSON, text with escapes or hex, to read and to edit. What is not edited is never changed: a form in
// which the bytes would not come back the same is not offered.
import * as bytes from './bytes.js';
import { button, h, notice, size } from './dom.js';

/** Of a value that is larger, only so much is shown until one asks for all of it. */
const LARGE = 128 * 1024;
const FIRST = 16 * 1024;
/** Characters that a line of the field has, roughly. */
const WIDTH = 100;
/** A field with more lines of JSON than these would make the browser slow. */
const MOST_LINES = 50_000;

const CONTROLS = /[^\P{Cc}\n\t]/u;
const UNSEEN = /[\p{Cf}\p{Zl}\p{Zp}]/u;

/** Plain text whose line ends a text field keeps: all are \n, or all \r\n. */
function plain(value) {
  const text = bytes.text(value);
  if (text === null) return null;
  const ends = text.includes('\r\n') ? '\r\n' : '\n';
  const unix = ends === '\n' ? text : text.replaceAll(ends, '\n');
  const exact = ends === '\n' || unix.replaceAll('\n', ends) === text;
  return exact && !CONTROLS.test(unix) ? { text: unix, ends } : null;
}

const FORMS = {
  Text: (value) => {
    const found = plain(value);
    return found && { text: found.text, read: (text) => bytes.fromText(text.replaceAll('\n', found.ends)) };
  },
  JSON: (value) => {
    const stored = bytes.text(value);
    const spaced = stored && bytes.spaceJson(stored, true);
    if (!spaced) return null;
    const packed = bytes.spaceJson(stored, false);
    const compact = packed === stored;
    const long = spaced.split('\n', MOST_LINES + 1).length > MOST_LINES;
    const shown = long ? packed : spaced;
    const read = (text) => {
      if (text === shown) return value;
      JSON.parse(text);
      return bytes.fromText(compact ? bytes.spaceJson(text, false) : text);
    };
    return { text: shown, read, about: long ? 'In one line, for it has very many.' : compact ? 'Saved without space, as it was stored.' : null };
  },
  Escaped: (value) => ({
    text: bytes.escape(value, true),
    read: bytes.unescape,
    about: 'A byte is \\xff, a character that is not seen \\u{202e}, a backslash \\\\.',
  }),
  Hex: (value) => ({ text: bytes.hex(value), read: bytes.unhex }),
};

function fits(name, value) {
  if (name === 'Escaped' || name === 'Hex') return true;
  // Of a large one it is known when it is asked for.
  return value.length > LARGE ? bytes.text(value) !== null : FORMS[name](value) !== null;
}

function bestForm(value) {
  if (/^\s*[{[]/.test(value) && FORMS.JSON(value)) return 'JSON';
  if (plain(value)) return 'Text';
  const odd = value.replace(/[\x20-\x7e\n\t]/g, '').length;
  return odd * 4 < value.length ? 'Escaped' : 'Hex';
}

export class ValueEditor {
  #value = '';
  #form = 'Text';
  #shape = null;
  #whole = true;

  /** `changed` is called when what is in the field changes. Without it the value can only be read. */
  constructor({ label = 'Value', changed = null, name = 'value' } = {}) {
    this.changed = changed;
    this.name = name;
    this.field = h('textarea', { 'aria-label': label, spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off', dir: 'auto', readonly: !changed });
    this.field.addEventListener('input', () => this.#input());
    this.forms = h('div', { class: 'forms', role: 'group', 'aria-label': `${label} as` });
    this.about = h('div', { class: 'about' });
    this.element = h('div', { class: 'editor' }, this.forms, this.field, this.about);
  }

  /** The bytes to show, as they are stored. */
  set(value, form = null) {
    this.#value = value;
    this.#show(value, form && FORMS[form](value) ? form : bestForm(value));
  }

  /** Another value in its place, as if it had been typed. */
  replace(value) {
    this.#show(value, bestForm(value));
    this.changed?.();
  }

  get form() {
    return this.#form;
  }

  /** The bytes as they now are; an error where the text has no meaning in its form. */
  bytes() {
    const text = this.field.value;
    if (!this.#whole || text === this.#shape.text) return this.#shape.value;
    // Asked for several times for each letter that is typed.
    if (this.#shape.last?.text !== text) this.#shape.last = { text, ...this.#read(text) };
    const { value, error } = this.#shape.last;
    if (error) throw error;
    return value;
  }

  #read(text) {
    try {
      return { value: this.#shape.read(text) };
    } catch (error) {
      return { error: new Error(`${this.#form}: ${error.message}`) };
    }
  }

  get dirty() {
    try {
      return this.bytes() !== this.#value;
    } catch {
      return true;
    }
  }

  #show(value, form, whole = value.length <= LARGE) {
    const part = whole ? value : value.slice(0, FIRST);
    const use = whole || form === 'Hex' ? form : 'Escaped';
    this.#form = form;
    this.#whole = whole;
    this.#shape = { ...FORMS[use](part), value };
    this.field.value = this.#shape.text;
    this.field.readOnly = !this.changed || !whole;
    this.field.dir = use === 'Text' ? 'auto' : 'ltr';
    const { text } = this.#shape;
    this.field.rows = Math.min(24, Math.max(4, text.split('\n', 25).length, Math.ceil(text.length / WIDTH)));
    this.field.classList.toggle('wide', use === 'Hex');
    this.forms.replaceChildren(...Object.keys(FORMS).map((name) => this.#tab(name, value)));
    this.#describe(use);
  }

  #tab(name, value) {
    const fit = fits(name, value);
    const why = name === 'JSON' ? 'This value is no JSON' : 'Text would not show every byte of this value';
    return button(name, () => this.#turn(name), {
      'aria-pressed': String(name === this.#form),
      disabled: !fit,
      title: fit ? null : why,
    });
  }

  /** Shows what is now in the field in another form. */
  #turn(name) {
    try {
      const value = this.bytes();
      if (!FORMS[name](value)) throw new Error(name === 'JSON' ? 'This is no JSON.' : 'Text would not show every byte.');
      this.#show(value, name, this.#whole || value.length <= LARGE);
      this.changed?.();
    } catch (error) {
      this.about.replaceChildren(notice('bad', error.message));
    }
  }

  #input() {
    try {
      this.bytes();
      this.#describe(this.#form);
    } catch (error) {
      this.about.replaceChildren(notice('bad', error.message));
    }
    this.changed?.();
  }

  #describe(form) {
    const { value, about } = this.#shape;
    const said = [size(this.field.value === this.#shape.text ? value.length : this.bytes().length)];
    if (form === 'Text' && UNSEEN.test(this.#shape.text)) said.push('Has characters that are not seen: “Escaped” shows them.');
    if (form === 'Text' && plain(value)?.ends === '\r\n') said.push('Line ends are CR LF, and stay so.');
    if (about && this.changed) said.push(about);
    const save = button('Download', () => download(value, this.name), { class: 'link' });
    const more = this.#whole ? null : [
      notice('hint', `The first ${size(FIRST)} of ${size(value.length)}.`),
      button(this.changed ? 'Show all, to edit' : 'Show all', () => this.#show(value, this.#form, true)),
    ];
    const file = this.changed && h('label', { class: 'link file' }, 'From a file',
      h('input', { type: 'file', class: 'unseen', onchange: (event) => this.#load(event.target.files[0]) }));
    this.about.replaceChildren(...[said.join(' · '), ' ', value ? save : '', ' ', file || '', ...(more ?? [])]);
  }

  async #load(file) {
    if (!file) return;
    this.replace(bytes.fromArray(new Uint8Array(await file.arrayBuffer())));
  }
}

function download(value, name) {
  const url = URL.createObjectURL(new Blob([bytes.toArray(value)], { type: 'application/octet-stream' }));
  const link = h('a', { href: url, download: name.replace(/[^\w.-]+/g, '_').replace(/^_|_$/g, '') || 'value' });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
