// What a diary form says, in the words that stand on it: for showing what is not sent yet, whatever becomes of the questions.

const textOf = (element) => (element ? element.textContent.replace(/\s+/g, ' ').trim() : '');
const asked = (input) => textOf(input.closest('fieldset, .field')?.querySelector('legend, .field-label'));

// "Fever": the chip without the small note beneath it; what is asked by itself has its name with it.
function nameOf(chip) {
  if (chip.type === 'hidden') return chip.dataset.name;
  const words = chip.closest('label').querySelector('span').cloneNode(true);
  words.querySelector('small')?.remove();
  return textOf(words);
}

function answer(form, input) {
  if (input.type === 'checkbox' || !input.value.trim()) return '';
  if (input.type !== 'radio') {
    const unit = form.querySelector(`[name="${CSS.escape(input.name)}.unit"]:checked`)?.closest('label') || input.parentElement.querySelector('.unit');
    return `${asked(input)} ${input.value.trim()} ${textOf(unit)}`.trim();
  }
  if (!input.checked) return '';
  const label = input.closest('label');
  return input.name.endsWith('.severity') ? textOf(label.querySelector('.scale-word') || label) : `${asked(input)} ${textOf(label)}`;
}

const isPart = (name) => /\.(?:unit|meant|on|photo)$/.test(name);

function answers(form, prefix) {
  const inputs = [...form.elements].filter((input) => input.name?.startsWith(prefix) && !isPart(input.name) && input.type !== 'hidden');
  return inputs.map((input) => answer(form, input)).filter(Boolean);
}

/** One line for each thing that was said; for a tap the words of its button. */
export function saying(form, button) {
  if (button?.name === 'say') return [textOf(button.querySelector('.choice-title') || button), textOf(button.querySelector('.choice-note'))].slice(0, button.value === 'same' ? 2 : 1);
  const chosen = [...form.querySelectorAll('input[name$=".on"]:is(:checked, [value="ask"])')];
  const told = chosen.map((chip) => [chip, [nameOf(chip), answers(form, chip.name.replace(/on$/, '')).join(', ')].filter(Boolean)]);
  const lines = told.filter(([chip, words]) => chip.type !== 'hidden' || words.length > 1).map(([, words]) => words.join(': '));
  return [...lines, ...answers(form, 'm.')];
}
