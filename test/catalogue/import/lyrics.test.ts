import { describe, expect, test } from 'vitest';
import { languageCode, lyricsFeatures } from '../../../src/catalogue/import/lyrics.ts';

const HAPPY =
  'What a wonderful and happy morning, the sun is smiling and I love this beautiful day.\n' +
  'We laugh and we dance, my friends are great and the music is good.';
const SAD =
  'I cry alone tonight, the pain is terrible and all my hope is dead.\n' +
  'You left me lonely and broken, the tears are falling and I hate this sad winter.';
const SPANISH =
  'Caminamos por la playa de noche y pensaba en los días en que eras mía.\n' +
  'Ahora el mar está lejos y las estrellas no dicen nada de nosotros.';

describe('lyrics', () => {
  test('show their language where the table does not say it, or says nothing that is one', () => {
    expect(lyricsFeatures(HAPPY, undefined)?.language).toBe('en');
    expect(lyricsFeatures(SPANISH, 'NA')?.language).toBe('es');
    expect(lyricsFeatures(SPANISH, 'unknown')?.language).toBe('es');
    expect(lyricsFeatures(SPANISH, 'gl')?.language).toBe('gl');
  });

  test('have a sentiment in English, glad or sad', () => {
    expect(lyricsFeatures(HAPPY, 'en')?.sentiment).toBeGreaterThan(0.3);
    expect(lyricsFeatures(SAD, 'English')?.sentiment).toBeLessThan(-0.2);
    expect(lyricsFeatures(SAD, 'es')?.sentiment).toBeUndefined();
  });

  test('that are short, or of no language, show neither', () => {
    expect(lyricsFeatures('Love love', undefined)).toEqual({ words: 2, repetition: 0.5 });
    const nonsense = lyricsFeatures('xqz brl vbn '.repeat(10), undefined);
    expect(nonsense).toEqual({ words: 30, repetition: 0.9 });
    // Long enough for a language, with too few words that have a valence.
    const plain = lyricsFeatures(
      'There is a table in the room and on the table there is a box with a lid and a key.',
      'en',
    );
    expect(plain).toEqual({ language: 'en', words: 21, repetition: expect.any(Number) });
  });

  test('of nothing but signs, or missing, are none', () => {
    for (const cell of [undefined, '', 'NA', '♪ ♪ … !']) expect(lyricsFeatures(cell, 'en')).toBeUndefined();
  });

  test('with words that every object has are words like others', () => {
    const odd = lyricsFeatures('constructor toString hasOwnProperty __proto__ valueOf '.repeat(8), 'en');
    expect(odd?.sentiment).toBeUndefined();
    expect(odd?.words).toBe(40);
  });
});

test.each([
  ['en', 'en'],
  [' EN ', 'en'],
  ['en-US', 'en'],
  ['pt_BR', 'pt'],
  ['eng', 'en'],
  ['English', 'en'],
  ['Spanish', 'es'],
  ['NA', undefined],
  ['', undefined],
  ['xx', undefined],
  ['und', undefined],
  ['unknown', undefined],
  ['a tongue', undefined],
  ['12', undefined],
])('the language %j is %s', (cell, code) => {
  expect(languageCode(cell)).toBe(code);
});
