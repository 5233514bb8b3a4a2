// The rule language on the phone: what the rules say of entries, by the same meaning as alerts/engine on the server. Pure: no clock, no
// page, no network. tests/alerts/offline/test_same_answers.py holds both to the same answers. Whatever is not understood throws:
// a word, a field, a value. Who asks must then say "not checked", never "nothing found".

import { compare, exact, minus, times } from './decimal.js';
import { localDay } from './zone.js';

/**
 * @typedef {{id: string, at: number, answers: Object<string, Object<string, unknown>>, measurements: Object<string, unknown>,
 *   scales?: Object<string, number>}} Entry  `at` in microseconds since 1970
 * @typedef {{id: string, at: number, day: number, entry: Entry, latest: Object<string, number>}} Row
 * @typedef {string[] | null} Names  the symptoms that a condition names; null where it does not hold
 * @typedef {(row: Row, latest: Object<string, number>) => Names} Test  severities count only on the scales of `latest`
 * @typedef {{id: string, tier: string, symptoms: string[]}} Flag
 * @typedef {{id: string, tier: string, rules: string[], flags: Flag[]}} Result
 */

export const TIERS = ['none', 'monitor', 'same_day', 'urgent', 'emergency'];
const HOUR = 3600000000;
const PREVIOUS_WITHIN = 168 * HOUR;
const FINDINGS_WITHIN = 24 * HOUR;
const HUNDRED = exact(100);
const MOST_LEVELS = 60;

/** @param {Iterable<Iterable<string>>} names */
const union = (names) => [...new Set([...names].flatMap((each) => [...each]))].sort();
const own = Object.hasOwn;

/** @param {string} what @returns {never} */
function fail(what) {
  throw new TypeError(what);
}

// -- what a rule file says -------------------------------------------------------------------------------------------------------

/** Just these keys, each with a value. @param {unknown} found @param {string[]} keys */
function keyed(found, ...keys) {
  const given = found && typeof found === 'object' && !Array.isArray(found) ? Object.keys(found) : fail('a mapping is needed');
  if (given.length !== keys.length || !keys.every((key) => own(found, key))) fail(`unknown condition: ${given.join(', ')}`);
  return found;
}

/** @param {unknown} value @param {number} least @param {number} most */
function whole(value, least, most) {
  return Number.isInteger(value) && value >= least && value <= most ? value : fail('a whole number is needed');
}

/** @param {unknown} value */
function list(value) {
  return Array.isArray(value) && value.length ? value : fail('a list is needed');
}

// -- what an entry says ----------------------------------------------------------------------------------------------------------

/** The severity as far as it counts on these scales; 0 where it does not. @param {Row} row @param {string} code */
function severity(row, code, latest) {
  const level = row.entry.answers[code]?.severity;
  if (level === undefined || (latest[code] ?? 0) !== scaleOf(row.entry, code)) return 0;
  return level;
}

/** @param {Entry} entry @param {string} code */
const scaleOf = (entry, code) => entry.scales?.[code] ?? 0;

/** By symptom, the scale of each severity that was answered. @param {Entry} entry */
function answeredOn(entry) {
  const codes = Object.keys(entry.answers).filter((code) => own(entry.answers[code], 'severity'));
  return Object.fromEntries(codes.map((code) => [code, scaleOf(entry, code)]));
}

/** Does some field of a symptom say that it is there? @param {object} fields @param {Object<string, unknown>} answer */
export function isReported(fields, answer) {
  return Object.entries(answer).some(([name, value]) => {
    const least = fields[name].from;
    if (least === null || value === false) return false;
    return value === true || compare(exact(value), exact(least)) >= 0;
  });
}

/** Throws where an entry does not fit the catalogue. @param {Entry} entry */
function checkFits(entry, catalogue) {
  for (const [code, answer] of Object.entries(entry.answers)) {
    const fields = own(catalogue.symptoms, code) ? catalogue.symptoms[code].fields : fail(`unknown symptom ${code}`);
    for (const [name, value] of Object.entries(answer)) {
      if (!own(fields, name)) fail(`unknown field ${code}.${name}`);
      const kind = fields[name].kind;
      if ((kind === 'yes') !== (typeof value === 'boolean')) fail(`${code}.${name} does not fit`);
      if (kind === 'severity') whole(value, 0, 4);
      else if (kind === 'number' || kind === 'count') exact(value);
      else if (kind !== 'yes' && kind !== 'text') fail(`unknown kind ${kind}`);
    }
  }
  for (const [name, value] of Object.entries(entry.measurements)) {
    if (!catalogue.measurements.includes(name)) fail(`unknown measurement ${name}`);
    exact(value);
  }
}

/** Sorted by time, then id; each with the scales of the latest answers that are not later. @param {Entry[]} entries @returns {Row[]} */
function rowsOf(entries, pack) {
  for (const entry of entries) checkFits(entry, pack.catalogue);
  if (new Set(entries.map((entry) => entry.id)).size < entries.length) fail('an id is given twice');
  const sorted = [...entries].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  let known = {};
  return sorted.map((entry, index) => {
    // Entries of one instant know of each other.
    if (index === 0 || sorted[index - 1].at !== entry.at) {
      for (const each of sorted.slice(index)) {
        if (each.at !== entry.at) break;
        known = { ...known, ...answeredOn(each) };
      }
    }
    return { id: entry.id, at: entry.at, day: localDay(entry.at, pack.zone), entry, latest: { ...known, ...answeredOn(entry) } };
  });
}

// -- the words of the language -----------------------------------------------------------------------------------------------------

/** One patient's rows under one pack, with the usual values that count for the entry that is asked about. */
class Run {
  /** @param {Row[]} rows @param {Object<string, unknown>} usual */
  constructor(pack, rows, usual) {
    this.pack = pack;
    this.rows = rows;
    this.usual = Object.fromEntries(Object.entries(usual).map(([name, value]) => [name, exact(value)]));
    this.macros = new Map();
    this.level = 0;
    this.rules = pack.rules.map(({ id, tier, when }) => {
      if (!TIERS.includes(tier)) fail(`unknown tier ${tier}`);
      return { id, tier, test: this.read(when), counted: tier === 'same_day' && !this.countsFindings(when) };
    });
    this.found = new Map();
  }

  /** @param {Row} row @returns {Result} */
  result(row) {
    const flags = this.flags(row, this.rules);
    const tier = flags.reduce((most, flag) => Math.max(most, TIERS.indexOf(flag.tier)), 0);
    return { id: row.id, tier: TIERS[tier], rules: flags.map((flag) => flag.id), flags };
  }

  /** @returns {Flag[]} */
  flags(row, rules) {
    const held = rules.map(({ id, tier, test }) => ({ id, tier, symptoms: test(row, row.latest) }));
    return held.filter((flag) => flag.symptoms).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Whether a condition asks for same-day findings anywhere below it. */
  countsFindings(condition) {
    if (typeof condition === 'string') return this.countsFindings(this.macro(condition).when);
    if (own(condition, 'same_day_findings_24h_gte')) return true;
    const below = condition.any ?? condition.all ?? condition.persists?.of ?? [];
    return below.some((each) => this.countsFindings(each));
  }

  macro(name) {
    if (!own(this.pack.macros, name)) fail(`unknown macro ${name}`);
    return { when: this.pack.macros[name] };
  }

  /** @returns {Test} */
  read(condition) {
    if (++this.level > MOST_LEVELS) fail('nested too deeply');
    const test = typeof condition === 'string' ? this.named(condition) : this.worded(condition);
    this.level -= 1;
    return test;
  }

  named(name) {
    if (!this.macros.has(name)) this.macros.set(name, this.read(this.macro(name).when));
    return this.macros.get(name);
  }

  worded(condition) {
    const heads = condition && typeof condition === 'object' ? Object.keys(condition).filter((key) => own(WORDS, key)) : [];
    if (heads.length !== 1) fail('a condition has one word of the rule language');
    return WORDS[heads[0]](this, condition);
  }

  readAll(conditions) {
    return list(conditions).map((each) => this.read(each));
  }

  /** @param {unknown} code */
  symptom(code) {
    return typeof code === 'string' && own(this.pack.catalogue.symptoms, code) ? code : fail(`unknown symptom ${code}`);
  }

  /** @param {unknown} code */
  withSeverity(code) {
    return this.kind(code, 'severity') === 'severity' ? code : fail(`${code} has no severity`);
  }

  symptoms(codes) {
    return list(codes).map((code) => this.symptom(code)).sort();
  }

  /** @returns {string} */
  kind(code, field) {
    const { fields } = this.pack.catalogue.symptoms[this.symptom(code)];
    return own(fields, field) ? fields[field].kind : fail(`unknown field ${code}.${field}`);
  }

  /** @param {Row} row @param {string[]} codes sorted */
  reported(row, codes) {
    const { symptoms } = this.pack.catalogue;
    return codes.filter((code) => isReported(symptoms[code].fields, row.entry.answers[code] ?? {}));
  }

  /** The latest earlier row, at most a week before. @param {Row} row @returns {Row | undefined} */
  previous(row) {
    const earlier = this.rows.filter((each) => each.at < row.at).at(-1);
    return earlier && row.at - earlier.at <= PREVIOUS_WITHIN ? earlier : undefined;
  }

  /** The rows of a local day that are not later than this one. @param {number} day @param {Row} row */
  ofDay(day, row) {
    return this.rows.filter((each) => each.day === day && each.at <= row.at);
  }

  /** Those of the symptoms that are so much worse than in the previous entry. */
  worse(row, codes, by, latest) {
    const previous = this.previous(row);
    if (!previous) return null;
    const then = answeredOn(previous.entry);
    const found = codes.filter((code) => {
      const level = severity(row, code, latest);
      if (!level || (own(then, code) && then[code] !== scaleOf(row.entry, code))) return false;
      return level - severity(previous, code, previous.latest) >= by;
    });
    return found.length ? found.sort() : null;
  }

  /** The symptoms of a day's rows with that severity. */
  severe(rows, least, latest) {
    return union(rows.map((row) => Object.keys(row.entry.answers).filter((code) => severity(row, code, latest) >= least)));
  }

  /** The symptoms of the same-day findings of one row. @param {Row} row */
  findings(row) {
    if (!this.found.has(row.id)) {
      const counted = this.rules.filter((rule) => rule.counted);
      this.found.set(row.id, union(this.flags(row, counted).map((flag) => flag.symptoms)));
    }
    return this.found.get(row.id);
  }

  /** @param {Row} row @returns {number | null} microseconds */
  sinceDose(row, therapy) {
    const given = this.pack.facts.doses.filter(([code, at]) => at <= row.at && (therapy === undefined || code === therapy));
    return given.length ? Math.max(...given.map(([, at]) => at)) : null;
  }
}

/** @param {boolean} held @returns {Names} */
const nobody = (held) => (held ? [] : null);
/** @param {string[]} names @returns {Names} */
const some = (names) => (names.length ? names : null);

/** A test of a number that an entry gives. @param {Run} run @param {(value: object) => boolean} holds @returns {Test} */
function numberTest(code, field, holds) {
  return (row) => {
    const value = row.entry.answers[code]?.[field];
    return value !== undefined && holds(exact(value)) ? [code] : null;
  };
}

/** @type {Object<string, (run: Run, condition: any) => Test>} */
const WORDS = {
  any(run, condition) {
    const tests = run.readAll(keyed(condition, 'any').any);
    return (row, latest) => {
      const held = tests.map((test) => test(row, latest)).filter(Boolean);
      return held.length ? union(held) : null;
    };
  },
  all(run, condition) {
    const tests = run.readAll(keyed(condition, 'all').all);
    return (row, latest) => {
      const held = tests.map((test) => test(row, latest));
      return held.every(Boolean) ? union(held) : null;
    };
  },
  symptom(run, condition) {
    const { symptom: code, field, gte } = condition;
    if (!own(condition, 'field')) {
      keyed(condition, 'symptom', 'gte');
      run.withSeverity(code);
      whole(gte, 1, 4);
      return (row, latest) => (severity(row, code, latest) >= gte ? [code] : null);
    }
    const kind = run.kind(code, field);
    if (kind === 'yes') {
      keyed(condition, 'symptom', 'field');
      return (row) => (row.entry.answers[code]?.[field] === true ? [code] : null);
    }
    if (kind !== 'number' && kind !== 'count') fail(`${code}.${field} is no number`);
    if (own(condition, 'over_baseline_gte')) {
      const limit = exact(keyed(condition, 'symptom', 'field', 'over_baseline_gte').over_baseline_gte);
      const usual = run.usual[field];
      return numberTest(code, field, (value) => compare(usual ? minus(value, usual) : value, limit) >= 0);
    }
    const limit = exact(keyed(condition, 'symptom', 'field', 'gte').gte);
    return numberTest(code, field, (value) => compare(value, limit) >= 0);
  },
  reported_any(run, condition) {
    const codes = run.symptoms(keyed(condition, 'reported_any').reported_any);
    return (row) => some(run.reported(row, codes));
  },
  new_any(run, condition) {
    const codes = run.symptoms(keyed(condition, 'new_any').new_any);
    return (row) => {
      const previous = run.previous(row);
      const before = previous ? run.reported(previous, codes) : [];
      return some(run.reported(row, codes).filter((code) => !before.includes(code)));
    };
  },
  worsened(run, condition) {
    const { worsened: code, by } = keyed(condition, 'worsened', 'by');
    run.withSeverity(code);
    whole(by, 1, 4);
    return (row, latest) => run.worse(row, [code], by, latest);
  },
  any_worsened_by(run, condition) {
    const by = whole(keyed(condition, 'any_worsened_by').any_worsened_by, 1, 4);
    return (row, latest) => run.worse(row, Object.keys(row.entry.answers), by, latest);
  },
  any_severity_gte(run, condition) {
    const least = whole(keyed(condition, 'any_severity_gte').any_severity_gte, 1, 4);
    return (row, latest) => some(run.severe([row], least, latest));
  },
  persists(run, condition) {
    const inner = keyed(keyed(condition, 'persists').persists, 'days', 'at_least', 'of');
    const tests = run.readAll(inner.of);
    const [days, least] = [whole(inner.days, 1, 60), whole(inner.at_least, 1, tests.length)];
    return (row, latest) => {
      let today = null;
      for (let back = 0; back < days; back += 1) {
        const held = run.ofDay(row.day - back, row).map((each) => tests.map((test) => test(each, latest)).filter(Boolean));
        const counting = held.filter((names) => names.length >= least);
        if (!counting.length) return null;
        today ??= union(counting.flat());
      }
      return today;
    };
  },
  persists_any_severity(run, condition) {
    const inner = keyed(keyed(condition, 'persists_any_severity').persists_any_severity, 'days', 'gte');
    const [days, least] = [whole(inner.days, 1, 60), whole(inner.gte, 1, 4)];
    return (row, latest) => {
      let common = null;
      for (let back = 0; back < days; back += 1) {
        const found = run.severe(run.ofDay(row.day - back, row), least, latest);
        common = common === null ? found : common.filter((code) => found.includes(code));
        if (!common.length) return null;
      }
      return common;
    };
  },
  hours_since_dose(run, condition) {
    const most = times(exact(keyed(keyed(condition, 'hours_since_dose').hours_since_dose, 'lte').lte), exact(HOUR));
    return (row) => {
      const given = run.sinceDose(row);
      return nobody(given !== null && compare(exact(row.at - given), most) <= 0);
    };
  },
  therapy(run, condition) {
    const { therapy, day_gte: first, day_lte: last } = keyed(condition, 'therapy', 'day_gte', 'day_lte');
    whole(last, whole(first, 0, 3660), 3660);
    if (typeof therapy !== 'string') fail('a therapy is needed');
    return (row) => {
      const given = run.sinceDose(row, therapy);
      const day = given === null ? -1 : row.day - localDay(given, run.pack.zone);
      return nobody(first <= day && day <= last);
    };
  },
  context(run, condition) {
    const { context } = keyed(condition, 'context');
    if (typeof context !== 'string') fail('a context is needed');
    return (row) => {
      const spans = run.pack.facts.contexts.filter(([code]) => code === context);
      return nobody(spans.some(([, start, end]) => (start === null || start <= row.at) && (end === null || row.at <= end)));
    };
  },
  measure(run, condition) {
    const name = condition.measure;
    if (!run.pack.catalogue.measurements.includes(name)) fail(`unknown measurement ${name}`);
    const usual = run.usual[name];
    const holds = measured(condition, usual);
    return (row) => nobody(own(row.entry.measurements, name) && holds(exact(row.entry.measurements[name])));
  },
  allergic_signs_gte(run, condition) {
    const least = whole(keyed(condition, 'allergic_signs_gte').allergic_signs_gte, 1, Infinity);
    const { symptoms } = run.pack.catalogue;
    const signs = Object.keys(symptoms).filter((code) => symptoms[code].allergic).sort();
    return (row) => {
      const found = run.reported(row, signs);
      return found.length >= least ? found : null;
    };
  },
  same_day_findings_24h_gte(run, condition) {
    const least = whole(keyed(condition, 'same_day_findings_24h_gte').same_day_findings_24h_gte, 1, Infinity);
    return (row) => {
      const near = run.rows.filter((each) => each.id === row.id || (each.at < row.at && row.at - each.at <= FINDINGS_WITHIN));
      const found = union(near.map((each) => run.findings(each)));
      return found.length >= least ? found : null;
    };
  },
};

/** What a measured value is asked; percents are multiplied, never divided. @returns {(value: object) => boolean} */
function measured(condition, usual) {
  if (own(condition, 'lt')) {
    const limit = exact(keyed(condition, 'measure', 'lt').lt);
    return (value) => compare(value, limit) < 0;
  }
  if (own(condition, 'drop_percent_gt')) {
    const percent = exact(keyed(condition, 'measure', 'drop_percent_gt').drop_percent_gt);
    return (value) => Boolean(usual) && compare(times(minus(usual, value), HUNDRED), times(usual, percent)) > 0;
  }
  const percent = exact(keyed(condition, 'measure', 'change_percent_gte').change_percent_gte);
  return (value) => {
    if (!usual) return false;
    const away = minus(value, usual);
    return compare(times({ n: away.n < 0n ? -away.n : away.n, p: away.p }, HUNDRED), times(usual, percent)) >= 0;
  };
}

// -- asking ------------------------------------------------------------------------------------------------------------------------

/** The usual values that count at an instant: the latest measured by then, else the first ever. */
function usualAt(usual, at) {
  const found = {};
  for (const [name, since, value] of usual) if (since <= at || !own(found, name)) found[name] = value;
  return found;
}

/**
 * What the pack's rules say of each of these entries, in the order of time; with `only`, of those whose ids are in it, the others being
 * history. Throws for a pack or an entry that is not understood.
 * @param {object} pack @param {Entry[]} entries @param {Iterable<string>} [only]
 * @returns {Result[]}
 */
export function evaluate(pack, entries, only) {
  const wanted = only && new Set(only);
  const rows = rowsOf(entries, pack);
  const runs = new Map();
  return rows.filter((row) => !wanted || wanted.has(row.id)).map((row) => {
    const usual = usualAt(pack.facts.usual, row.at);
    const key = JSON.stringify(usual);
    if (!runs.has(key)) runs.set(key, new Run(pack, rows, usual));
    return runs.get(key).result(row);
  });
}
