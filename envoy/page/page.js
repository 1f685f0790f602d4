// The page: which tab is shown, under which prefix, who is logged in, and what changes meanwhile.
import * as api from './api.js';
import * as bytes from './bytes.js';
import { CallsTab } from './calls.js';
import { ClusterTab, LeasesTab } from './cluster.js';
import { ask, failure, field, h, notice } from './dom.js';
import { KeyPane, newKey } from './key.js';
import { KeyTree } from './keys.js';
import { LiveTab } from './live.js';
import { Watch } from './watch.js';

const $ = (id) => document.getElementById(id);

const pane = new KeyPane((key) => go({ key }));
const tree = new KeyTree((key) => go({ key }));
const live = new LiveTab((key) => go({ tab: 'keys', key }));
const tabs = {
  keys: { element: $('keys') },
  live,
  leases: new LeasesTab((key) => go({ tab: 'keys', key })),
  cluster: new ClusterTab(),
  calls: new CallsTab(),
};
$('browse').append(tree.element);
$('keys').append(pane.element);
$('tabs').append(...['live', 'leases', 'cluster', 'calls'].map((name) => tabs[name].element));

/** What is shown, as the address says it. */
let shown = { tab: null, prefix: null, key: undefined, separator: null };
let watch = null;

function place() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const read = (name) => {
    try {
      return asked.has(name) ? bytes.unescape(asked.get(name)) : null;
    } catch {
      return null;
    }
  };
  const tab = Object.hasOwn(tabs, asked.get('tab')) ? asked.get('tab') : 'keys';
  return { tab, prefix: read('prefix') ?? '', key: read('key'), separator: read('separator') ?? '/' };
}

function address({ tab, prefix, key, separator }) {
  const parts = new URLSearchParams();
  if (tab !== 'keys') parts.set('tab', tab);
  if (prefix) parts.set('prefix', bytes.escape(prefix));
  if (separator !== '/') parts.set('separator', bytes.escape(separator));
  if (key !== null) parts.set('key', bytes.escape(key));
  return `#${parts}`;
}

/** Shows something else, unless what has been edited is to be kept. */
async function go(change, { replace = false } = {}) {
  const next = { ...place(), ...change };
  if (next.key !== pane.key && pane.dirty && !(await mayLeave())) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', address(next));
  show();
}

const mayLeave = () => ask({
  title: 'Leave the key unsaved?',
  body: h('p', null, 'What you have edited would be lost.'),
  confirm: 'Leave it',
  dangerous: true,
  act: () => true,
});

function show() {
  const next = place();
  const before = shown;
  shown = next;
  document.body.dataset.tab = next.tab;
  document.body.classList.toggle('has-key', next.key !== null);
  for (const [name, tab] of Object.entries(tabs)) {
    tab.element.hidden = name !== next.tab;
    if (name === next.tab && before.tab !== name) tab.enter?.();
    if (name !== next.tab && before.tab === name) tab.leave?.();
  }
  for (const link of document.querySelectorAll('nav a')) {
    if (link.dataset.tab === next.tab) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (next.prefix !== before.prefix || next.separator !== before.separator) load(next);
  if (next.key !== before.key) {
    if (next.key === null) pane.close();
    else pane.show(next.key);
    tree.select(next.key);
  }
}

async function load({ prefix, separator }) {
  if (document.activeElement !== $('prefix')) $('prefix').value = bytes.escape(prefix);
  $('separator').value = separator;
  live.clear();
  follow(prefix);
  const error = await tree.load(prefix, separator);
  said(error);
}

function said(error) {
  if (!error) {
    $('said').replaceChildren();
    return;
  }
  if (error.wantsUser) {
    logIn(api.user() ? 'You are no longer logged in.' : 'This etcd wants to know who you are.');
    return;
  }
  $('said').replaceChildren(failure(error));
}

const STATES = { connecting: 'Connecting', live: 'Live', lost: 'Connection lost, trying again', refused: 'Not live' };

const WAYS = { socket: 'Changes come over a WebSocket.', lines: 'Changes come as lines: no WebSocket could be opened.' };

function follow(prefix) {
  watch?.close();
  watch = new Watch(bytes.prefixRange(prefix), {
    events: (events) => {
      tree.apply(events);
      pane.apply(events);
      live.apply(events);
    },
    state: (name, error, way = null) => {
      $('state').className = name;
      $('state').title = error?.message ?? WAYS[way] ?? '';
      $('state').dataset.way = way ?? '';
      $('state-name').textContent = STATES[name];
    },
    missed: (revision) => {
      $('said').replaceChildren(notice('warn', `Changes before revision ${revision} have been compacted before they were seen here.`));
      tree.load(shown.prefix, shown.separator);
    },
  });
}

/** Everything anew, as another user. */
function again() {
  drawUser();
  shown = { ...shown, tab: null, prefix: null, key: undefined };
  $('said').replaceChildren();
  show();
}

let asking = false;
async function logIn(why = null) {
  if (asking) return;
  asking = true;
  const name = h('input', { autocomplete: 'username', required: true, autocapitalize: 'off', spellcheck: 'false' });
  const password = h('input', { type: 'password', autocomplete: 'current-password' });
  const done = await ask({
    title: 'Log in to etcd',
    body: [why && h('p', null, why), field('User', name), field('Password', password, 'The token is kept in memory: it is gone with this page.')],
    confirm: 'Log in',
    act: async () => {
      await api.logIn(name.value, password.value);
      return true;
    },
  });
  asking = false;
  if (done) again();
}

function drawUser() {
  $('user').textContent = api.user() ? `Log out ${api.user()}` : 'Log in';
}

const THEMES = ['', 'light', 'dark'];
function theme(next) {
  const root = document.documentElement;
  const now = next ?? '';
  if (now) root.dataset.theme = now;
  else delete root.dataset.theme;
  $('theme').textContent = { '': 'Auto', light: 'Light', dark: 'Dark' }[now];
  $('theme').setAttribute('aria-label', `Colours: ${$('theme').textContent}`);
}

function remember(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(name);
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing.
  }
  return null;
}

let typing = null;
$('prefix').addEventListener('input', ({ target }) => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    try {
      const prefix = bytes.unescape(target.value);
      target.removeAttribute('aria-invalid');
      go({ prefix }, { replace: true });
    } catch (error) {
      target.setAttribute('aria-invalid', 'true');
      said(error);
    }
  }, 200);
});
$('prefix').addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown') {
    event.preventDefault();
    tree.element.focus();
  }
});
$('separator').addEventListener('change', ({ target }) => go({ separator: target.value }));
$('new').addEventListener('click', async () => {
  const key = await newKey(shown.key ? shown.key.slice(0, shown.key.lastIndexOf(shown.separator) + 1) : shown.prefix);
  if (key !== null) go({ tab: 'keys', key });
});
$('reload').addEventListener('click', () => load(shown));
$('user').addEventListener('click', () => {
  if (!api.user()) logIn();
  else {
    api.logOut();
    again();
  }
});
$('theme').addEventListener('click', () => {
  const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? '') + 1) % THEMES.length];
  remember('theme', next);
  theme(next);
});
for (const link of document.querySelectorAll('nav a')) {
  link.addEventListener('click', (event) => {
    event.preventDefault();
    go({ tab: link.dataset.tab });
  });
}
document.addEventListener('keydown', (event) => {
  const typingNow = event.target.closest?.('input, textarea, select, dialog');
  if (typingNow || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === '/') $('prefix').select();
  else if (event.key === 'n') $('new').click();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
addEventListener('popstate', async () => {
  const wanted = location.hash;
  if (pane.dirty && place().key !== pane.key) {
    history.pushState(null, '', address(shown));
    if (!(await mayLeave())) return;
    history.replaceState(null, '', wanted || '#');
  }
  show();
});
addEventListener('beforeunload', (event) => {
  if (pane.dirty) event.preventDefault();
});

theme(remember('theme'));
drawUser();
show();
