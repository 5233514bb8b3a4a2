// What this phone keeps in IndexedDB: who is here, that person's key, and what is not sent yet. (docs/offline.md)
//
// who:    { name: 'now', user, diary, language, kept } the person whose pages are kept, and when they were
// keys:   { user, key } her key; it leaves the phone with her
// unsent: { id, user, diary, kind, url, written, changed, state, tries, next, said, to, sealed, photos }, one an entry; what she
//         wrote is in `sealed` and `photos`, which only her key opens
const STORES = { who: 'name', keys: 'user', unsent: 'id' };
const PAGES = 'vigil-pages ';
let opening = null;

function database() {
  opening ??= new Promise((done, failed) => {
    const asked = indexedDB.open('vigil', 1);
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) asked.result.createObjectStore(name, { keyPath });
    };
    asked.onerror = () => { opening = null; failed(asked.error); };
    asked.onsuccess = () => {
      asked.result.onclose = () => { opening = null; };
      asked.result.onversionchange = () => { asked.result.close(); opening = null; };
      done(asked.result);
    };
  });
  return opening;
}

// Resolves when it is on the disk, not when it was asked for.
async function within(store, mode, act) {
  const open = await database();
  return new Promise((done, failed) => {
    const transaction = open.transaction(store, mode, { durability: 'strict' });
    const asked = act(transaction.objectStore(store));
    transaction.oncomplete = () => done(asked.result);
    transaction.onabort = () => failed(transaction.error);
  });
}

export const get = (store, key) => within(store, 'readonly', (each) => each.get(key));
export const all = (store) => within(store, 'readonly', (each) => each.getAll());
export const put = (store, value) => within(store, 'readwrite', (each) => each.put(value));
export const drop = (store, key) => within(store, 'readwrite', (each) => each.delete(key));

export const here = () => get('who', 'now');
export const pagesOf = ({ user, diary, language }) => `${PAGES}${user} ${diary} ${language}`;

/** The unsent entries of one person, oldest first by the time they are about. */
export async function unsentOf(user) {
  const found = (await all('unsent')).filter((item) => item.user === user);
  return found.sort((one, other) => one.written - other.written);
}

async function forgetPages(except) {
  for (const name of await caches.keys()) if (name.startsWith(PAGES) && name !== except) await caches.delete(name);
}

async function forgetKeys(except) {
  for (const { user } of await all('keys')) if (user !== except) await drop('keys', user);
}

/** Somebody is signed in on this page. What was kept for anybody else goes, except what is sealed and not sent. */
export async function arrive(person) {
  const before = await here();
  if (before && pagesOf(before) === pagesOf(person)) return;
  await put('who', { name: 'now', ...person, kept: 0 });
  await forgetKeys(person.user);
  await forgetPages(pagesOf(person));
}

/** Nobody is signed in any more: no page can be read, and what is not sent stays sealed until she is back. */
export async function leave() {
  await drop('who', 'now');
  await forgetKeys('');
  await forgetPages('');
  for (const { id, state } of await all('unsent')) if (state === 'sent') await drop('unsent', id);
}
