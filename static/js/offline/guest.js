// On the page where one signs in: nobody is here, so nothing of anybody is readable; and what waits for its writer is told.
import { all, leave } from './store.js';

const part = document.querySelector('[data-unsent-guest]');

async function begin() {
  await leave();
  const waiting = (await all('unsent')).length;
  if (!part || !waiting) return;
  const words = part.querySelector('[data-words]');
  words.textContent = (waiting === 1 ? words.dataset.one : words.dataset.many).replace('{n}', waiting);
  part.hidden = false;
}

if ('indexedDB' in globalThis && 'caches' in globalThis) begin().catch(() => { /* storage is forbidden: nothing is kept */ });
