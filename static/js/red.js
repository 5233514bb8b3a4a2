// How many red rows wait for somebody: in the tab's title, and with a quiet sound when one comes, if a person asked for it. The
// server counts and names them (data-red, data-calls), so a filter that leaves red rows out keeps nothing quiet.
const key = 'vigil-sound';
const list = () => document.querySelector('[data-live]');
const button = document.querySelector('[data-sound]');
const wanted = () => { try { return localStorage.getItem(key) === 'on'; } catch { return false; } };
const title = document.title.replace(/^\(\d+\) /, '');
let known = calls();
let audio = null;

// Which red rows wait, each with since when: one that comes back to the list is another call. What is new is not told by its time,
// for an entry that was checked late brings a row that has waited for long.
function calls() { return new Set((list()?.dataset.calls || '').split(' ').filter(Boolean)); }

// Two soft tones. Browsers let a page sound only after somebody has touched it.
function sound() {
  if (audio?.state !== 'running') return;
  [[660, 0], [880, 0.22]].forEach(([pitch, after]) => {
    const tone = audio.createOscillator();
    const loud = audio.createGain();
    const at = audio.currentTime + after;
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime(0.08, at + 0.03);
    loud.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
    tone.connect(loud).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.5);
  });
  button.dataset.sounded = Number(button.dataset.sounded || 0) + 1;
}

function count() {
  const { red } = list().dataset;
  const now = calls();
  document.title = Number(red) ? `(${red}) ${title}` : title;
  if ([...now].some((call) => !known.has(call)) && wanted()) sound();
  known = now;
}

function show() {
  if (!button) return;
  const state = button.querySelector('[data-sound-state]');
  const text = !wanted() ? 'off' : audio?.state === 'running' ? 'on' : 'waiting';
  button.setAttribute('aria-pressed', String(wanted()));
  state.textContent = state.dataset[`text${text[0].toUpperCase()}${text.slice(1)}`];
}

async function wake() {
  if (!wanted()) return;
  audio ??= new AudioContext();
  await audio.resume();
  show();
}

button?.addEventListener('click', async () => {
  try { localStorage.setItem(key, wanted() ? 'off' : 'on'); } catch { return; } // without storage it cannot be switched on
  await wake();
  show();
  if (wanted()) sound(); // so that she knows it
});
for (const touch of ['pointerdown', 'keydown']) document.addEventListener(touch, wake, { once: true });
document.addEventListener('htmx:afterSettle', (event) => { if (event.target === list()) count(); });
show();
