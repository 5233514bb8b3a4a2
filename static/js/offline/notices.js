// Shows the notices that Vigil pushes to this device. Part of the worker.

self.addEventListener('push', (event) => {
  const said = event.data ? event.data.json() : {};
  event.waitUntil(self.registration.showNotification(said.title || 'Vigil', {
    tag: said.url || 'vigil',
    renotify: true,
    requireInteraction: true,
    data: { url: said.url },
  }));
});

// Only pages of this site are opened, whatever a message says.
function target(url) {
  const wanted = new URL(url || '/', self.location.origin);
  return new URL(wanted.pathname, self.location.origin).href;
}

async function open(url) {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const there = windows.find((each) => each.url === url) || null;
  return there ? there.focus() : self.clients.openWindow(url);
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(target(event.notification.data?.url)));
});
