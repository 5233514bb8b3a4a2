// Sends what is not sent yet: oldest first, under its writer's name only, until Vigil says in words that it is stored.
//
// Nothing is dropped here. An entry goes only when the answer names its page; sent twice it is still one, because its id is the key.
import { get, here, put, unsentOf } from './store.js';
import { keyFrom, unseal, unsealWords } from './seal.js';

const FIRST_PAUSE = 5000; // ms; doubled at every failure
const LONGEST_PAUSE = 15 * 60000;
const PATIENCE = 20000; // ms for an answer, and more for photos
const BYTES_PER_MS = 15; // a slow phone's line
export const WAITING = 'waiting';

const isJson = (answer) => (answer.headers.get('Content-Type') || '').startsWith('application/json');

/** Who is signed in: { user, diary, key, csrf }; or { why: 'signin' | 'other' | 'later' }. Remembers the key of the person here. */
export async function signedIn() {
  let answer;
  try {
    answer = await fetch('/offline/here/', { redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    return { why: 'later' };
  }
  if (answer.type === 'opaqueredirect') return { why: 'signin' };
  if (answer.status === 404) return { why: 'other' };
  if (!answer.ok || !isJson(answer)) return { why: 'later' };
  const found = await answer.json();
  if ((await here())?.user === found.user) await put('keys', { user: found.user, key: await keyFrom(found.key) });
  return found;
}

/** The key of the person who is here; null when this phone does not have it and cannot get it now. */
export async function keyOf(user) {
  const known = await get('keys', user);
  if (known) return known.key;
  await signedIn();
  return (await get('keys', user))?.key || null;
}

/** What an item says: { fields: [[name, text]], told: [text], photos: [{ name, blob }] }. Throws where it cannot be opened. */
export async function opened(item, key) {
  const { fields, told, names } = await unsealWords(key, item.sealed, item.id);
  const photos = await Promise.all((item.photos || []).map(async (sealed, index) => (
    { name: names[index], blob: new Blob([await unseal(key, sealed, item.id)], { type: 'image/jpeg' }) })));
  return { fields, told, photos };
}

export const keptSeconds = (item) => Math.max(0, Math.round((Date.now() - item.written) / 1000));

/** Ask Vigil to store it. { to } when it is stored, else { why, said }; never throws. */
export async function deliver(item, { fields, photos }, csrf) {
  const body = new FormData();
  for (const [name, text] of fields) body.append(name, text);
  for (const { name, blob } of photos) body.append(name, blob, 'photo.jpg');
  body.append('kept_seconds', keptSeconds(item));
  const size = photos.reduce((sum, { blob }) => sum + blob.size, 0);
  const headers = { 'X-Vigil-Phone': item.user, 'X-CSRFToken': csrf, Accept: 'application/json' };
  try {
    const signal = AbortSignal.timeout(PATIENCE + size / BYTES_PER_MS);
    return await said(await fetch(item.url, { method: 'POST', body, headers, redirect: 'manual', signal }));
  } catch {
    return { why: 'later' };
  }
}

// A page that is not ours (a hotel's, a proxy's) is no answer: only our own words count.
async function said(answer) {
  if (answer.type === 'opaqueredirect') return { why: 'signin' };
  if (isJson(answer)) {
    const told = await answer.json();
    if (answer.ok && typeof told.to === 'string') return { to: told.to };
    return answer.status < 500 && told.why ? told : { why: 'later' };
  }
  return { why: { 400: 'refused', 403: 'token', 404: 'refused', 410: 'refused', 413: 'mend' }[answer.status] || 'later' };
}

/** Write down what became of an item. */
export async function record(item, answer) {
  const { to, why, said: words } = answer;
  if (to) return put('unsent', { id: item.id, user: item.user, diary: item.diary, written: item.written, state: 'sent', to });
  if (['mend', 'newer', 'refused'].includes(why)) return put('unsent', { ...item, state: why, said: words || '' });
  const tries = item.tries + 1;
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(tries, 12)) * (0.8 + 0.4 * Math.random());
  return put('unsent', { ...item, tries, next: Date.now() + pause });
}

async function sendAll(soon) {
  const person = await here();
  if (!person) return 'signin';
  const due = (await unsentOf(person.user)).filter((item) => item.state === WAITING && (soon || item.next <= Date.now()));
  if (!due.length) return '';
  if (!navigator.onLine) return 'later';
  const session = await signedIn();
  if (session.why || session.user !== person.user) return session.why || 'other';
  const { key } = await get('keys', person.user);
  let left = '';
  for (const item of due) {
    if (item.diary !== session.diary) { left = 'diary'; continue; } // it waits until that diary is open
    const what = await opened(item, key).catch(() => null);
    if (!what) { await put('unsent', { ...item, state: 'locked' }); continue; }
    const answer = await deliver(item, what, session.csrf);
    // It may have been taken away or changed while it was on its way.
    const now = await get('unsent', item.id);
    if (now && now.state !== 'sent' && now.changed === item.changed) await record(item, answer);
    if (['signin', 'other'].includes(answer.why)) return answer.why;
    if (['later', 'token'].includes(answer.why)) return 'later';
  }
  return left;
}

/** Send what is due, or everything with `soon`; one at a time on this phone. '' or why something is left; null: another is at it. */
export async function sendDue({ soon = false } = {}) {
  const work = async () => {
    const why = await sendAll(soon);
    new BroadcastChannel('vigil').postMessage(why);
    return why;
  };
  if (!navigator.locks) return work();
  return navigator.locks.request('vigil-send', { ifAvailable: true }, (lock) => (lock ? work() : null));
}
