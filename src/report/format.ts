/** Numbers and tokens as people read them. A value that is missing or not finite reads '–', so no report ever says NaN. */

const MISSING = '–';

/** Signs for the control characters, by code: ␀ to ␟, and ␡ for delete. */
const CONTROL_PICTURES: Record<number, string> = Object.fromEntries([
  ...Array.from({ length: 0x20 }, (_, code) => [code, String.fromCharCode(0x2400 + code)]),
  [0x7f, '␡'],
]);

/** A fixed number of decimals: 1.532. */
export function fixed(value: number | undefined, digits: number = 3): string {
  if (value === undefined || !Number.isFinite(value)) return MISSING;
  return value.toFixed(digits).replace(/^-(0\.?0*)$/, '$1');
}

/** A share from 0 to 1 as 50.7%. */
export function percent(share: number | undefined, digits: number = 1): string {
  const number = fixed(share === undefined ? share : 100 * share, digits);
  return number === MISSING ? MISSING : `${number}%`;
}

/** Three significant digits and a unit: 950, 12.3k, 1.23M, 4.00G, 1.10T. */
export function humanNumber(value: number): string {
  if (!Number.isFinite(value)) return MISSING;
  const units = ['', 'k', 'M', 'G', 'T'];
  let unit = 0;
  let scaled = value;
  while (Math.abs(scaled) >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  if (unit === 0 && Number.isInteger(value)) return String(value);
  const size = Math.abs(scaled);
  return fixed(scaled, size < 9.995 ? 2 : size < 99.95 ? 1 : 0) + units[unit];
}

/** 4.2s, 42s, 2m05s, 1h03m, 2d04h. */
export function humanDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return MISSING;
  if (seconds < 9.95) return `${fixed(seconds, 1)}s`;
  const pair = (value: number, small: number, large: string, unit: string): string =>
    `${Math.floor(value / small)}${large}${String(value % small).padStart(2, '0')}${unit}`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return pair(whole, 60, 'm', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return pair(minutes, 60, 'h', 'm');
  return pair(Math.round(seconds / 3600), 24, 'd', 'h');
}

/**
 * A token as text that is safe to print: line ends and tabs become signs, other control characters their pictures,
 * and what could turn the direction of the line or is half a character becomes U+FFFD. Spaces stay.
 */
export function printable(token: string): string {
  if (token === '') return '∅';
  return token
    .replaceAll('\n', '⏎')
    .replaceAll('\t', '⇥')
    .replace(/\p{Cc}/gu, (control) => CONTROL_PICTURES[control.charCodeAt(0)] ?? '\ufffd')
    .replace(/[\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu, '\ufffd');
}

/** `printable`, with spaces (and a space that does not break a line) shown as well: for labels that stand alone. */
export function visible(token: string): string {
  return printable(token).replaceAll(' ', '␣').replaceAll('\u00a0', '⍽');
}

/** `visible`, cut to at most `length` characters. */
export function shortLabel(token: string, length: number): string {
  const characters = [...visible(token)];
  return characters.length <= length ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`;
}
