// What a kept form means: its facts beside those of the pack, and how pressing the rules call it. Pure but for the entry's own times.
//
// The most pressing of what can be read counts. What cannot be read makes the whole "unchecked", unless the rest is an emergency
// already: leaving something out never lowers a tier, so what was found stays true.

import { exact } from './decimal.js';
import { offered, readForm } from './answers.js';
import { TIERS, evaluate } from './engine.js';
import { dayOf, instantAt, localDay } from './zone.js';

/**
 * @typedef {{id: string, kind: string, written: number, fields: Object<string, string>}} Kept  a form as the phone keeps it
 * @typedef {{entry: object, replaces: string | null, problems: string[]}} Facts
 * @typedef {{tier: string, unread: boolean, titles: string[], leading: string[], told: object | null, about: number | null,
 *   aside: object[], stale: boolean}} Judged  `about` in milliseconds
 */

const MS = 1000;
const DAY_MS = 86400000;
const STALE_DAYS = 3;
const TOO_OLD_DAYS = 14;
const MOST_BACK = 7;
const PRESSING = ['urgent', 'emergency'];

/** @param {string} what @returns {never} */
function fail(what) {
  throw new TypeError(what);
}

/** When the form is about: now for today, else the middle of a part of the day. @param {Kept} kept */
function aboutAt({ written, fields }, pack) {
  const now = written * MS;
  const today = localDay(now, pack.zone);
  const day = fields.day ? dayOf(fields.day) : today;
  if (!(today - MOST_BACK <= day && day <= today)) fail('this day cannot be read');
  const at = (part) => instantAt(day, pack.parts[part] ?? fail('no part of the day'), pack.zone);
  return day === today ? { at: now, latest: now } : { at: at(fields.part), latest: at('night') };
}

/** The latest weight by then: measured, else usual. */
function lastWeight(pack, entries, latest) {
  const measured = entries.filter((entry) => entry.at <= latest && Object.hasOwn(entry.measurements, 'weight'));
  const newest = measured.reduce((best, entry) => (best && best.at > entry.at ? best : entry), null);
  const usual = pack.facts.usual.filter(([name]) => name === 'weight').at(-1)?.[2];
  const found = newest?.measurements.weight ?? pack.facts.last_weight ?? usual;
  return found === undefined || found === null ? {} : { weight: exact(found) };
}

const withId = (kept) => `~${kept.id}`; // after the ids of the server's own: later among entries of one instant

/** @param {Kept} kept @param {object[]} entries what is known besides @returns {Facts} */
function formFacts(kept, pack, entries) {
  const { fields } = kept;
  if (Number(fields.asked ?? pack.newest) !== pack.newest) fail('the questions have changed');
  const old = kept.kind === 'correct' ? corrected(kept, entries) : null;
  const { at, latest } = old ? { at: old.at, latest: old.at } : aboutAt(kept, pack);
  const codes = offered(pack, latest, old ? Object.keys(old.answers) : []);
  const { problems, ...said } = readForm(fields, pack, codes, lastWeight(pack, entries, latest));
  const silent = !Object.keys(said.answers).length && !Object.keys(said.measurements).length;
  if (silent && !fields.nothing) problems.push('nothing');
  return { entry: { id: old ? old.id : withId(kept), at, ...said }, replaces: old ? old.id : null, problems };
}

/** The entry that a correction replaces. */
function corrected(kept, entries) {
  const [, id] = /\/entry\/([\w-]+)\//.exec(kept.id) ?? [];
  return entries.find((entry) => entry.public === id) ?? fail('the entry is not known here');
}

/** One tap: nothing, gone, or the severities of the entry that was shown, again. @returns {Facts} */
function tapFacts(kept, pack, entries) {
  const entry = { id: withId(kept), at: kept.written * MS, answers: {}, measurements: {} };
  if (['nothing', 'gone'].includes(kept.fields.say ?? 'nothing')) return { entry, replaces: null, problems: [] };
  const [id] = (kept.fields.seen ?? '').split(':');
  const before = (kept.fields.say === 'same' && entries.find((each) => each.public === id)) || fail('no entry to say again');
  if (Object.keys(before.scales ?? {}).length) fail('the levels have changed');
  for (const [code, { severity }] of Object.entries(before.answers)) if (severity > 0) entry.answers[code] = { severity };
  return { entry, replaces: null, problems: [] };
}

/** @param {Kept} kept @returns {Facts} */
function factsOf(kept, pack, entries) {
  return kept.kind === 'tap' ? tapFacts(kept, pack, entries) : formFacts(kept, pack, entries);
}

/** What the server knows, without what is kept here under the same name: an answer that was lost on its way back. */
function known(pack, all) {
  const names = new Set(all.map((kept) => kept.id));
  return pack.facts.entries.filter((entry) => !names.has(entry.client));
}

/** All entries, the kept ones put in their place; one that cannot be read is left out, as the server does. */
function timeline(pack, entry, unsent) {
  let entries = known(pack, [entry, ...unsent]);
  const put = ({ entry: made, replaces }) => { entries = [...entries.filter(({ id }) => id !== replaces), made]; };
  const earlier = [...unsent].sort((a, b) => a.written - b.written);
  for (const other of earlier) {
    try {
      put(factsOf(other, pack, entries));
    } catch { /* nothing of it counts here; its own advice says that it could not be checked */ }
  }
  const own = factsOf(entry, pack, entries);
  put(own);
  return { own, entries };
}

const rank = (tier) => TIERS.indexOf(tier);

/** The flags of later entries that they have only because of this one. */
function broughtAbout(pack, entries, own) {
  const later = entries.filter(({ id, at }) => id !== own.id && at >= own.at).map(({ id }) => id);
  if (!later.length) return [];
  const before = new Map(evaluate(pack, entries.filter(({ id }) => id !== own.id), later).map((one) => [one.id, one]));
  return evaluate(pack, entries, later)
    .filter((one) => rank(one.tier) > rank(before.get(one.id).tier))
    .flatMap((one) => one.flags.filter((flag) => !before.get(one.id).rules.includes(flag.id)));
}

/** Signs for which the clinic does not send her to the emergency number, as the shared rules would. */
function asides(pack, entries, id, flags) {
  if (!pack.aside) return [];
  const ours = new Set(flags.filter(({ tier }) => tier === 'emergency').map((flag) => flag.id));
  try {
    const [{ rules }] = evaluate({ ...pack, ...pack.aside }, entries, [id]);
    return rules.filter((rule) => pack.aside.notices[rule] && !ours.has(rule)).map((rule) => pack.aside.notices[rule]);
  } catch {
    return []; // what the clinic's own rules found must not be lost for a notice beside it
  }
}

/** @param {number} now milliseconds */
function age(pack, now) {
  const days = (now - pack.made_at / MS) / DAY_MS;
  return { stale: days > STALE_DAYS, tooOld: days > TOO_OLD_DAYS || days < -1 };
}

/**
 * How pressing a kept form is. Throws where nothing of it can be told.
 * @param {{pack: object, entry: Kept, unsent: Kept[]}} asked @param {number} now milliseconds
 * @returns {Judged}
 */
export function judge({ pack, entry, unsent }, now) {
  if (pack?.version !== 1 || !pack.rules) fail('there are no rules');
  const { own, entries } = timeline(pack, entry, unsent);
  const [result] = evaluate(pack, entries, [own.entry.id]);
  const flags = [...result.flags, ...broughtAbout(pack, entries, own.entry)].filter(({ tier }) => PRESSING.includes(tier));
  const worst = flags.reduce((most, { tier }) => (rank(tier) > rank(most) ? tier : most), 'none');
  const { stale, tooOld } = age(pack, now);
  const unread = own.problems.length > 0;
  const unsure = (unread && worst !== 'emergency') || (tooOld && worst === 'none');
  const leading = flags.filter(({ tier }) => tier === worst);
  return {
    tier: unsure ? 'unchecked' : worst,
    unread,
    titles: [...new Set(flags.sort((a, b) => rank(b.tier) - rank(a.tier)).map(({ id }) => pack.titles[id]))],
    leading: [...new Set(leading.flatMap(({ symptoms }) => symptoms))],
    told: own.entry,
    about: own.entry.at / MS,
    aside: asides(pack, entries, own.entry.id, result.flags),
    stale,
  };
}
