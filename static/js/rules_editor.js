// The editor of a rule, live: the form goes to the server as it is and comes back in its new shape. Without this it works by its buttons.
const form = () => document.getElementById('rule-form');
const lost = () => document.getElementById('re-lost');
let pressed = false; // a button was pressed, so that the shape of the form may change under the focus
let unsaved = false;

// What one is typing in right now is newer than what comes back; and what a person opened stays open.
window.Idiomorph.defaults.ignoreActiveValue = true;
window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === 'open' && node.matches?.('[data-keep-open]'));

// The search box filters what is on the page; it is no answer.
for (const kind of ['input', 'change']) {
  document.addEventListener(kind, (event) => {
    if (event.target.matches?.('[data-filter]')) event.stopImmediatePropagation();
    else if (form()?.contains(event.target)) unsaved = true;
  }, { capture: false });
}

document.addEventListener('htmx:beforeRequest', (event) => {
  if (event.target !== form()) return;
  pressed = event.detail.requestConfig.triggeringEvent?.type === 'submit';
  if (pressed) unsaved = true;
});

document.addEventListener('htmx:beforeSwap', (event) => {
  if (event.target !== form()) return;
  window.Idiomorph.defaults.ignoreActiveValue = !pressed;
  if (lost()) lost().textContent = '';
});

document.addEventListener('htmx:afterSettle', () => {
  if (!pressed || !form()) return;
  pressed = false;
  const next = form().querySelector('[data-focus]') || document.getElementById(form().dataset.focusNext);
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
});

for (const failed of ['htmx:sendError', 'htmx:timeout', 'htmx:responseError']) {
  document.addEventListener(failed, (event) => {
    if (event.target === form() && lost()) lost().textContent = lost().dataset.text;
  });
}

// One menu open at a time; Escape closes it and goes back to its button.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('.re-menu[open]')) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener('keydown', (event) => {
  const open = event.key === 'Escape' && event.target.closest?.('.re-menu[open], .re-add[open], .re-chooser[open]');
  if (!open) return;
  open.open = false;
  open.querySelector('summary').focus();
});

// Saving goes to another page on purpose; anything else that leaves with something typed is asked about.
document.addEventListener('htmx:beforeOnLoad', (event) => {
  if (event.detail.xhr?.getResponseHeader('HX-Redirect')) unsaved = false;
});
addEventListener('beforeunload', (event) => { if (unsaved) event.preventDefault(); });
