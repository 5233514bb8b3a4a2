// What to do now, said by the phone itself, in the look of the advice page. Its words come with the pack: docs/offline-advice.md.
//
// Whatever goes wrong, it says "not checked" with the numbers; without even a pack it throws, and the page says so in its own words.

import { judge } from './judge.js';
import { lines } from './told.js';
import { instantAt, localDay, weekday } from './zone.js';

const MARKS = { emergency: 'octagon', urgent: 'triangle', unchecked: 'question', none: 'leaf' };
const SVG = 'http://www.w3.org/2000/svg';
const OLD_MS = 12 * 3600000;
const TOUCHING = 60000000; // 23:59 is how people write midnight
let count = 0;

/** @param {string} tag @param {Object<string, string>} [attributes] @param {(Node | string)[]} children */
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** @param {string} name */
function icon(name, pack) {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [key, value] of Object.entries({ class: 'icon', 'aria-hidden': 'true', focusable: 'false' })) svg.setAttribute(key, value);
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `${pack.icons}#${name}`);
  svg.append(use);
  return svg;
}

/** Is the clinic open? @param {{zone: string, open: number[][]}} hours @param {number} now milliseconds */
export function isOpen(hours, now) {
  const at = now * 1000;
  const today = localDay(at, hours.zone);
  const stretches = [-1, 0, 1].flatMap((more) => hours.open
    .filter(([day]) => day === weekday(today + more))
    .map(([, opens, closes]) => [instantAt(today + more, opens, hours.zone), instantAt(today + more, closes, hours.zone, true)]));
  const touches = (closes) => stretches.some(([opens]) => opens > at && opens - closes <= TOUCHING);
  return stretches.some(([opens, closes]) => opens <= at && opens < closes && (at < closes || touches(closes)));
}

function phone({ label, tel, display, kind }, pack) {
  const words = element('span', {}, element('span', { class: 'tel-label' }, label), ' ', element('span', { class: 'tel-number' }, display));
  return element('a', { class: kind ? `tel tel-${kind}` : 'tel', href: `tel:${tel}` }, icon('phone', pack), words);
}

function phones(tier, pack, now) {
  const numbers = pack.phones[isOpen(pack.hours, now) ? 'open' : 'closed'][tier];
  return element('div', { class: 'advice-phones' }, ...numbers.map((each) => phone(each, pack)));
}

const paragraph = (text, attributes = {}) => element('p', attributes, text);
const strong = (text) => element('p', {}, element('strong', {}, text));
const list = (texts, attributes) => element('ul', attributes, ...texts.map((text) => element('li', {}, text)));

/** @param {number} at milliseconds @param {Intl.DateTimeFormatOptions} parts */
const date = (at, parts, pack) => new Intl.DateTimeFormat(pack.lang, { timeZone: pack.zone, ...parts }).format(at);
const dayWords = (at, pack) => date(at, { weekday: 'long', day: 'numeric', month: 'long' }, pack);

function about(at, pack, now) {
  if (now - at <= OLD_MS) return [];
  const when = date(at, { weekday: 'long', day: 'numeric', month: 'long', hour: 'numeric', minute: '2-digit' }, pack);
  return [element('p', {}, element('strong', {}, pack.words.about.replace('{when}', when)), ` ${pack.words.about_then}`)];
}

/** What stands in the frame, below its head. */
function body(tier, judged, pack, now) {
  const { words } = pack;
  const key = tier === 'none' ? 'calm' : tier;
  const told = judged.told ? lines(judged.told, judged.leading, pack) : [];
  return element('div', { class: 'advice-body' },
    ...(judged.about === null ? [] : about(judged.about, pack, now)),
    paragraph(words[`${key}_lead`], { class: 'advice-lead' }),
    phones(key, pack, now),
    element('p', { class: 'advice-watch' }, icon('moon', pack), element('span', {}, words.nobody)),
    ...(judged.unread ? [strong(words.some_unread)] : []),
    ...(judged.stale ? [paragraph(words.stale.replace('{day}', dayWords(pack.made_at / 1000, pack)))] : []),
    ...(told.length ? [element('div', {}, element('h3', { class: 'advice-told' }, words.told), list(told, { class: 'advice-reasons' }))] : []));
}

function frame(tier, judged, pack, now) {
  const id = `offline-advice-${count += 1}`;
  const title = element('h2', { class: 'advice-title', id, tabindex: '-1' }, pack.words[tier === 'none' ? 'calm' : tier]);
  return element('section', { class: 'advice', 'data-tier': tier, 'aria-labelledby': id },
    element('div', { class: 'advice-head' }, icon(MARKS[tier], pack), title), body(tier, judged, pack, now));
}

/** Where the clinic has chosen otherwise than the shared rules, with its reason. */
function notice({ title, reason, decided }, tier, pack) {
  const said = tier === 'emergency' ? pack.words.aside_too : pack.words.aside;
  return element('section', { class: 'card advice-aside' }, element('h3', { class: 'card-title' }, title), paragraph(said),
    element('blockquote', { class: 'quote' }, paragraph(reason), element('footer', {}, decided)),
    phone(pack.phones.closed.emergency[0], pack));
}

function next(tier, pack) {
  const { words } = pack;
  const first = tier === 'none' ? words.tell_more : words.say;
  return element('section', { class: 'card' }, element('h3', { class: 'card-title' }, words.next),
    list([first, words.sends], { class: 'advice-then' }));
}

function why(titles, pack) {
  return element('details', { class: 'disclosure' }, element('summary', {}, pack.words.why),
    element('div', { class: 'disclosure-body' }, paragraph(pack.words.met), list(titles)));
}

function whole(judged, pack, now) {
  const { tier } = judged;
  return element('div', { class: 'stack', 'data-offline-advice': tier }, frame(tier, judged, pack, now),
    ...judged.aside.map((each) => notice(each, tier, pack)), next(tier, pack),
    ...(judged.titles.length ? [why(judged.titles, pack)] : []));
}

const BARE = { unread: false, titles: [], leading: [], told: null, about: null, aside: [], stale: false };

/** @returns {import('./judge.js').Judged} */
function judged(asked, now) {
  try {
    return judge(asked, now);
  } catch { // the text of the error may hold what she wrote, and goes nowhere
    return { ...BARE, tier: 'unchecked' };
  }
}

/**
 * The advice for a form that is not sent. `tier` is emergency, urgent, unchecked, or none.
 * @param {{pack: object, entry: import('./judge.js').Kept, unsent: import('./judge.js').Kept[]}} asked
 * @param {number} [now] milliseconds
 * @returns {{tier: string, node: HTMLElement}}
 */
export function advise(asked, now = Date.now()) {
  const { pack } = asked;
  const found = judged(asked, now);
  try {
    return { tier: found.tier, node: whole(found, pack, now) };
  } catch { // words that cannot be made must not hide what to do
    return { tier: found.tier, node: whole({ ...BARE, tier: found.tier }, pack, now) };
  }
}
