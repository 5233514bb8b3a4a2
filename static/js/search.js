// Filters chips by what is typed. Chosen ones always stay in sight, so that nothing is sent unseen.
const plain = (text) => text.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase().trim();

function items(root) {
  return [...root.querySelectorAll('.chip')].map((chip) => ({ chip, box: chip.closest('.reveal') || chip }));
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
    box.hidden = !match && !chip.querySelector(':checked');
    if (match) found += 1;
  }
  for (const group of root.querySelectorAll('.group')) {
    group.hidden = [...group.querySelectorAll('.chip')].every((chip) => (chip.closest('.reveal') || chip).hidden);
  }
  tell(input, found, words.length > 0);
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
