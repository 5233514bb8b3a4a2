// What a diary form says, read as diary/answers.py reads it: the same units, the same doubts, the same refusals. Pure.
//
// What the server would ask about again is in `problems` by its field, and left out of the answers.

import { compare, double, exact, lessRounded, overRounded, rounded, timesRounded, written } from './decimal.js';
import { localDay } from './zone.js';

/**
 * @typedef {import('./decimal.js').Exact} Exact
 * @typedef {{text: string, number: Exact, unit: string}} Typed
 * @typedef {{answers: Object<string, Object<string, unknown>>, measurements: Object<string, number>, problems: string[]}} Reading
 */

const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const EDGES = new RegExp(`^${SPACE}+|${SPACE}+$`, 'g');
const TYPED = new RegExp(
  `^([0-9]{1,6}(?:[.,][0-9]{0,20})?)(${SPACE}*/${SPACE}*[0-9]{2,3})?${SPACE}*((?!${SPACE})[^0-9][^0-9]{0,9})?$`, 'u');
const UNSEEN = /[\p{C}\p{Z}]/u;
const LONGEST = 40;
const MOST_NAMES = 500;
const ASKED = 'ask'; // asked by the page itself, not chosen by her
const LB_IN_KG = exact('0.45359237');
const FAR_FROM_LAST = exact('0.15');
const [FIVE, NINE, TEN, THIRTY_TWO] = [5, 9, 10, 32].map(exact);
const ALIASES = {
  '°c': 'C', c: 'C', celsius: 'C', '°f': 'F', f: 'F', fahrenheit: 'F',
  kg: 'kg', kgs: 'kg', kilo: 'kg', kilos: 'kg', lb: 'lb', lbs: 'lb', pound: 'lb', pounds: 'lb',
  '%': '%', mmhg: 'mmHg', '/min': '/min', bpm: '/min', h: 'h', hours: 'h',
};
const own = Object.hasOwn;

/** @param {unknown} text */
const stripped = (text) => String(text ?? '').replace(EDGES, '');

/** @param {string} text */
export function cleaned(text) {
  const lines = text.replace(/\r\n?/g, '\n').replaceAll('\u00a0', ' ');
  return stripped([...lines].filter((sign) => sign === '\n' || sign === '\t' || sign === ' ' || !UNSEEN.test(sign)).join(''));
}

/** In °C or kg where the unit is °F or lb. @param {Exact} number @param {string} unit */
export function canonical(number, unit) {
  if (unit === 'F') return overRounded(timesRounded(lessRounded(number, THIRTY_TWO), FIVE), NINE);
  return unit === 'lb' ? timesRounded(number, LB_IN_KG) : number;
}

/** The catalogue's °C or kg in another unit, for showing. @param {Exact} value @param {string} unit */
export function converted(value, unit) {
  if (unit === 'F') return lessRounded(overRounded(timesRounded(value, NINE), FIVE), exact(-32));
  return unit === 'lb' ? overRounded(value, LB_IN_KG) : value;
}

/** @param {string} unit @param {string} [also] */
function unitsFor(unit, also) {
  if (unit === 'C' || unit === 'F') return ['C', 'F'];
  return also ? [unit, also] : [unit];
}

/** The number in a text, in its own unit or the one given; null where it is none. @returns {Typed | null} */
function readNumber(text, unit, units) {
  const found = [...text].length <= LONGEST ? TYPED.exec(text) : null;
  if (!found || !units.includes(unit) || (found[2] && !units.includes('mmHg'))) return null;
  const name = found[3] === undefined ? unit : ALIASES[stripped(found[3]).toLowerCase()];
  if (!units.includes(name)) return null;
  return { text, number: exact(found[1].replace(',', '.').replace(/\.$/, '')), unit: name };
}

/** @param {Typed} typed */
const mark = ({ text, unit }) => `${text}|${unit}`;
const isWhole = (number) => rounded(number, 0).n * 10n ** BigInt(number.p) === number.n;
const within = (value, low, high) => compare(value, low) >= 0 && compare(value, high) <= 0;

/** Common enough not to be asked again? @param {Exact} value @param {Exact | undefined} last */
function isUsual(field, value, last) {
  if (last) {
    const away = lessRounded(value, last);
    return compare({ ...away, n: away.n < 0n ? -away.n : away.n }, timesRounded(last, FAR_FROM_LAST)) <= 0;
  }
  const [low, high] = (field.usual ?? [field.low, field.high]).map(exact);
  return within(value, low, high) && within(value, exact(field.low), exact(field.high));
}

/** What else may have been meant. @param {Typed} typed @param {string[]} units @returns {Typed[]} */
function others(typed, units) {
  const found = units.filter((unit) => unit !== typed.unit).map((unit) => ({ ...typed, unit }));
  if (isWhole(typed.number) && compare(typed.number, exact(100)) >= 0 && units.length > 1) {
    const tenth = overRounded(typed.number, TEN);
    for (const unit of [typed.unit, ...units]) found.push({ text: written(tenth), number: tenth, unit });
  }
  return found;
}

/** The number that was meant; null where it has to be asked again. @param {Typed} typed @returns {Typed | null} */
function meantBy(typed, field, units, last, answer) {
  const value = canonical(typed.number, typed.unit);
  const possible = within(value, exact(field.low), exact(field.high));
  if (possible && isUsual(field, value, last)) return typed;
  const meanings = others(typed, units).filter((other) => isUsual(field, canonical(other.number, other.unit), last));
  const at = answer.indexOf('>');
  const [asked, answered] = at < 0 ? [answer, ''] : [answer.slice(0, at), answer.slice(at + 1)];
  const allowed = possible ? [typed, ...meanings] : meanings;
  return asked === mark(typed) ? allowed.findLast((each) => mark(each) === answered) ?? null : null;
}

/** Which symptoms are asked about at an instant, and besides those, `also`. */
export function offered(pack, at, also = []) {
  const { symptoms } = pack.catalogue;
  const day = localDay(at, pack.zone);
  return Object.keys(symptoms).filter((code) => {
    const { retired, only_for: only } = symptoms[code];
    if (also.includes(code)) return true;
    if (retired || !only) return !retired;
    const given = pack.facts.doses.filter(([therapy, when]) => therapy === only[0] && when <= at).map(([, when]) => when);
    const since = given.length ? day - localDay(Math.max(...given), pack.zone) : -1;
    return only[1] <= since && since <= only[2];
  });
}

/** One pass over one form. */
class Reader {
  constructor(fields, pack, codes, last) {
    this.fields = fields;
    this.pack = pack;
    this.codes = codes;
    this.last = last;
    /** @type {Reading} */
    this.found = { answers: {}, measurements: {}, problems: [] };
  }

  read() {
    const names = Object.keys(this.fields).filter((name) => name.includes('.') && !this.isPhoto(name));
    if (names.length > MOST_NAMES) return { ...this.found, problems: [''] };
    if (!names.every((name) => this.isKnown(name))) this.wrong('');
    for (const code of this.codes) if (this.fields[`${code}.on`]) this.symptom(code, this.pack.catalogue.symptoms[code]);
    for (const [code, field] of Object.entries(this.pack.measured)) this.measurement(code, field);
    return this.found;
  }

  isPhoto(name) {
    return name.endsWith('.photo') && this.pack.photos.includes(name.slice(0, -6));
  }

  isKnown(name) {
    const [head, rest, ...more] = name.split('.');
    const part = more.join('.');
    if (part && part !== 'unit' && part !== 'meant') return false;
    if (head === 'm') return own(this.pack.measured, rest);
    if (!this.codes.includes(head)) return false;
    return own(this.pack.catalogue.symptoms[head].fields, rest) || (rest === 'on' && !part);
  }

  wrong(name) {
    this.found.problems.push(name);
  }

  text(name) {
    return stripped(own(this.fields, name) ? this.fields[name] : '');
  }

  symptom(code, { fields, only_for: only }) {
    const before = this.found.problems.length;
    const asked = this.fields[`${code}.on`] === ASKED;
    const values = {};
    for (const [name, field] of Object.entries(fields)) {
      const value = this.value(`${code}.${name}`, field);
      if (value !== undefined) values[name] = value;
    }
    const present = own(fields, 'present');
    if (present && !asked) values.present ??= true;
    const said = Object.values(values);
    if (asked && only && !said.length) return; // a daily check that was left open
    const open = asked && present && !own(values, 'present');
    const silent = !said.length || (own(fields, 'severity') && said.every((value) => value === false));
    if ((open || silent) && before === this.found.problems.length) this.wrong(`${code}.${open ? 'present' : Object.keys(fields)[0]}`);
    this.found.answers[code] = values;
  }

  value(name, field) {
    const text = this.text(name);
    if (!text) return undefined;
    if (field.kind === 'number' || field.kind === 'count') return this.number(name, field, text);
    if (field.kind === 'text') return this.words(name, field);
    if (field.kind === 'yes' && (text === 'yes' || text === 'no')) return text === 'yes';
    if (field.kind === 'severity' && /^[0-4]$/.test(text)) return Number(text);
    this.wrong(name);
    return undefined;
  }

  words(name, field) {
    const text = cleaned(this.text(name));
    if ([...text].length > Number(field.high)) this.wrong(name);
    else if (text) return text;
    return undefined;
  }

  measurement(code, field) {
    const text = this.text(`m.${code}`);
    const value = text ? this.number(`m.${code}`, field, text, this.last[code]) : undefined;
    if (value !== undefined) this.found.measurements[code] = value;
  }

  /** @param {Exact} [last] */
  number(name, field, text, last) {
    const units = unitsFor(field.unit, field.also);
    const typed = readNumber(text, this.text(`${name}.unit`) || (this.pack.units[field.unit] ?? field.unit), units);
    const meant = typed && meantBy(typed, field, units, last, this.text(`${name}.meant`));
    if (!meant || (field.kind === 'count' && !isWhole(meant.number))) {
      this.wrong(name);
      return undefined;
    }
    return double(canonical(meant.number, meant.unit));
  }
}

/**
 * @param {Object<string, string>} fields what the form posts, by name
 * @param {object} pack @param {string[]} codes the symptoms that it may ask about
 * @param {Object<string, Exact>} last the latest earlier measurements that new ones are compared with
 * @returns {Reading}
 */
export const readForm = (fields, pack, codes, last) => new Reader(fields, pack, codes, last).read();
