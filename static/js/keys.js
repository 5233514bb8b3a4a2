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

// The row that has the focus first, then the page (the alert that stands beside the list).
function press(letter) {
  const name = `[data-key="${CSS.escape(letter)}"]`;
  const target = current()?.querySelector(name) || document.querySelector(`[data-keys] ${name}, main ${name}`);
  if (!target) return false;
  if (target.matches('input, textarea, select')) target.focus(); else target.click();
  return true;
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !on() || typing(event.target)) return;
  if (event.key === 'j') step(1);
  else if (event.key === 'k') step(-1);
  else if (!'acr/?'.includes(event.key) || event.key.length !== 1 || !press(event.key)) return;
  event.preventDefault();
});

for (const box of document.querySelectorAll('[data-keys-switch]')) {
  box.checked = on();
  box.addEventListener('change', () => { try { localStorage.setItem(key, box.checked ? 'on' : 'off'); } catch { /* lasts for this page only */ } });
}
