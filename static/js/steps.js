// One thing on a screen: turns <form class="steps" data-steps> into steps on a narrow screen.
//
// Parts are elements with data-step, in order. A part inside .reveal belongs to that chip and counts only while the chip is
// chosen. Fields are never copied, cleared or disabled: parts are moved to the form's top level (and back on a wide screen) and
// shown one at a time, so what was typed is always what is sent. The phone's back button goes one step back.
// The form holds components/steps_nav.html; an optional data-step-title on a part is announced in place of its legend.
//
// A part with data-step-optional need not be seen: where only such are left, the form can be sent (and one may still go on), from
// the first part only where it tells something by itself (data-told-rows). A part that asks one thing
// goes on by itself when a thumb has chosen; keys only walk through the choices, so they never do. The first part says so (WCAG 3.2.2).
const narrow = matchMedia('(max-width: 63.99rem)');
const SEEN = 250; // ms

class Steps {
  constructor(form) {
    this.form = form;
    this.bar = form.querySelector('[data-steps-bar]');
    this.parts = [...form.querySelectorAll('[data-step]')];
    this.homes = new Map(); // part -> the comment that keeps its place in the one-page form
    this.chips = new Map();
    for (const part of this.parts) {
      const reveal = part.closest('.reveal');
      if (reveal) this.chips.set(part, reveal.querySelector(':scope > .chip input, :scope > .option input'));
    }
    this.at = this.parts[0];
    this.listen();
    this.arrange();
  }

  listen() {
    this.bar.querySelector('[data-steps-next]').addEventListener('click', () => this.move(1));
    this.bar.querySelector('[data-steps-back]').addEventListener('click', () => this.back());
    this.form.addEventListener('change', () => this.stepping && this.draw());
    this.form.addEventListener('click', (event) => this.stepping && this.chosen(event));
    this.form.addEventListener('keydown', (event) => this.enter(event));
    addEventListener('popstate', (event) => this.stepping && this.show(this.known(event.state), { focus: true }));
    narrow.addEventListener('change', () => this.arrange());
    document.addEventListener('click', (event) => this.follow(event));
    // A page that comes back from the cache, or with fields the browser filled in again, may have other chips chosen.
    addEventListener('pageshow', () => this.stepping && this.draw());
  }

  get stepping() { return this.form.hasAttribute('data-stepping'); }

  get open() {
    return this.parts.filter((part) => !this.chips.get(part) || this.chips.get(part).checked);
  }

  arrange() {
    if (narrow.matches === this.stepping) return;
    if (narrow.matches) this.flatten(); else this.restore();
  }

  flatten() {
    for (const part of this.parts) {
      const host = part.parentElement.closest('[data-step]');
      if (!host) continue;
      const home = document.createComment('step');
      part.before(home);
      this.homes.set(part, home);
    }
    let last = null;
    for (const part of this.parts) {
      if (this.homes.has(part)) last.after(part);
      last = part;
    }
    this.form.setAttribute('data-stepping', '');
    const wrong = this.parts.find((part) => part.querySelector('[aria-invalid="true"], .field-error'));
    const returning = history.state?.vigilStep !== undefined; // a reload or a way back, not a page just sent back with mistakes
    this.show(returning ? this.known(history.state) : wrong || this.open[0], { focus: false });
  }

  restore() {
    this.form.removeAttribute('data-stepping');
    for (const [part, home] of this.homes) home.replaceWith(part);
    this.homes.clear();
    for (const part of this.parts) part.removeAttribute('data-current');
  }

  known(state) {
    const part = state && this.parts[state.vigilStep];
    return part && this.open.includes(part) ? part : this.open[0];
  }

  move(by) {
    const open = this.open;
    const to = open[open.indexOf(this.at) + by];
    if (to) this.go(to, { focus: true });
  }

  go(to, { focus }) {
    const from = this.parts.indexOf(this.at);
    history.replaceState({ ...history.state, vigilStep: from }, '');
    history.pushState({ vigilStep: this.parts.indexOf(to), vigilFrom: from }, '');
    this.show(to, { focus });
  }

  // The browser's own way back only where it leads to the step before: on a step that one did not walk to, it would leave the
  // page with everything in it.
  back() {
    const open = this.open;
    const to = open[open.indexOf(this.at) - 1];
    if (!to) return;
    const index = this.parts.indexOf(to);
    if (history.state?.vigilFrom === index) { history.back(); return; }
    history.replaceState({ vigilStep: index }, '');
    this.show(to, { focus: true });
  }

  // The screen stays a moment, so that one sees what was chosen. Another tap in it counts, a tap elsewhere keeps the step.
  chosen(event) {
    clearTimeout(this.going);
    const part = this.at;
    if (event.detail === 0 || !event.target.matches('input[type="radio"]') || !part.contains(event.target)) return;
    if (part.querySelectorAll('fieldset, textarea, select').length !== 1) return;
    this.going = setTimeout(() => { if (this.at === part && this.stepping) this.move(1); }, SEEN);
  }

  show(part, { focus }) {
    this.at = part;
    this.draw();
    if (!focus) return;
    scrollTo({ top: 0 });
    const head = part.querySelector('legend, h1, h2, h3') || part;
    head.setAttribute('tabindex', '-1');
    head.focus({ preventScroll: true });
  }

  draw() {
    const open = this.open;
    if (!open.includes(this.at)) this.at = open[0];
    for (const part of this.parts) part.toggleAttribute('data-current', part === this.at);
    const index = open.indexOf(this.at);
    const rest = open.slice(index + 1);
    const enough = index > 0 || rest.length === 0 || this.form.querySelector('[data-told-rows]') !== null;
    this.form.toggleAttribute('data-last', enough && rest.every((part) => part.hasAttribute('data-step-optional')));
    this.form.toggleAttribute('data-more', rest.length > 0);
    this.bar.querySelector('[data-steps-back]').hidden = index === 0;
    this.bar.querySelector('[data-steps-next]').hidden = index === open.length - 1;
    const count = this.bar.querySelector('[data-steps-count]');
    const text = count.dataset.text.replace('{n}', index + 1).replace('{of}', open.length);
    if (count.textContent !== text) count.textContent = text;
  }

  // Enter in a field means "next", not "send", until the last step.
  enter(event) {
    if (!this.stepping || event.key !== 'Enter' || !event.target.matches('input:not([type="search"])')) return;
    if (this.form.hasAttribute('data-last')) return;
    event.preventDefault();
    this.move(1);
  }

  // A link of the error summary leads into a step.
  follow(event) {
    const link = event.target.closest('a[href^="#"]');
    const target = this.stepping && link && document.getElementById(link.hash.slice(1));
    const part = target && this.parts.find((each) => each.contains(target));
    if (!part) return;
    event.preventDefault();
    this.go(part, { focus: false });
    target.focus();
  }
}

for (const form of document.querySelectorAll('form[data-steps]')) new Steps(form);
