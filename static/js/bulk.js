// Same-day rows chosen together. What was chosen stays chosen when the list comes again, unless that row changed meanwhile: it
// must be read again first. Without this module the boxes and the button are a plain form.
const chosen = new Set();
const boxes = () => [...document.querySelectorAll('[data-live] input[name="alert"]')];
const button = () => document.getElementById('take-many');

function show() {
  const count = boxes().filter((box) => box.checked).length;
  const one = button();
  if (!one) return;
  one.disabled = !count;
  one.querySelector('span').textContent = (count ? one.dataset.text : one.dataset.textNone).replace('{n}', count);
}

function restore() {
  const here = new Set(boxes().map((box) => box.value));
  for (const value of chosen) if (!here.has(value)) chosen.delete(value);
  for (const box of boxes()) box.checked = chosen.has(box.value);
  show();
}

document.addEventListener('change', (event) => {
  if (!event.target.matches('[data-live] input[name="alert"]')) return;
  (event.target.checked ? chosen.add(event.target.value) : chosen.delete(event.target.value));
  show();
});
document.addEventListener('htmx:afterSettle', (event) => { if (event.target.id === 'worklist') restore(); });
for (const box of boxes()) if (box.checked) chosen.add(box.value); // a browser gives back what was ticked before
restore();
