// Waiting times that count up. The server says how many seconds had passed (data-waited), so a wrong clock on this
// machine cannot make anybody's wait look shorter; after every swap the server's number starts afresh.
const bases = new WeakMap();

function base(element) {
  const known = bases.get(element);
  const given = element.dataset.waited;
  if (known && known.given === given && known.at === element.dateTime) return known;
  const fresh = { given, at: element.dateTime, start: Date.now() };
  bases.set(element, fresh);
  return fresh;
}

// "0:41" under a day, "2 d 3 h" above.
function waited(seconds) {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  return `${hours}:${String(minutes % 60).padStart(2, '0')}`;
}

function refresh(root = document) {
  for (const element of root.querySelectorAll('time[data-waited]')) {
    const { given, start } = base(element);
    const text = waited(Number(given) + (Date.now() - start) / 1000);
    if (element.textContent !== text) element.textContent = text;
  }
}

// A row turns late at its very second: data-late-in is how many seconds the server said were left.
const ends = new WeakMap();
let turn = 0;

function endOf(row) {
  const known = ends.get(row);
  const given = row.dataset.lateIn;
  if (known?.given === given) return known.at;
  ends.set(row, { given, at: Date.now() + 1000 * Number(given) });
  return ends.get(row).at;
}

function turnLate() {
  const soon = [];
  for (const row of document.querySelectorAll('[data-late-in]')) {
    const left = endOf(row) - Date.now();
    if (left > 0) { soon.push(left); continue; }
    row.removeAttribute('data-late-in');
    row.setAttribute('data-late', '');
  }
  clearTimeout(turn);
  if (soon.length) turn = setTimeout(turnLate, Math.min(...soon, 3600000));
}

function all() { refresh(); turnLate(); }
all();
setInterval(refresh, 5000);
document.addEventListener('htmx:afterSettle', all);
document.addEventListener('visibilitychange', () => document.hidden || all());
