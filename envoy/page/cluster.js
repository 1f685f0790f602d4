// Members and alarms, and leases with their time left.
import { call } from './api.js';
import { decode, escape } from './bytes.js';
import { ask, button, failure, field, h, LongList, notice, size, table } from './dom.js';

const hexId = (id) => BigInt.asUintN(64, BigInt(id ?? 0)).toString(16);
const mono = (text) => h('span', { class: 'mono' }, text);
/** How often what is shown is read anew, in milliseconds. */
const OFTEN = 5000;

/** A tab that is read anew while it is shown. */
class Tab {
  constructor(name) {
    this.said = h('div');
    this.body = h('div', { class: 'stack' });
    this.element = h('section', { class: `tab ${name}` }, this.said, this.body);
  }

  enter() {
    this.leave();
    this.timer = setInterval(() => this.refresh(), OFTEN);
    return this.refresh();
  }

  leave() {
    clearInterval(this.timer);
  }

  async refresh() {
    try {
      await this.read();
      this.said.replaceChildren();
    } catch (error) {
      this.said.replaceChildren(failure(error));
    }
  }
}

export class ClusterTab extends Tab {
  constructor() {
    super('cluster');
  }

  async read() {
    const [status, list, alarms] = await Promise.all([
      call('maintenance/status'), call('cluster/member/list'), call('maintenance/alarm', { action: 'GET' }),
    ]);
    const shown = JSON.stringify([{ ...status, header: null }, list.members, alarms.alarms]);
    if (shown === this.shown) return;
    this.shown = shown;
    const members = list.members ?? [];
    const name = (id) => members.find(({ ID }) => ID === id)?.name || hexId(id);
    this.body.replaceChildren(
      ...this.#alarms(alarms.alarms ?? [], name),
      h('h2', null, 'The member that answers'),
      h('dl', { class: 'facts' }, [
        ['Member', name(status.header?.member_id)],
        ['etcd', status.version],
        ['Leader', Number(status.leader ?? 0) ? name(status.leader) : 'none'],
        ['Database', `${size(Number(status.dbSize ?? 0))}, ${size(Number(status.dbSizeInUse ?? 0))} in use`],
        ['Raft', `term ${status.raftTerm ?? 0}, index ${status.raftIndex ?? 0}`],
        ['Cluster', hexId(status.header?.cluster_id)],
      ].map(([term, text]) => h('div', null, h('dt', null, term), h('dd', null, text)))),
      status.errors?.length ? notice('bad', status.errors.join(', ')) : '',
      h('h2', null, members.length === 1 ? 'One member' : `${members.length} members`),
      table('Members', ['Name', 'Id', 'For clients', 'For members', 'Role'], members.map((member) => [
        member.name || 'not started', mono(hexId(member.ID)),
        h('span', { class: 'urls' }, (member.clientURLs ?? []).join(' ')), h('span', { class: 'urls' }, (member.peerURLs ?? []).join(' ')),
        member.ID === status.leader ? 'leader' : member.isLearner ? 'learner' : 'follower',
      ])));
  }

  #alarms(alarms, name) {
    if (!alarms.length) return [notice('good', 'No alarms.')];
    return alarms.map(({ memberID, alarm }) => notice('bad', h('b', null, alarm ?? 'NONE'), ` at ${name(memberID)} `,
      button('Disarm…', () => this.#disarm(memberID, alarm))));
  }

  async #disarm(memberID, alarm) {
    await ask({
      title: `Disarm ${alarm}?`,
      body: h('p', null, 'It comes back if what has raised it has not been mended.'),
      confirm: 'Disarm',
      dangerous: true,
      act: () => call('maintenance/alarm', { action: 'DEACTIVATE', memberID, alarm }),
    });
    this.refresh();
  }
}

export class LeasesTab extends Tab {
  #leases = new Map();
  #rows = [];
  #asking = new Set();

  /** `chosen(key)` is called with the key that is to be shown. */
  constructor(chosen) {
    super('leases');
    this.chosen = chosen;
    this.summary = h('p', { class: 'dim' });
    this.scroller = h('div', { class: 'events', tabindex: 0, role: 'region', 'aria-label': 'Leases' });
    this.body.append(h('div', { class: 'bar' }, this.summary, button('New lease…', () => this.#grant())), this.scroller);
    this.list = new LongList(this.scroller, {
      rows: () => this.#rows, row: (lease) => this.#draw(lease), stamp: ({ error, granted, keys }) => JSON.stringify([error, granted, keys]), seen: (rows) => this.#seen(rows),
      refresh: (element, lease) => element.querySelector('.time').replaceChildren(lease.error ?? left(lease)),
    });
  }

  enter() {
    clearInterval(this.ticking);
    this.ticking = setInterval(this.list.draw, 1000);
    return super.enter();
  }

  leave() {
    clearInterval(this.ticking);
    super.leave();
  }

  async read() {
    const { leases = [] } = await call('lease/leases');
    this.#leases = new Map(leases.map(({ ID }) => [ID, this.#leases.get(ID) ?? { id: ID, read: 0 }]));
    this.#rows = [...this.#leases.values()];
    const count = this.#rows.length;
    this.summary.textContent = count ? `${count} ${count === 1 ? 'lease' : 'leases'}` : 'There are no leases.';
    this.list.draw();
  }

  /** Asks for the times of those that are seen, a few at once. */
  async #seen(rows) {
    for (const lease of rows) {
      if (this.#asking.size >= 4) return;
      if (Date.now() - lease.read < OFTEN || this.#asking.has(lease.id)) continue;
      this.#asking.add(lease.id);
      this.#readOne(lease).finally(() => {
        this.#asking.delete(lease.id);
        this.list.draw();
      });
    }
  }

  async #readOne(lease) {
    lease.read = Date.now();
    try {
      const { TTL, grantedTTL, keys = [] } = await call('lease/timetolive', { ID: lease.id, keys: true });
      Object.assign(lease, { ends: Date.now() + Number(TTL ?? 0) * 1000, granted: grantedTTL, keys: keys.map(decode), gone: TTL === '-1' });
    } catch (error) {
      lease.error = error.message;
    }
  }

  #draw(lease) {
    const { keys = [], granted, id } = lease;
    const of = granted ? ` of ${granted} s` : '';
    return h('div', { class: 'row lease' },
      h('span', { class: 'mono name' }, hexId(id)),
      h('span', { class: 'left' }, h('span', { class: 'time' }), h('span', { class: 'dim' }, of)),
      h('span', { class: 'holds' }, keys.length
        ? [button(escape(keys[0]), () => this.chosen(keys[0]), { class: 'link mono', title: escape(keys[0]) }), keys.length > 1 ? ` and ${keys.length - 1} more` : '']
        : h('span', { class: 'dim' }, granted ? 'no keys' : '')),
      button('Renew', () => this.#renew(lease), { 'aria-label': `Renew ${hexId(id)}` }),
      button('Revoke…', () => this.#revoke(lease), { class: 'danger', 'aria-label': `Revoke ${hexId(id)}` }));
  }

  async #renew(lease) {
    try {
      await call('lease/keepalive', { ID: lease.id });
      lease.read = 0;
    } catch (error) {
      this.said.replaceChildren(failure(error));
    }
    this.list.draw();
  }

  async #revoke(lease) {
    const { keys = [] } = lease;
    await ask({
      title: `Revoke the lease ${hexId(lease.id)}?`,
      body: [
        h('p', null, keys.length ? `It deletes ${keys.length} ${keys.length === 1 ? 'key' : 'keys'}:` : 'It has no keys.'),
        h('ul', { class: 'mono some' }, keys.slice(0, 20).map((key) => h('li', null, escape(key)))),
      ],
      confirm: 'Revoke',
      dangerous: true,
      act: () => call('lease/revoke', { ID: lease.id }),
    });
    this.refresh();
  }

  async #grant() {
    const seconds = h('input', { inputmode: 'numeric', pattern: '[0-9]*', required: true, value: '60' });
    await ask({
      title: 'New lease',
      body: field('Seconds', seconds, 'etcd may give it more.'),
      confirm: 'Grant',
      act: () => call('lease/grant', { TTL: seconds.value }),
    });
    this.refresh();
  }
}

function left({ ends, gone }) {
  if (gone) return 'gone';
  if (ends === undefined) return '…';
  const seconds = Math.max(0, Math.round((ends - Date.now()) / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const parts = [hours && `${hours} h`, (hours || minutes) && `${minutes} min`, `${seconds % 60} s`];
  return parts.filter(Boolean).join(' ');
}
