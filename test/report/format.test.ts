import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fixed,
  humanDuration,
  humanNumber,
  percent,
  printable,
  shortLabel,
  visible,
} from '../../src/report/format.ts';

describe('numbers', () => {
  it('reads as people write them', () => {
    const numbers = [
      0, 7, 999, 999.6, 1000, 12_345, 999_499, 999_500, 1.234e6, 5e9, 1.1e12, 3e15, 0.256, -1500,
    ];
    expect(numbers.map(humanNumber)).toEqual([
      '0',
      '7',
      '999',
      '1.00k',
      '1.00k',
      '12.3k',
      '999k',
      '1.00M',
      '1.23M',
      '5.00G',
      '1.10T',
      '3000T',
      '0.26',
      '-1.50k',
    ]);
    expect([fixed(1.5), fixed(-0.0001), fixed(-0.0006), fixed(2, 0)]).toEqual([
      '1.500',
      '0.000',
      '-0.001',
      '2',
    ]);
    expect([percent(0.5), percent(1, 0), percent(-0.19)]).toEqual(['50.0%', '100%', '-19.0%']);
  });

  it('carries minutes, hours and days over rather than show 60 of anything', () => {
    const seconds = [0, 4.23, 9.96, 59.4, 59.6, 125, 3599.6, 3780, 86_399, 187_200];
    expect(seconds.map(humanDuration)).toEqual([
      '0.0s',
      '4.2s',
      '10s',
      '59s',
      '1m00s',
      '2m05s',
      '1h00m',
      '1h03m',
      '1d00h',
      '2d04h',
    ]);
  });

  it('says – for what is missing or not finite, never NaN', () => {
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      expect([fixed(bad), percent(bad), humanNumber(bad), humanDuration(bad)]).toEqual(['–', '–', '–', '–']);
    }
    expect([fixed(undefined), percent(undefined)]).toEqual(['–', '–']);
  });
});

describe('tokens', () => {
  it('shows what cannot be seen', () => {
    expect(printable('a b\n\t\r\0')).toBe('a b⏎⇥␍␀');
    expect(visible(' the\u00a0')).toBe('␣the⍽');
    expect([visible(''), printable('')]).toEqual(['∅', '∅']);
    expect(shortLabel('considerable', 8)).toBe('conside…');
    expect(shortLabel('🐳🐳🐳', 3)).toBe('🐳🐳🐳');
  });

  it('lets nothing through that could steer a terminal or turn a line around', () => {
    expect(printable('\x1b[31m\x7f\x9b\u202e\ud800')).toBe('␛[31m␡\ufffd\ufffd\ufffd');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (token) => {
        expect(printable(token)).not.toMatch(/[\p{Cc}\p{Cs}\p{Bidi_Control}]/u);
      }),
    );
  });
});
