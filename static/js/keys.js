// One-key commands on the worklist. Off while typing, off with Ctrl, Alt or Cmd, and off for good with the switch in the
// hint bar (WCAG 2.1.4), which is remembered on this machine.
const key = 'vigil-keys';
const on = () => { try { return localStorage.getItem(key) !== 'off'; } catch { return true; } };
const typing = (element) => element.matches('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]');
const rows = () => [...document.querySelectorAll('[data-keys] [data-row]')];
const current = () => document.activeElement?.closest('[data-row]') || document.querySelector('[data-keys] [data-selected]');

function step(by) {
  const all = rows();
  const to = all[Math.min(all.length - 1, Math.max(0, all.indexOf(current()) + by))] || all[0];
  const link = to?.querySelector('.row-link');
  link?.focus();
  to?.scrollIntoView({ block: 'nearest' });
}

// A letter acts on the row that has the focus and on nothing else; with no row, or on the row that is open beside the list,
// it may act on the open alert. It must never act on another patient than the one in focus.
function targetOf(letter) {
  const name = `[data-key="${CSS.escape(letter)}"]`;
  const row = document.activeElement?.closest('[data-row]');
  const inside = row?.querySelector(name);
  const open = row?.hasAttribute('data-selected');
  if (inside && !(open && inside.matches('a'))) return inside;
  if (letter === 'x' || (row && !open && 'acrz'.includes(letter))) return null;
  return [...document.querySelectorAll(`main ${name}`)].find((each) => !each.closest('[data-row]') && each.checkVisibility()) || inside;
}

// A letter opens a part and goes to its first question; it never shuts what somebody is filling in.
function enter(part, options) {
  if (!part.open) part.querySelector('summary').click();
  part.querySelector('input:not([type="hidden"]), select, textarea')?.focus(options);
}

function press(letter) {
  const target = targetOf(letter);
  if (!target) return false;
  if (letter === 'x') target.click();
  else if (target.matches('summary')) enter(target.parentElement);
  else if (target.matches('input, textarea, select, [tabindex]')) target.focus(); else target.click();
  return true;
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !on() || typing(event.target)) return;
  if (event.key === 'j') step(1);
  else if (event.key === 'k') step(-1);
  else if (!'acrxz/?'.includes(event.key) || event.key.length !== 1 || !press(event.key)) return;
  event.preventDefault();
});

for (const box of document.querySelectorAll('[data-keys-switch]')) {
  box.checked = on();
  box.addEventListener('change', () => { try { localStorage.setItem(key, box.checked ? 'on' : 'off'); } catch { /* lasts for this page only */ } });
}

function arrive() {
  const part = location.hash && document.getElementById(location.hash.slice(1));
  if (!part || !part.matches('main details')) return;
  enter(part, { preventScroll: true });
  // Where there is room for both, the patient's name stays in sight.
  if (document.activeElement.getBoundingClientRect().bottom + scrollY <= innerHeight) scrollTo({ top: 0, behavior: 'instant' });
}
arrive();
addEventListener('hashchange', arrive);
