// Calls to try, from the API's own document where the gateway serves it.
import { base, stream } from './api.js';
import { button, failure, field, h, notice } from './dom.js';

/** What is known without the document: the calls that one tries first. */
const FEW = { '/v3/kv/range': '{"key": "AA==", "range_end": "AA==", "limit": "5"}', '/v3/maintenance/status': '{}', '/v3/cluster/member/list': '{}' };
/** As much of an answer is shown. */
const SHOWN = 256 * 1024;

export class CallsTab {
  #document = null;
  #stop = null;

  constructor() {
    this.path = h('input', { list: 'api-paths', spellcheck: 'false', autocomplete: 'off', class: 'mono', value: '/v3/kv/range', oninput: () => this.#chosen() });
    this.paths = h('datalist', { id: 'api-paths' });
    this.about = h('p', { class: 'dim' });
    this.body = h('textarea', { rows: 8, spellcheck: 'false', class: 'mono', value: FEW['/v3/kv/range'] });
    this.answer = h('pre', { class: 'answer', tabindex: 0, role: 'region', 'aria-label': 'Answer' });
    this.status = h('div', { role: 'status' });
    this.send = h('button', { class: 'primary' }, 'Send');
    this.halt = button('Stop', () => this.#stop?.abort(), { disabled: true });
    this.fields = h('div', { class: 'members' });
    this.element = h('section', { class: 'tab calls' },
      h('form', { class: 'stack', onsubmit: (event) => { event.preventDefault(); this.#run(); } },
        field('Call', this.path), this.paths, this.about, field('Message, as JSON', this.body, 'Keys and values are base64.'),
        this.fields, h('div', { class: 'actions' }, this.send, this.halt)),
      this.status, this.answer);
  }

  async enter() {
    if (this.#document) return;
    try {
      const response = await fetch(new URL('openapi.json', base));
      this.#document = response.ok ? await response.json() : { paths: {} };
    } catch {
      this.#document = { paths: {} };
    }
    const paths = Object.keys(this.#document.paths ?? {});
    this.paths.replaceChildren(...(paths.length ? paths : Object.keys(FEW)).map((value) => h('option', { value })));
    if (!paths.length) this.about.textContent = 'This gateway has no document of its API (openapi.json); every call can be tried all the same.';
    else this.#chosen();
  }

  leave() {
    this.#stop?.abort();
  }

  #resolve(schema) {
    const names = schema?.$ref?.replace('#/', '').split('/') ?? null;
    return names ? names.reduce((at, name) => at?.[name], this.#document) : schema;
  }

  #chosen() {
    const call = this.#document?.paths?.[this.path.value]?.post;
    this.fields.replaceChildren();
    if (!call) {
      if (FEW[this.path.value]) this.body.value = FEW[this.path.value];
      return;
    }
    this.about.textContent = call.summary ?? call.description ?? '';
    const media = Object.values(call.requestBody?.content ?? {})[0];
    const schema = this.#resolve(media?.schema);
    const example = media?.example ?? schema?.example;
    this.body.value = example ? JSON.stringify(example, null, 2) : FEW[this.path.value] ?? '{}';
    const members = [schema, ...(schema?.oneOf ?? [])].flatMap((part) => Object.entries(part?.properties ?? {}));
    if (members.length) this.fields.append(h('details', null, h('summary', null, `${members.length} members`), h('dl', null, members.map(([name, member]) => {
      const found = this.#resolve(member) ?? {};
      return h('div', null, h('dt', { class: 'mono' }, name), h('dd', null, [found.format ?? found.type ?? '', member.description ?? found.description ?? ''].filter(Boolean).join(': ')));
    }))));
  }

  async #run() {
    this.#stop?.abort();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.answer.textContent = '';
    this.halt.disabled = false;
    const began = performance.now();
    const took = () => `${Math.round(performance.now() - began)} ms`;
    this.status.replaceChildren(notice('hint', 'Under way…'));
    let length = 0;
    try {
      const url = new URL(this.path.value, base);
      if (url.origin !== base.origin) throw new Error('Only calls of this gateway.');
      for await (const piece of stream(url, this.body.value, signal)) {
        length += piece.length;
        if (this.answer.textContent.length < SHOWN) this.answer.append(piece);
      }
      this.status.replaceChildren(notice('good', `Answered in ${took()}${length > SHOWN ? `; the first ${SHOWN} characters of ${length}` : ''}.`));
      this.#format(length);
    } catch (error) {
      if (!signal.aborted) this.status.replaceChildren(failure(error.status ? `HTTP ${error.status}, code ${error.code ?? '?'}: ${error.message}` : error));
      else this.status.replaceChildren(notice('hint', `Stopped after ${took()}.`));
    }
    if (this.#stop.signal === signal) this.halt.disabled = true;
  }

  #format(length) {
    if (length > SHOWN) return;
    try {
      this.answer.textContent = JSON.stringify(JSON.parse(this.answer.textContent), null, 2);
    } catch {
      // Lines of a stream stay lines.
    }
  }
}
