// A classic script in the head: a form of the diary that is sent before form.js can keep it is held, not lost.
//
// Sent as an ordinary form without a connection, the browser's own error page would take what she wrote. Who can keep it says so with
// `vigil:ready`; where nobody does in time, it goes out as if there were no script, as soon as there is a connection.
(() => {
  const PATIENCE = 5000; // ms
  let held = null;
  let over = false;

  function letGo() {
    over = true;
    if (!held) return;
    const { form, button } = held;
    held = null;
    form.removeAttribute('aria-busy');
    // A button that is gone meanwhile asked something that is not asked any more: see withoutTaps in form.js.
    if (!button || button.isConnected) form.requestSubmit(button);
  }

  function late() {
    if (navigator.onLine) letGo(); else addEventListener('online', letGo, { once: true });
  }

  document.addEventListener('submit', (event) => {
    if (over || event.defaultPrevented || !event.target.matches('form[data-offline]')) return;
    event.preventDefault();
    if (held) return;
    held = { form: event.target, button: event.submitter };
    held.form.setAttribute('aria-busy', 'true');
    setTimeout(late, PATIENCE);
  });
  document.addEventListener('vigil:ready', letGo);
})();
