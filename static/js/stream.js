// Hears that the list changed (server-sent events), and tells live.js, which asks. The stream carries no data. Where there is none,
// or while it is down, live.js asks every few seconds as before. Whoever is lost comes back after a pause of her own length,
// so that a whole clinic does not come back in the same moment.
const place = document.querySelector('[data-stream]');
const say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const SHORT = 2000;
const LONG = 60000;
let pause = SHORT;

function open() {
  const source = new EventSource(place.dataset.stream, { withCredentials: true });
  source.addEventListener('open', () => {
    pause = SHORT;
    say('vigil:hears', true);
    say('vigil:changed'); // what happened while nobody listened
  });
  source.addEventListener('message', () => setTimeout(() => say('vigil:changed'), Math.random() * 300));
  source.addEventListener('error', () => {
    source.close();
    say('vigil:hears', false);
    setTimeout(open, pause * (0.5 + Math.random()));
    pause = Math.min(2 * pause, LONG);
  });
}

if (place?.dataset.stream && window.EventSource) open();
