// One-key answers on the page of entries to rate: 1 to 4, and s to skip. Off while typing, with Ctrl, Alt or Cmd, and for
// good with the switch (WCAG 2.1.4), which is the same as the worklist's (keys.js).
const key = 'vigil-keys';
const on = () => { try { return localStorage.getItem(key) !== 'off'; } catch { return true; } };
const typing = (element) => element.matches('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]');

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !on() || typing(event.target)) return;
  const target = [...document.querySelectorAll('[data-rate] [data-press]')].find((each) => each.dataset.press === event.key);
  if (!target) return;
  event.preventDefault();
  target.click();
});

for (const box of document.querySelectorAll('[data-keys-switch]')) {
  box.checked = on();
  box.addEventListener('change', () => { try { localStorage.setItem(key, box.checked ? 'on' : 'off'); } catch { /* lasts for this page only */ } });
}
