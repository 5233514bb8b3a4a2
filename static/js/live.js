// A list that refreshes itself without moving under anybody's hand.
//
// <div id="worklist" data-live data-every="5" hx-get="…" hx-trigger="vigil:refresh" hx-swap="morph:outerHTML" hx-ext="morph">
// Rows carry ids, so the morph keeps each row's element, its focus and its open parts. Here: when to ask, where the page
// stands afterwards, what arrived, and the plain truth when the answer does not come. stream.js says when something changed
// ("vigil:changed") and whether it hears anything ("vigil:hears"): while it does, asking is only a safety net.
const list = () => document.querySelector('[data-live]');
const status = () => document.querySelector('[data-live-status]');
let pressed = false;
let moved = 0;
let asked = Date.now();
let held = null;
let since = Date.now();
let known = ids();
const fresh = new Map(); // what is new, and since when
let hears = false;
let next = 0;

function ids() { return new Set([...document.querySelectorAll('[data-live] [data-row]')].map((row) => row.id)); }

function ask() {
  const target = list();
  if (!target) return;
  if (target.classList.contains('htmx-request') || busy()) { clearTimeout(next); next = setTimeout(ask, 500); return; }
  window.htmx.trigger(target, 'vigil:refresh');
  wait();
}

// Also in a tab that nobody looks at, whose title counts and whose sound calls, but seldom there.
function wait() {
  const often = Number(list()?.dataset.every || 5);
  const seldom = Number(status()?.dataset.everyWithStream || 30);
  clearTimeout(next);
  next = setTimeout(ask, 1000 * (hears || document.hidden ? seldom : often));
}

// Not while a hand is at work on the list: the click would land on what moved there. But a list that is never refreshed would be worse.
function busy() {
  if (pressed) return true;
  const near = Date.now() - moved < 500 && Date.now() - asked < 8000;
  if (!near) asked = Date.now();
  return near;
}

function anchor() {
  const target = list();
  const row = document.activeElement?.closest('[data-row]') || target.querySelector('[data-row]:hover')
    || [...target.querySelectorAll('[data-row]')].find((each) => each.getBoundingClientRect().bottom > 60);
  return row ? { id: row.id, top: row.getBoundingClientRect().top, focus: document.activeElement?.id } : null;
}

function settle() {
  const row = held && document.getElementById(held.id);
  if (row) keep(row, held.top);
  held = null;
  const came = [...document.querySelectorAll('[data-live] [data-row]')].filter((each) => !known.has(each.id));
  for (const each of came) fresh.set(each.id, Date.now());
  known = ids();
  shine();
  if (came.length) announce(came.length);
}

// What is new says so for a minute, also after the list came again.
function shine() {
  for (const [id, at] of fresh) {
    const over = Date.now() - at > 60000;
    if (over) fresh.delete(id);
    document.getElementById(id)?.toggleAttribute('data-new', !over);
  }
}

// Scrolls so that the row stands where it stood; a short page gets room at its end for that.
function keep(row, top) {
  const off = () => row.getBoundingClientRect().top - top;
  scrollBy({ top: off(), behavior: 'instant' });
  if (off() < 1) return;
  const main = document.querySelector('main');
  main.style.paddingBottom = `${parseFloat(getComputedStyle(main).paddingBottom) + off()}px`;
  scrollBy({ top: off(), behavior: 'instant' });
}

function announce(count) {
  const place = document.querySelector('[data-live-news]');
  if (place) place.textContent = place.dataset.text.replace('{n}', count);
}

function good() {
  since = Date.now();
  tell(false);
}

function stale() { tell(true); }

function tell(isStale) {
  const line = status();
  if (!line) return;
  line.dataset.usual ??= line.firstElementChild?.textContent || line.textContent;
  line.toggleAttribute('data-stale', isStale);
  line.toggleAttribute('data-hears', hears);
  const clock = () => new Date(since).toLocaleTimeString(document.documentElement.lang);
  const words = isStale ? line.dataset.textStale.replace('{time}', clock()) : (hears && line.dataset.textLive) || line.dataset.usual;
  if (line.textContent !== words) line.textContent = words;
}

const mine = (event) => event.target === list() || event.detail?.elt === list();
document.addEventListener('pointermove', (event) => { if (event.target.closest?.('[data-live]')) moved = Date.now(); }, { passive: true });
document.addEventListener('pointerdown', () => { pressed = true; });
for (const end of ['pointerup', 'pointercancel']) document.addEventListener(end, () => { setTimeout(() => { pressed = false; }, 300); });
document.addEventListener('htmx:beforeSwap', (event) => { if (mine(event)) held = anchor(); });
document.addEventListener('htmx:afterSwap', () => { if (held) settle(); });
document.addEventListener('htmx:afterRequest', (event) => { if (mine(event)) (event.detail.successful ? good : stale)(); });
document.addEventListener('visibilitychange', () => (document.hidden ? wait() : ask()));
document.addEventListener('vigil:changed', ask);
document.addEventListener('vigil:hears', (event) => { hears = event.detail; tell(Boolean(status()?.hasAttribute('data-stale'))); wait(); });
addEventListener('online', ask);
addEventListener('offline', stale);
setInterval(shine, 5000);
wait();
