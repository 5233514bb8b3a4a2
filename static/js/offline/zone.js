// Local calendar days and instants of a time zone. Instants are whole microseconds since 1970.

const MICROS = 1000;
const DAY = 86400000;
/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} zone throws RangeError for one that this browser does not know */
function formatOf(zone) {
  let format = formats.get(zone);
  if (!format) {
    const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' };
    // The calendar is named: a phone may be set to another one.
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', { timeZone: zone, hourCycle: 'h23', ...parts });
    formats.set(zone, format);
  }
  return format;
}

/** What the clocks of the zone show, as if it were UTC. @param {number} at milliseconds @param {string} zone */
function shown(at, zone) {
  const part = Object.fromEntries(formatOf(zone).formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
}

/** The local calendar day, counted from 1970. @param {number} micros @param {string} zone */
export function localDay(micros, zone) {
  if (!Number.isSafeInteger(micros)) throw new TypeError('an instant is needed');
  return Math.floor(shown(Math.floor(micros / MICROS), zone) / DAY);
}

/** @param {number} at milliseconds @param {string} zone */
function offset(at, zone) {
  return shown(at, zone) - Math.floor(at / 1000) * 1000;
}

/**
 * The instant at which the zone's clocks show a time of a day; of an hour that comes twice the first, or with `second` the second.
 * An hour that is left out is counted by the clock before the change (after it, with `second`), as Python does.
 * @param {number} day counted from 1970 @param {number} minutes after midnight @param {string} zone
 */
export function instantAt(day, minutes, zone, second = false) {
  const wall = day * DAY + minutes * 60000;
  const [before, after] = [offset(wall - DAY, zone), offset(wall + DAY, zone)];
  const fits = [before, after].filter((each) => offset(wall - each, zone) === each);
  const chosen = fits.length ? fits[second ? fits.length - 1 : 0] : second ? after : before;
  return (wall - chosen) * MICROS;
}

/** The day of an ISO date such as 2026-11-16, counted from 1970; NaN for anything else. @param {string} text */
export function dayOf(text) {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!found) return NaN;
  const at = Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3]));
  return new Date(at).toISOString().startsWith(text) ? at / DAY : NaN;
}

/** Monday is 0. @param {number} day counted from 1970 */
export const weekday = (day) => (((day + 3) % 7) + 7) % 7;
