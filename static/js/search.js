// Filters chips, or whatever has data-filter-item, by what is typed. Chosen ones always stay in sight, so that nothing is sent unseen; so do those in data-filter-keep.
const plain = (text) => text.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase().trim();

const ITEMS = '.chip, [data-filter-item]';

function items(root) {
  return [...root.querySelectorAll(ITEMS)].map((chip) => ({ chip, box: chip.closest('.reveal') || chip }));
}

function matches(chip, words) {
  const text = plain(`${chip.textContent} ${chip.dataset.words || ''}`);
  return words.every((word) => text.includes(word));
}

function filter(input) {
  const root = document.querySelector(input.dataset.filter);
  const words = plain(input.value).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { chip, box } of items(root)) {
    const match = matches(chip, words);
    box.hidden = !match && !chip.querySelector(':checked') && !box.closest('[data-filter-keep]');
    if (match) found += 1;
  }
  for (const group of root.querySelectorAll('.group')) show(group, words.length > 0);
  tell(input, found, words.length > 0);
}

// A group without a match goes; a folded one with a match opens while one searches and folds again after.
function show(group, searching) {
  const chips = [...group.querySelectorAll(ITEMS)];
  group.hidden = chips.length > 0 && chips.every((chip) => (chip.closest('.reveal') || chip).hidden);
  if (group.tagName !== 'DETAILS') return;
  if (searching && group.dataset.was === undefined) group.dataset.was = String(group.open);
  if (searching) group.open = true;
  else if (group.dataset.was !== undefined) {
    group.open = group.dataset.was === 'true' || group.querySelector(':checked') !== null;
    delete group.dataset.was;
  }
}

function tell(input, found, searching) {
  const status = input.closest('form, main, body').querySelector('[data-filter-status]');
  if (!status) return;
  status.textContent = searching ? status.dataset[found ? 'found' : 'none'].replace('{n}', found) : '';
}

for (const input of document.querySelectorAll('[data-filter]')) {
  input.addEventListener('input', () => filter(input));
  // Enter would send the diary; the person only meant "look".
  input.addEventListener('keydown', (event) => event.key === 'Enter' && event.preventDefault());
  if (input.value) filter(input);
}
