// What was told last time: a row says at once what it says now, and folds again after a thumb has chosen.
//
// <details data-told="1"> (the level of last time) holds a severity; [data-told-word] and [data-told-tag] in its summary are ours.
// Without this module the row stays open and its radios say the same. A date to compare with is today's by the phone's own clock:
// a page that was kept for days without a network must not show the day on which it was made.
const said = (option) => option.closest('label').querySelector('.scale-word').textContent.trim().toLowerCase();

function standing(rows, level, before) {
  if (level === 0) return rows.dataset.gone;
  if (level === before) return '';
  return level < before ? rows.dataset.better : rows.dataset.worse;
}

function tell(row, option) {
  const text = standing(row.closest('[data-told-rows]'), Number(option.value), Number(row.dataset.told));
  const tag = row.querySelector('[data-told-tag]');
  row.querySelector('[data-told-word]').textContent = said(option);
  tag.textContent = text;
  tag.hidden = text === '';
  row.toggleAttribute('data-changed', text !== '');
}

const chosen = (row) => row.querySelector('input[name$=".severity"]:checked');
const rows = [...document.querySelectorAll('details[data-told]')];

for (const row of rows) {
  row.addEventListener('change', () => { if (chosen(row)) tell(row, chosen(row)); });
  // A pointer has chosen; arrow keys only walk through the levels. Rows with more to say stay open.
  row.addEventListener('click', (event) => {
    if (event.detail === 0 || !event.target.matches('input[name$=".severity"]')) return;
    if (row.querySelectorAll('fieldset, textarea').length > 1) return;
    row.open = false;
    row.querySelector('summary').focus({ preventScroll: true });
  });
}

// What the browser filled in again after a way back.
addEventListener('pageshow', () => { for (const row of rows) if (chosen(row)) tell(row, chosen(row)); });

const full = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'full' });
for (const day of document.querySelectorAll('[data-today]')) day.textContent = full.format(new Date());
