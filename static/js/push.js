// Notices on this device. The button on the page of one's ways asks the browser for a subscription and hands it to Vigil.
//
// A subscription dies without a word when a browser is cleaned up or a permission is taken back. So every page of the staff looks,
// once an hour, whether the one that was handed over is still there, and tells Vigil when it is not; the page of the ways mends it.
const memory = 'vigil-push';
const hour = 3600 * 1000;
const part = document.querySelector('[data-push]');
const able = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

function recall() { try { return JSON.parse(localStorage.getItem(memory)) || {}; } catch { return {}; } }
function remember(known) { try { localStorage.setItem(memory, JSON.stringify(known)); } catch { /* asked again next time */ } }

function token() {
  const field = document.querySelector('input[name="csrfmiddlewaretoken"]');
  return field ? field.value : JSON.parse(document.body.getAttribute('hx-headers') || '{}')['X-CSRFToken'] || '';
}

const post = (url, fields) => fetch(url, {
  method: 'POST', headers: { 'X-CSRFToken': token() }, body: new URLSearchParams(fields), redirect: 'error',
});

function say(what) {
  const status = part.querySelector('[data-push-status]');
  status.textContent = status.dataset[what] || '';
}

function bytes(key) {
  const text = atob(key.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

const same = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);

// A subscription that was made for another key of the server is of no use any more.
async function subscribe(registration) {
  const key = bytes(part.dataset.push);
  const there = await registration.pushManager.getSubscription();
  if (there && same(new Uint8Array(there.options.applicationServerKey), key)) return there;
  if (there) await there.unsubscribe();
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function hand_over() {
  await navigator.serviceWorker.register('/push-worker.js');
  const subscription = await subscribe(await navigator.serviceWorker.ready);
  const before = recall().endpoint || '';
  const answer = await post(part.dataset.add, { subscription: JSON.stringify(subscription), instead_of: before });
  if (!answer.ok) return answer.status === 409 ? 'full' : 'unable';
  remember({ endpoint: subscription.endpoint, at: Date.now() });
  return before === subscription.endpoint ? 'on' : 'new';
}

async function ask() {
  say('');
  if (!able) return say('unable');
  if (await Notification.requestPermission() !== 'granted') return say('denied');
  const came = await hand_over().catch(() => 'failed');
  if (came === 'new') location.reload(); else say(came);
}

async function is_there(endpoint) {
  const registration = await navigator.serviceWorker.getRegistration('/');
  const subscription = registration && await registration.pushManager.getSubscription();
  return subscription?.endpoint === endpoint && Notification.permission === 'granted';
}

async function look() {
  const { endpoint, at } = recall();
  if (!endpoint) return;
  if (part && able && Notification.permission === 'granted') return say((await hand_over()).replace('new', 'on'));
  if (!part && Date.now() - at < hour) return;
  const there = able && await is_there(endpoint);
  if (!there) await post('/me/ways/device/lost/', { endpoint });
  remember({ endpoint, at: Date.now() });
}

part?.querySelector('[data-push-ask]').addEventListener('click', ask);
look().catch(() => { /* no network, or signed out meanwhile: looked at again on the next page */ });
