// Answers in words, in the reader's units and language: what alerts/words/answers.py says, said on the phone.

import { converted } from './answers.js';
import { exact, rounded, written } from './decimal.js';
import { isReported } from './engine.js';

const SYMBOLS = { C: '°C', F: '°F' };
const own = Object.hasOwn;

/** Such as "38.9 °C": rounded for the eye only. */
const shown = (number, unit) => `${written(rounded(number, 1))} ${SYMBOLS[unit] ?? unit}`;

/** @param {string} name @param {object} field @param {string | number} value */
function quantity(name, field, value, pack) {
  const number = exact(value);
  if (field.kind === 'count') return `${written(number)} ${written(number) === '1' ? field.one ?? field.short : field.short}`;
  if (own(pack.units, field.unit)) return shown(converted(number, pack.units[field.unit]), pack.units[field.unit]);
  if (field.unit === 'h') return `${field.short}: ${written(number)}`;
  if (name === 'percent_body') return pack.words.share.replace('{n}', written(number));
  return shown(number, field.unit);
}

/** @returns {string[]} */
function parts(symptom, values, pack) {
  const said = Object.keys(symptom.fields).filter((name) => own(values, name));
  return said.map((name) => {
    const [field, value] = [symptom.fields[name], values[name]];
    if (field.kind === 'severity') return symptom.levels[value];
    if (field.kind === 'text') return `“${value}”`;
    if (field.kind !== 'yes') return quantity(name, field, value, pack);
    if (name === 'present') return value ? '' : pack.words.no;
    return value ? field.short : '';
  }).filter(Boolean);
}

/** One line for each answer but those of "none"; what led to the advice first. @param {object} entry facts @param {string[]} leading */
export function lines(entry, leading, pack) {
  const { symptoms } = pack.catalogue;
  const counts = (code) => !own(entry.answers[code], 'severity') || isReported(symptoms[code].fields, entry.answers[code]);
  const codes = Object.keys(entry.answers).filter(counts).sort((a, b) => leading.includes(b) - leading.includes(a));
  const said = codes.map((code) => [symptoms[code].name, parts(symptoms[code], entry.answers[code], pack)]);
  const measured = Object.entries(entry.measurements).map(([code, value]) => [
    pack.measured[code].name, [quantity(code, pack.measured[code], value, pack)]]);
  return [...said, ...measured].map(([name, words]) => (words.length ? `${name}: ${words.join(', ')}` : name));
}
