import { describe, expect, it } from 'vitest';
import { checkName, skeleton } from '../../../src/chat/room/names.ts';

const check = (wish: string, ...taken: string[]) =>
  checkName(wish, ['Reactune'], new Set(taken.map((name) => skeleton(name))));

describe('a name', () => {
  it.each([
    ['  Ana  ', 'Ana'],
    ['Zoë  B.', 'Zoë B.'],
    ['田中さん', '田中さん'],
    ['🦊', '🦊'],
    ['👩‍🎤 Mo', '👩‍🎤 Mo'],
    ['x'.repeat(32), 'x'.repeat(32)],
  ])('%j is fine', (wish, name) => {
    expect(check(wish)).toEqual({ name });
  });

  it.each([
    '',
    '   ',
    'x'.repeat(33),
    'An\u0000a',
    'An\u202ea',
    'A\u200bna',
    'An\na',
    '\u200d',
    '\u3164',
    '\u2800 \u2800',
  ])('%j is refused', (wish) => {
    expect(check(wish)).toMatchObject({ refusal: 'name-not-allowed' });
  });

  it.each(['Reactune', 'REACTUNE', 'Rеасtunе', 'R e a c t u n e', 'React\u00fcne', 'Reac7une'])(
    '%s passes for the bot and is refused',
    (wish) => {
      expect(check(wish)).toMatchObject({ refusal: 'name-not-allowed' });
    },
  );

  it('that somebody has gets a hint to one that is free', () => {
    expect(check('ana', 'Ana')).toMatchObject({ refusal: 'name-taken', suggestion: 'ana 2' });
    expect(check('Ana', 'Ana', 'Ana 2')).toMatchObject({ suggestion: 'Ana 3' });
    expect(check('Аna', 'Ana')).toMatchObject({ refusal: 'name-taken' });
    expect(check('🎧', '🎧')).toMatchObject({ refusal: 'name-taken', suggestion: '🎧 2' });
    expect(check('🦊', '🎧')).toEqual({ name: '🦊' });
    expect(check('🦊 2', '🎧 2')).toEqual({ name: '🦊 2' });
  });
});
