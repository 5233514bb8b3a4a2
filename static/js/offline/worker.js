// The service worker's ears. Pages of the staff go past it; a form that is sent by hand does, too.
const DIARY = /^\/(?:$|today\/|entry\/|help\/|unsent\/|diary\/|treatment\/|what-we-look-for\/|me\/|photos\/)/;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) return;
  if (event.request.mode === 'navigate' && DIARY.test(url.pathname)) event.respondWith(page(event, url));
  else if (url.pathname.startsWith(STATIC)) event.respondWith(file(event.request));
});

self.addEventListener('message', (event) => {
  if (event.data === 'keep') event.waitUntil(self.clients.claim().then(keepAll).catch(() => { /* no network: what was kept before stays */ }));
});

// The browser's own way to send later, with no page open. What is left makes it try again.
self.addEventListener('sync', (event) => {
  if (event.tag !== 'vigil-send') return;
  event.waitUntil(sendDue({ soon: true }).then((why) => { if (why === 'later') throw new Error('not sent yet'); }));
});
