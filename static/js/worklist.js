// The panel beside the worklist, on a wide screen. Without this module a row is a plain link to the alert's page.
const wide = matchMedia('(min-width: 70rem)');
const panel = () => document.getElementById('preview');
const row = (id) => document.querySelector(`[data-row][data-alert="${CSS.escape(id)}"]`);
const shown = () => panel()?.querySelector('[data-alert]');

// What was typed for one patient waits for her there, and is never lost or shown beside another's name.
const drafts = new Map();
const areas = () => [...(panel()?.querySelectorAll('textarea') || [])];
const nameOf = (area) => `${shown()?.dataset.alert} ${area.name}`;
const lay = () => areas().forEach((area) => (area.value ? drafts.set(nameOf(area), area.value) : drafts.delete(nameOf(area))));
function giveBack() {
  for (const area of areas().filter((each) => drafts.has(nameOf(each)))) {
    area.value = drafts.get(nameOf(area));
    area.closest('details').open = true;
  }
}

function choose(link) {
  lay();
  const { alert } = link.closest('[data-row]').dataset;
  window.htmx.ajax('GET', link.href, { target: '#preview', swap: 'innerHTML' });
  mark(alert);
  const address = new URL(location.href);
  address.searchParams.set('selected', alert);
  history.replaceState(null, '', address);
}

function mark(alert) {
  for (const each of document.querySelectorAll('[data-row][data-selected]')) each.removeAttribute('data-selected');
  row(alert)?.setAttribute('data-selected', '');
  for (const field of document.querySelectorAll('#worklist input[name="selected"]')) field.value = alert;
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('.row-link');
  if (!link || !wide.matches || !panel() || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (shown()?.dataset.alert === link.closest('[data-row]').dataset.alert) return; // the second time opens the page
  event.preventDefault();
  choose(link);
});

// Somebody else took a step: the panel follows, unless a person is writing in it.
function follow() {
  const old = shown();
  const now = old && row(old.dataset.alert);
  const writing = panel()?.contains(document.activeElement) && document.activeElement.matches('input, textarea, select');
  const typed = areas().some((area) => area.value);
  if (!now || writing || typed || now.dataset.version === old.dataset.version) return;
  window.htmx.ajax('GET', now.querySelector('.row-link').href, { target: '#preview', swap: 'innerHTML' });
}

// A good word goes by itself; a refusal stays until the next step.
let going = 0;
document.addEventListener('htmx:oobAfterSwap', (event) => {
  if (event.detail.target.id !== 'said') return;
  clearTimeout(going);
  const { target } = event.detail;
  if (target.querySelector('.success')) going = setTimeout(() => target.replaceChildren(), 10000);
});

// A step that got no answer of ours (no network, a server in trouble, a page of another clinic) may or may not have been done.
for (const failed of ['htmx:sendError', 'htmx:timeout', 'htmx:responseError']) {
  document.addEventListener(failed, (event) => {
    if (event.detail.requestConfig.verb === 'get') return; // the list asks again by itself, and says so
    clearTimeout(going);
    document.getElementById('said').replaceChildren(document.getElementById('unanswered').content.cloneNode(true));
  });
}

document.addEventListener('htmx:afterSettle', (event) => {
  if (event.target.id === 'worklist') follow();
  if (event.target.id === 'preview') giveBack();
});
document.addEventListener('htmx:afterRequest', (event) => {
  const at = event.detail.xhr?.getResponseHeader('X-Checked-At');
  const place = document.querySelector('[data-checked-at]');
  if (at && place) place.textContent = at;
});
