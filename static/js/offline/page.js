// The page of what is not sent yet. After saving without a connection it says first what to do now, as far as this phone can tell.
import { drop, get, here, pagesOf, put, unsentOf } from './store.js';
import { WAITING, keptSeconds, keyOf, opened, sendDue, signedIn } from './send.js';

const root = document.querySelector('[data-unsent-page]');
const { user } = document.body.dataset;
const language = document.documentElement.lang;
const part = (name, within = root) => within.querySelector(`[data-${name}]`);
const made = (name) => root.querySelector(`template[data-made="${name}"]`).content.firstElementChild.cloneNode(true);
const when = (at) => new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long', hour: 'numeric', minute: '2-digit' }).format(at);

// -- advice ------------------------------------------------------------------------------------------------------------------

async function pack() {
  const person = await here();
  const found = await caches.match('/offline/pack/', { cacheName: pagesOf(person) });
  if (!found) throw new Error('no pack');
  return found.json();
}

const shape = ({ item: { id, kind, user: who, diary, written }, what: { fields } }) => (
  { id, kind, user: who, diary, written, day: Object.fromEntries(fields).day || '', fields: Object.fromEntries(fields) });

// Fails closed: whatever goes wrong, the page says that nobody looked, and whom to phone.
async function advice(open) {
  const slot = part('advice');
  const about = open.find(({ item }) => `#${item.id}` === location.hash) || open.at(-1);
  part('numbers').hidden = false;
  if (!about) { slot.replaceChildren(); return; }
  let node;
  try {
    const { advise } = await import('./advice.js');
    const unsent = open.filter((other) => other !== about).map(shape);
    ({ node } = await advise({ pack: await pack(), entry: shape(about), unsent }));
    if (!(node instanceof Node)) throw new Error('no advice');
  } catch {
    node = made('unchecked');
  }
  slot.replaceChildren(node);
  part('numbers').hidden = true; // advice brings its own
}

// -- the list ----------------------------------------------------------------------------------------------------------------

function line(text) {
  const item = document.createElement('li');
  item.textContent = text;
  return item;
}

function card({ item, what }) {
  const node = made('item');
  node.id = item.id;
  node.dataset.state = item.state;
  part('when', node).textContent = when(item.written);
  part('told', node).replaceChildren(...(what?.told || []).map(line));
  part('photos', node).hidden = !what?.photos.length;
  for (const state of node.querySelectorAll('[data-state-words]')) state.hidden = state.dataset.stateWords !== item.state;
  part('said', node).textContent = item.said || '';
  part('open', node).hidden = item.state !== 'mend';
  part('open', node).addEventListener('click', () => mend({ item, what }));
  part('away', node).addEventListener('click', () => askAway(item, node));
  return node;
}

// It cannot be brought back, so it is asked once.
function askAway(item, node) {
  part('sure', node).hidden = false;
  part('yes', node).addEventListener('click', async () => { await drop('unsent', item.id); await draw(); part('head').focus(); }, { once: true });
  part('yes', node).focus();
}

// The server's own page says what has to be put right: the kept answers are sent to it by hand, and it comes back with them.
async function mend({ item, what }) {
  await put('unsent', { ...item, state: WAITING, next: 0 });
  await send();
  if ((await get('unsent', item.id))?.state !== 'mend') return;
  const session = await signedIn();
  if (!session.csrf) { part('head').focus(); await draw(session.why); return; }
  const form = document.createElement('form');
  form.method = 'post';
  form.enctype = 'multipart/form-data';
  form.action = item.url;
  for (const [name, value] of [...what.fields, ['csrfmiddlewaretoken', session.csrf], ['kept_seconds', keptSeconds(item)]]) {
    const field = document.createElement('input');
    Object.assign(field, { type: 'hidden', name, value });
    form.append(field);
  }
  root.append(form);
  form.submit();
}

async function read() {
  const items = (await unsentOf(user)).filter((item) => item.state !== 'sent');
  const key = items.length ? await keyOf(user) : null;
  return Promise.all(items.map(async (item) => ({ item, what: key && await opened(item, key).catch(() => null) })));
}

async function draw(why) {
  const found = await read();
  root.dataset.count = found.length;
  for (const node of root.querySelectorAll('[data-if]')) node.hidden = (node.dataset.if === 'some') !== found.length > 0;
  part('sign-in').hidden = why !== 'signin' || !found.length;
  part('elsewhere').hidden = why !== 'diary';
  part('list').replaceChildren(...found.map(card));
  await advice(found.filter(({ item, what }) => what && [WAITING, 'mend'].includes(item.state)));
}

async function send() {
  const why = await sendDue({ soon: true });
  if (why !== null) await draw(why); // else another window is at it, and tells
}

// Shown in place of another page that cannot be had without a connection.
part('instead').hidden = location.pathname === root.dataset.unsentPage;
part('send').addEventListener('click', send);
new BroadcastChannel('vigil').addEventListener('message', ({ data }) => draw(data));
await draw();
