// Elements and what several tabs show. All text goes in as text: nothing here or elsewhere reads markup.

/** An element. Attributes by name; `onclick` and the like are listeners; null and false are left out. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'checked') element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const button = (text, onclick, attributes) => h('button', { type: 'button', onclick, ...attributes }, text);

/** A line that says how something went; screen readers hear it. */
export const notice = (kind, ...children) =>
  h('div', { class: `notice ${kind}`, role: kind === 'bad' ? 'alert' : 'status' }, ...children);

export const failure = (error) => notice('bad', error?.message ?? String(error));

/** A table of cells that are texts or elements. */
export const table = (caption, head, rows) =>
  h('div', { class: 'table', tabindex: 0, role: 'region', 'aria-label': caption },
    h('table', null,
      h('caption', { class: 'unseen' }, caption),
      h('thead', null, h('tr', null, head.map((text) => h('th', { scope: 'col' }, text)))),
      h('tbody', null, rows.map((cells) => h('tr', null, cells.map((cell) => h('td', null, cell)))))));

/** Asks in a dialog; resolves to what `act` has answered, or to null where the answer is no. An error of it is shown. */
export function ask({ title, body, confirm, dangerous, act }) {
  return new Promise((resolve) => {
    const said = h('div');
    let outcome = null;
    const yes = h('button', { class: dangerous ? 'danger' : 'primary', value: 'yes' }, confirm);
    const form = h('form', { method: 'dialog', novalidate: true },
      h('h2', null, title), ...[body].flat(), said,
      h('div', { class: 'actions end' }, button('Cancel', () => dialog.close()), yes));
    const dialog = h('dialog', { 'aria-label': title }, form);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      yes.disabled = true;
      try {
        outcome = await act(form);
        dialog.close();
      } catch (error) {
        said.replaceChildren(failure(error));
      }
      yes.disabled = false;
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(outcome);
    });
    document.body.append(dialog);
    dialog.showModal();
    form.querySelector('input, textarea')?.focus();
  });
}

let fields = 0;
/** A labelled field. */
export function field(label, control, hint) {
  control.id ||= `field-${(fields += 1)}`;
  const about = hint && h('small', { id: `${control.id}-hint` }, hint);
  if (about) control.setAttribute('aria-describedby', about.id);
  return h('div', { class: 'field' }, h('label', { for: control.id }, label), control, about);
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Calls at most once for each frame that is drawn. */
export function oncePerFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

/** Makes an element look like another, without taking it away under a click. */
function become(element, other) {
  for (const { name } of [...element.attributes]) if (name !== 'style' && !other.hasAttribute(name)) element.removeAttribute(name);
  for (const { name, value } of other.attributes) if (name !== 'style') element.setAttribute(name, value);
  element.style.cssText = other.style.cssText;
  element.replaceChildren(...other.childNodes);
}

/**
 * A list of which only the rows that are seen are in the document. `rows()` are objects with an `id` of their own,
 * `row(row, index)` draws one, and what `stamp(row, index)` says changes when it is to be drawn anew, by which what is in it
 * loses the focus; `refresh(element, row)` changes what is drawn.
 */
export class LongList {
  constructor(scroller, { rows, row, stamp, seen, refresh }) {
    Object.assign(this, { scroller, rows, row, stamp, seen, refresh });
    this.drawn = new Map();
    this.space = h('div', { class: 'space', role: 'presentation' });
    scroller.append(this.space);
    this.draw = oncePerFrame(() => this.#draw());
    scroller.addEventListener('scroll', this.draw, { passive: true });
    new ResizeObserver(this.draw).observe(scroller);
  }

  get height() {
    return parseFloat(getComputedStyle(this.scroller).getPropertyValue('--row')) || 28;
  }

  #draw() {
    const { scroller, drawn, height } = this;
    const rows = this.rows();
    this.space.style.height = `${rows.length * height}px`;
    const first = Math.max(0, Math.floor(scroller.scrollTop / height) - 8);
    const last = Math.min(rows.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / height) + 8);
    const now = new Map();
    for (let index = first; index < last; index += 1) {
      const row = rows[index];
      const stamp = this.stamp(row, index);
      const before = drawn.get(row.id);
      const element = before?.element ?? this.row(row, index);
      if (!before) this.space.append(element);
      else if (before.stamp !== stamp) become(element, this.row(row, index));
      this.refresh?.(element, row);
      element.style.transform = `translateY(${index * height}px)`;
      now.set(row.id, { element, stamp });
    }
    for (const [id, { element }] of drawn) if (!now.has(id)) element.remove();
    this.drawn = now;
    this.seen?.(rows.slice(first, last));
  }

  /** The row at this height of the window. */
  rowAt(y) {
    const { scroller } = this;
    return this.rows()[Math.floor((y - scroller.getBoundingClientRect().top - scroller.clientTop + scroller.scrollTop) / this.height)];
  }

  show(index) {
    const { scroller, height } = this;
    const top = index * height;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + height > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + height - scroller.clientHeight;
    this.draw();
  }
}
