// A list that refreshes itself without moving under anybody's hand.
//
// <div id="worklist" data-live data-every="5" hx-get="…" hx-trigger="vigil:refresh" hx-swap="morph:outerHTML" hx-ext="morph">
// Rows carry ids, so the morph keeps each row's element, its focus and its open parts. Here: when to ask, where the page
// stands afterwards, what arrived, and the plain truth when the answer does not come.
const list = () => document.querySelector('[data-live]');
const status = () => document.querySelector('[data-live-status]');
let pressed = false;
let held = null;
let since = Date.now();
let known = ids();

function ids() { return new Set([...document.querySelectorAll('[data-live] [data-row]')].map((row) => row.id)); }

function ask() {
  const target = list();
  // Not while a button is down: the click would land on what moved there.
  if (!target || document.hidden || pressed || target.classList.contains('htmx-request')) return;
  window.htmx.trigger(target, 'vigil:refresh');
}

function anchor() {
  const target = list();
  const row = document.activeElement?.closest('[data-row]') || target.querySelector('[data-row]:hover')
    || [...target.querySelectorAll('[data-row]')].find((each) => each.getBoundingClientRect().bottom > 60);
  return row ? { id: row.id, top: row.getBoundingClientRect().top, focus: document.activeElement?.id } : null;
}

function settle() {
  const row = held && document.getElementById(held.id);
  if (row) scrollBy({ top: row.getBoundingClientRect().top - held.top, behavior: 'instant' });
  held = null;
  const fresh = [...document.querySelectorAll('[data-live] [data-row]')].filter((each) => !known.has(each.id));
  for (const each of fresh) each.setAttribute('data-new', '');
  known = ids();
  if (fresh.length) announce(fresh.length);
}

function announce(count) {
  const place = document.querySelector('[data-live-news]');
  if (place) place.textContent = place.dataset.text.replace('{n}', count);
}

function good() {
  since = Date.now();
  const line = status();
  if (line?.hasAttribute('data-stale')) { line.removeAttribute('data-stale'); line.textContent = line.dataset.was; }
}

function stale() {
  const line = status();
  if (!line) return;
  if (!line.hasAttribute('data-stale')) line.dataset.was = line.textContent;
  line.setAttribute('data-stale', '');
  line.textContent = line.dataset.textStale.replace('{time}', new Date(since).toLocaleTimeString(document.documentElement.lang));
}

const mine = (event) => event.target === list() || event.detail?.elt === list();
document.addEventListener('pointerdown', () => { pressed = true; });
for (const end of ['pointerup', 'pointercancel']) document.addEventListener(end, () => { setTimeout(() => { pressed = false; }, 300); });
document.addEventListener('htmx:beforeSwap', (event) => { if (mine(event)) held = anchor(); });
document.addEventListener('htmx:afterSwap', () => { if (held) settle(); });
document.addEventListener('htmx:afterRequest', (event) => { if (mine(event)) (event.detail.successful ? good : stale)(); });
document.addEventListener('visibilitychange', ask);
addEventListener('online', ask);
addEventListener('offline', stale);
setInterval(ask, 1000 * Number(list()?.dataset.every || 5));
