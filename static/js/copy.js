// <button data-copy="#text" data-said="#status"> copies a text field. Where the browser forbids it, the text is selected instead.
document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('[data-copy]');
  if (!button) return;
  const field = document.querySelector(button.dataset.copy);
  const said = document.querySelector(button.dataset.said);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    said.textContent = said.dataset.text;
  } catch {
    field.focus();
    said.textContent = said.dataset.textSelect;
  }
});
