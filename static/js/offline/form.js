// A diary form is written to this phone first, then sent; only when Vigil says that it is stored does the phone forget it.
//
// Without a connection, in the middle of a crash, or with a session that is over, what she wrote stays here. Where this module
// cannot keep anything (no storage, no key yet), the browser sends the form as if there were no module.
import { drop, get, put, unsentOf } from './store.js';
import { seal, sealWords } from './seal.js';
import { WAITING, deliver, keyOf, opened, record, signedIn } from './send.js';
import { saying } from './telling.js';

const { user } = document.body.dataset;
const madeAt = document.documentElement.dataset.kept;
const MOST_PHOTOS = 4;

// A kept page is shown many times; each time it is a new entry.
function rename(form) {
  const field = form.elements.client_uuid;
  if (madeAt && field) field.value = crypto.randomUUID();
}

// Of two corrections of an entry that wait here, the later counts.
const idOf = (form) => form.elements.client_uuid?.value || new URL(form.action).pathname;

function collect(form, button) {
  const data = [...new FormData(form)].filter(([name]) => name !== 'csrfmiddlewaretoken');
  if (button?.name) data.push([button.name, button.value]);
  const photos = data.filter(([, value]) => value instanceof File && value.size).slice(0, MOST_PHOTOS);
  return { fields: data.filter(([, value]) => typeof value === 'string'), photos: photos.map(([name, blob]) => ({ name, blob })) };
}

// An entry that is put right keeps its time and, unless she chose others, its photos.
async function kept(item, key) {
  const before = await get('unsent', item.id);
  if (!before?.sealed || before.user !== user) return { written: item.written, photos: [] };
  return { written: before.written, photos: (await opened(before, key)).photos };
}

async function keep(form, button) {
  const key = await keyOf(user);
  if (!key) throw new Error('no key');
  const { fields, photos: chosen } = collect(form, button);
  const item = {
    id: idOf(form), user, diary: new Map(fields).get('diary_of') || document.body.dataset.diary, kind: form.dataset.offline,
    url: new URL(form.action).pathname, written: Date.now(), changed: crypto.randomUUID(), state: WAITING, tries: 0, next: Date.now() + 60000,
  };
  const before = await kept(item, key);
  const photos = chosen.length ? chosen : before.photos;
  item.written = before.written;
  item.sealed = await sealWords(key, { fields, told: saying(form, button), names: photos.map(({ name }) => name) }, item.id);
  item.photos = await Promise.all(photos.map(async ({ blob }) => seal(key, await blob.arrayBuffer(), item.id)));
  await put('unsent', item);
  navigator.storage?.persist?.();
  return { item, what: { fields, photos } };
}

async function tryNow({ item, what }, form) {
  if (!navigator.onLine) return { why: 'later' };
  const answer = await deliver(item, what, form.elements.csrfmiddlewaretoken.value);
  if (answer.why !== 'token') return answer;
  const session = await signedIn(); // the page was open for so long, or is a kept one, that its token is another session's
  return session.csrf && session.user === user ? deliver(item, what, session.csrf) : { why: session.why || 'other' };
}

const saysSomething = ({ fields }) => fields.some(([name, value]) => value && (name.endsWith('.on') || /^m\.\w+$/.test(name)));

async function wait(item, answer) {
  await record(item, answer.why === 'token' ? { why: 'later' } : answer);
  const registration = await navigator.serviceWorker.getRegistration('/');
  await registration?.sync?.register('vigil-send').catch(() => { /* a browser that has none: the next page sends it */ });
  location.assign(answer.why === 'signin' ? '/account/login/?next=/unsent/' : `/unsent/#${item.id}`);
}

async function submit(form, button) {
  const kept = await keep(form, button);
  const answer = await tryNow(kept, form);
  if (answer.to) {
    await drop('unsent', kept.item.id);
    location.assign(answer.to);
  } else if (['mend', 'newer', 'refused'].includes(answer.why)) {
    // The page that says what is wrong is the server's. What was wrong and not put right stays here, except where nothing was said.
    if (answer.why === 'mend' && saysSomething(kept.what)) await record(kept.item, answer);
    else await drop('unsent', kept.item.id);
    byHand(form, button);
  } else {
    await wait(kept.item, answer);
  }
}

function byHand(form, button) {
  form.removeAttribute('aria-busy');
  form.dataset.byHand = '';
  form.requestSubmit(button);
}

function listen(form) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.byHand !== undefined || event.defaultPrevented) return;
    event.preventDefault();
    if (form.getAttribute('aria-busy')) return;
    form.setAttribute('aria-busy', 'true');
    submit(form, event.submitter).catch(() => byHand(form, event.submitter));
  });
  addEventListener('pageshow', () => { form.removeAttribute('aria-busy'); delete form.dataset.byHand; });
}

// What is not sent yet is newer than the entry that the buttons speak of (docs/decisions/0010): then it is asked anew.
async function withoutTaps(form) {
  const taps = form.querySelectorAll('button[name="say"]');
  const waiting = (await unsentOf(user)).filter((item) => item.state !== 'sent');
  const key = waiting.length && taps.length ? await keyOf(user) : null;
  for (const item of key ? waiting : []) {
    const { fields } = await opened(item, key).catch(() => ({ fields: [] }));
    const said = new Map(fields).get('say');
    if (!['nothing', 'gone'].includes(said)) { taps.forEach((tap) => tap.remove()); return; }
  }
}

for (const form of document.querySelectorAll('form[data-offline]')) {
  rename(form);
  listen(form);
  if (form.dataset.offline === 'tap') await withoutTaps(form);
}
document.dispatchEvent(new Event('vigil:ready')); // what was sent before is held in hold.js
