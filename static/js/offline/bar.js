// On every page of the diary: who is here, what is not sent yet (told so that one cannot miss it), sending, and signing out.
import { arrive, drop, here, leave, unsentOf } from './store.js';
import { WAITING, keyOf, sendDue } from './send.js';

const { user, diary } = document.body.dataset;
const bar = document.querySelector('[data-unsent-bar]');
const able = Boolean(user) && 'serviceWorker' in navigator && Boolean(globalThis.crypto?.subtle);
const KEPT_FOR = 20 * 60000; // ms: pages that are older are fetched again when one is online
const REST = 60000; // ms before it is tried again by itself where the way is barred: no line, signed out, another diary
const LONGEST_REST = 15 * 60000;
const language = document.documentElement.lang;
const madeAt = Number(document.documentElement.dataset.kept);
let timer = 0;
let back = false; // the line came back while this kept page was open

// -- telling -----------------------------------------------------------------------------------------------------------------

const count = (words, n) => (n === 1 ? words.one : words.many).replace('{n}', n);
const clock = (at) => new Intl.DateTimeFormat(language, { weekday: 'long', hour: 'numeric', minute: '2-digit' }).format(at);

// The one thing that matters most: what needs her, what waits, what was sent without her looking.
async function find() {
  const items = (await unsentOf(user)).filter((item) => item.to !== location.pathname);
  const of = (...states) => items.filter((item) => states.includes(item.state)).length;
  const [stuck, waiting] = [of('mend', 'newer', 'refused', 'locked'), of(WAITING)];
  if (stuck) return { kind: 'stuck', n: stuck };
  if (waiting) return { kind: 'waiting', n: waiting };
  const sent = items.filter((item) => item.state === 'sent');
  return sent.length ? { kind: 'sent', n: sent.length, to: sent.at(-1).to } : null;
}

function line(name, filled) {
  const part = bar.querySelector(`[data-bar="${name}"]`);
  part.hidden = !filled;
  return part;
}

async function show() {
  const found = await find();
  for (const kind of ['stuck', 'waiting', 'sent']) {
    const part = line(kind, found?.kind === kind && !document.querySelector('[data-unsent-page]'));
    if (part.hidden) continue;
    const words = part.querySelector('[data-words]');
    words.textContent = count(words.dataset, found.n);
    if (found.to) part.querySelector('a').href = found.to;
  }
  const old = back ? bar.dataset.back : bar.dataset.old;
  if (madeAt) line('old', true).querySelector('[data-words]').textContent = old.replace('{when}', clock(madeAt));
}

// What was sent while nobody looked has been seen when its page is open.
async function seen() {
  for (const item of await unsentOf(user)) if (item.state === 'sent' && item.to === location.pathname) await drop('unsent', item.id);
}

// -- sending -----------------------------------------------------------------------------------------------------------------

async function send(soon) {
  const why = await sendDue({ soon });
  await show();
  const waiting = (await unsentOf(user)).filter((item) => item.state === WAITING);
  clearTimeout(timer);
  if (!waiting.length) return;
  const next = Math.min(...waiting.map((item) => item.next));
  const pause = Math.min(Math.max(next - Date.now(), why ? REST : 1000), LONGEST_REST);
  timer = setTimeout(() => send(false).catch(quiet), pause);
}

// -- keeping -----------------------------------------------------------------------------------------------------------------

async function keep() {
  if (madeAt || !navigator.onLine) return;
  await navigator.serviceWorker.register('/push-worker.js');
  const { active } = await navigator.serviceWorker.ready;
  await keyOf(user);
  const person = await here();
  if (person && Date.now() - person.kept > KEPT_FOR) active.postMessage('keep');
}

// -- signing out -------------------------------------------------------------------------------------------------------------

async function goOut(form) {
  await leave();
  form.submit();
}

async function signOut(event) {
  const form = event.target;
  if (!form.matches('[action$="/account/logout/"]')) return;
  event.preventDefault();
  const waiting = (await unsentOf(user)).filter((item) => item.state !== 'sent').length;
  const dialog = document.querySelector('[data-sign-out]');
  if (!waiting && navigator.onLine) { goOut(form); return; }
  for (const part of dialog.querySelectorAll('[data-when]')) part.hidden = part.dataset.when !== (navigator.onLine ? 'online' : 'offline');
  const words = dialog.querySelector('[data-words]');
  words.textContent = waiting ? count(words.dataset, waiting) : '';
  dialog.addEventListener('close', () => { if (dialog.returnValue === 'out') goOut(form); }, { once: true });
  dialog.showModal();
}

// ----------------------------------------------------------------------------------------------------------------------------

function quiet(error) { if (error?.name === 'QuotaExceededError') console.warn(error); }

async function begin() {
  await arrive({ user, diary, language });
  await seen();
  await show();
  document.addEventListener('submit', (event) => { signOut(event).catch(() => event.target.submit()); });
  if (document.querySelector('form[data-offline]')) await import('./form.js');
  if (document.querySelector('[data-unsent-page]')) await import('./page.js');
  addEventListener('online', () => { back = true; send(true).catch(quiet); });
  addEventListener('offline', () => { back = false; show().catch(quiet); });
  document.addEventListener('visibilitychange', () => document.hidden || send(true).catch(quiet));
  new BroadcastChannel('vigil').addEventListener('message', () => show().catch(quiet));
  const idle = globalThis.requestIdleCallback || setTimeout;
  const rest = () => idle(() => keep().catch(quiet));
  if (document.readyState === 'complete') rest(); else addEventListener('load', rest);
  await send(true);
}

// Where form.js never came, the browser sends forms by itself.
const ready = () => document.dispatchEvent(new Event('vigil:ready'));
if (able) begin().catch(quiet).finally(ready); else ready();
