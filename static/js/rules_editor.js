// The editor of a rule, live: the form goes to the server as it is and comes back in its new shape. Without this module its
// buttons do the same, one page at a time.
const form = () => document.getElementById('rule-form');
const lost = () => document.getElementById('re-lost');
const pressed = (event) => event.detail.requestConfig?.triggeringEvent?.type === 'submit';
let typed = 0; // how often something was typed
let next = 0;
let unsaved = false;

// What a person opened stays open; what is being made anew (it holds nothing yet) opens as the server says.
window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === 'open' && node.firstChild && node.matches?.('[data-keep-open]'));

function soon(milliseconds) {
  clearTimeout(next);
  next = setTimeout(look, milliseconds);
}

function look() {
  if (!form()) return;
  if (form().classList.contains('htmx-request')) soon(150);
  else window.htmx.trigger(form(), 'vigil:look');
}

for (const [kind, wait] of [['input', 700], ['change', 150]]) {
  document.addEventListener(kind, (event) => {
    if (!form()?.contains(event.target) || event.target.matches('[data-filter]')) return; // the search box is no answer
    typed += 1;
    unsaved = true;
    soon(wait);
  });
}

// htmx adds the button that has the focus, pressed or not; a look presses none.
document.addEventListener('htmx:configRequest', (event) => {
  if (event.target !== form()) return;
  const { triggeringEvent, parameters } = event.detail;
  parameters.do = triggeringEvent?.type === 'submit' ? triggeringEvent.submitter?.value || 'look' : 'look';
});

document.addEventListener('htmx:beforeRequest', (event) => {
  if (event.target !== form()) return;
  if (pressed(event)) { clearTimeout(next); unsaved = true; }
  event.detail.requestConfig.typed = typed;
});

document.addEventListener('htmx:beforeSwap', (event) => {
  if (event.target !== form()) return;
  if (!pressed(event) && typed !== event.detail.requestConfig.typed) event.detail.shouldSwap = false; // another look is on its way
  window.Idiomorph.defaults.ignoreActiveValue = !pressed(event);
  if (lost()) lost().textContent = '';
});

document.addEventListener('htmx:afterSettle', (event) => {
  if (!form() || !pressed(event)) return;
  const place = form().querySelector('[data-focus]') || document.getElementById(form().dataset.focusNext);
  place?.focus();
  place?.scrollIntoView({ block: 'nearest' });
});

for (const failed of ['htmx:sendError', 'htmx:timeout', 'htmx:responseError']) {
  document.addEventListener(failed, (event) => {
    if (event.target === form() && lost()) lost().textContent = lost().dataset.text;
  });
}

// One menu open at a time; Escape closes what is open and goes back to its button.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('.re-menu[open]')) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener('keydown', (event) => {
  const open = event.key === 'Escape' && event.target.closest?.('.re-menu[open], .re-add[open], .re-chooser[open]');
  if (!open) return;
  open.open = false;
  open.querySelector('summary').focus();
});

// Saving goes to another page on purpose; whatever else leaves with something typed is asked about.
document.addEventListener('htmx:beforeOnLoad', (event) => {
  if (event.detail.xhr?.getResponseHeader('HX-Redirect')) unsaved = false;
});
addEventListener('beforeunload', (event) => { if (unsaved) event.preventDefault(); });
