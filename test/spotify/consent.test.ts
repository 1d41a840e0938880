import { expect, it } from 'vitest';
import { consentEnds } from '../../src/spotify/consent.ts';
import { addMonths } from '../support/spotify/clock.ts';

it.each([
  ['2026-11-25T10:00:00Z', '2027-05-25T10:00:00Z'],
  ['2026-08-31T23:59:59Z', '2027-02-28T23:59:59Z'],
  ['2027-08-31T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['2026-12-31T12:00:00Z', '2027-06-30T12:00:00Z'],
])('what was agreed to at %s ends at %s, as Spotify has it', (from, to) => {
  expect(new Date(consentEnds(Date.parse(from)))).toEqual(new Date(to));
  expect(consentEnds(Date.parse(from))).toBe(addMonths(Date.parse(from), 6));
});
