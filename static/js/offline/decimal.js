// Exact decimal numbers on whole ones: 38.3 is 383 tenths, never the nearest double. Two kinds of arithmetic, as on the server:
// `minus` and `times` keep every digit (alerts/engine/numbers.py); `Rounded` keeps 28, half to even (diary/numbers.py).

/** @typedef {{n: bigint, p: number}} Exact  n / 10^p, p never below 0 */

const WRITTEN = /^(-?)(\d{1,100})(?:\.(\d{1,100}))?(?:[eE]([+-]?\d{1,3}))?$/;
const DIGITS = 28;

/** @param {number} p */
const ten = (p) => 10n ** BigInt(p);

/**
 * The number in a JSON value: a number means the digits that it prints, a text those that it has. Throws for anything else.
 * @param {unknown} value
 * @returns {Exact}
 */
export function exact(value) {
  if (typeof value !== 'number' && typeof value !== 'string') throw new TypeError('a number is needed');
  const found = WRITTEN.exec(String(value));
  if (!found) throw new TypeError('a finite number is needed');
  const [, sign, whole, part = '', power = '0'] = found;
  const places = part.length - Number(power);
  const digits = BigInt(sign + whole + part);
  return places < 0 ? { n: digits * ten(-places), p: 0 } : { n: digits, p: places };
}

/** @param {Exact} a @param {Exact} b @returns {[bigint, bigint, number]} both in the smaller unit */
function together(a, b) {
  const p = Math.max(a.p, b.p);
  return [a.n * ten(p - a.p), b.n * ten(p - b.p), p];
}

/** Below 0, 0 or above 0. @param {Exact} a @param {Exact} b */
export function compare(a, b) {
  const [left, right] = together(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** @param {Exact} a @param {Exact} b @returns {Exact} */
export function minus(a, b) {
  const [left, right, p] = together(a, b);
  return { n: left - right, p };
}

/** @param {Exact} a @param {Exact} b @returns {Exact} */
export const times = (a, b) => ({ n: a.n * b.n, p: a.p + b.p });

/** The quotient to so many places, half to even. @param {bigint} top @param {bigint} bottom above 0 */
function halfEven(top, bottom) {
  const size = top < 0n ? -top : top;
  const whole = size / bottom;
  const twice = (size % bottom) * 2n;
  const found = twice > bottom || (twice === bottom && whole % 2n === 1n) ? whole + 1n : whole;
  return top < 0n ? -found : found;
}

/** With so many places, half to even. @param {Exact} value @param {number} places @returns {Exact} */
export function rounded(value, places) {
  if (value.p <= places) return { n: value.n * ten(places - value.p), p: places };
  return { n: halfEven(value.n, ten(value.p - places)), p: places };
}

/** @param {bigint} n */
const length = (n) => String(n < 0n ? -n : n).length;

/** To 28 digits, as Python's decimal context does after each step. @param {Exact} value @returns {Exact} */
function kept(value) {
  const more = length(value.n) - DIGITS;
  if (more <= 0) return value;
  const n = halfEven(value.n, ten(more));
  const p = value.p - more;
  return p < 0 ? { n: n * ten(-p), p: 0 } : { n, p };
}

/** @param {Exact} a @param {Exact} b @returns {Exact} */
export const lessRounded = (a, b) => kept(minus(a, b));

/** @param {Exact} a @param {Exact} b @returns {Exact} */
export const timesRounded = (a, b) => kept(times(a, b));

/** @param {Exact} a @param {Exact} b not 0 @returns {Exact} */
export function overRounded(a, b) {
  // 60 places are far more than are kept. One digit behind them says that something is left over: it is no half then.
  const far = DIGITS * 2 + length(b.n) + b.p;
  const top = a.n * ten(b.p + far);
  const bottom = b.n * ten(a.p);
  const left = top % bottom === 0n ? 0n : 1n;
  return kept({ n: (top / bottom) * 10n + left, p: far + 1 });
}

/** All digits, without zeros at the end. @param {Exact} value */
export function written(value) {
  const size = String(value.n < 0n ? -value.n : value.n).padStart(value.p + 1, '0');
  const whole = size.slice(0, size.length - value.p);
  const part = value.p ? size.slice(-value.p).replace(/0+$/, '') : '';
  return `${value.n < 0n ? '-' : ''}${whole}${part && `.${part}`}`;
}

/** The nearest double. @param {Exact} value */
export const double = (value) => Number(written(value));
