// A classic script in the head: it sets the colours before the first paint and tells the style sheets that scripts run.
(() => {
  const root = document.documentElement;
  const key = 'vigil-theme';

  const read = () => {
    try { return localStorage.getItem(key) || ''; } catch { return ''; } // storage may be forbidden: then follow the device
  };
  const write = (theme) => {
    try { theme ? localStorage.setItem(key, theme) : localStorage.removeItem(key); } catch { /* the choice lasts for this page */ }
  };
  const apply = (theme) => { theme ? root.setAttribute('data-theme', theme) : root.removeAttribute('data-theme'); };

  root.classList.add('js');
  apply(read());

  document.addEventListener('DOMContentLoaded', () => {
    for (const input of document.querySelectorAll('[data-theme-switch] input')) input.checked = input.value === read();
    document.querySelector('[data-focus]')?.focus();
  });
  document.addEventListener('change', (event) => {
    if (!event.target.closest('[data-theme-switch]')) return;
    apply(event.target.value);
    write(event.target.value);
  });
})();
