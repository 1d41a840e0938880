import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildCatalogue } from '../../src/catalogue/catalogue.ts';
import { foldText } from '../../src/catalogue/search.ts';
import { songOf } from './songs.ts';

const SONGS: readonly (readonly [title: string, artists: string[], popularity?: number])[] = [
  ['Yesterday', ['The Beatles'], 80],
  ['Yesterday Once More', ['Carpenters'], 95],
  ['Déjà Vu', ['Beyoncé', 'Jay-Z'], 60],
  ['Hey Jude', ['The Beatles'], 85],
  ["Don't Stop Me Now", ['Queen'], 90],
  ['Now', ['Anybody'], 1],
  ['Jóga', ['Björk'], 40],
  ['東京の夜', ['宇多田ヒカル'], 30],
  ['!!!', ['Chk'], 5],
  ['Straße', ['Łódź Ensemble'], 2],
  ['Anybody', ['Someone Else'], 3],
];
const catalogue = buildCatalogue({
  name: 'test',
  demo: false,
  songs: SONGS.map(([title, artists, popularity], i) => songOf(`s${i}`, { title, artists, popularity })),
  listeners: [],
  labels: [],
});
const titles = (query: string, limit = 10) =>
  catalogue.search(query, limit).map((i) => catalogue.song(i).title);

describe('search', () => {
  test('puts the exact title before a more popular longer one', () => {
    expect(titles('yesterday')).toEqual(['Yesterday', 'Yesterday Once More']);
  });

  test('does not mind accents, case, apostrophes and letters that have no accent to lose', () => {
    expect(titles('deja vu')).toEqual(['Déjà Vu']);
    expect(titles('DÉJÀ')).toEqual(['Déjà Vu']);
    expect(titles('bjork')).toEqual(['Jóga']);
    expect(titles('dont stop')).toEqual(["Don't Stop Me Now"]);
    expect(titles('don’t stop')).toEqual(["Don't Stop Me Now"]);
    expect(titles('strasse')).toEqual(['Straße']);
    expect(titles('lodz')).toEqual(['Straße']);
  });

  test('takes title and artist in any order, and an unfinished last word', () => {
    expect(titles('beatles yester')).toEqual(['Yesterday']);
    expect(titles('jude beatl')).toEqual(['Hey Jude']);
    expect(titles('jay z beyonce')).toEqual(['Déjà Vu']);
  });

  test('lists an artist by popularity', () => {
    expect(titles('the beatles')).toEqual(['Hey Jude', 'Yesterday']);
  });

  test('prefers the title over the artist', () => {
    expect(titles('anybody')).toEqual(['Anybody', 'Now']);
  });

  test('finds words inside scripts that have no spaces, and titles without any letter', () => {
    expect(titles('夜')).toEqual(['東京の夜']);
    expect(titles('ヒカル')).toEqual(['東京の夜']);
    expect(titles('!!!')).toEqual(['!!!']);
  });

  test('gives no more than was asked for, and nothing for nothing', () => {
    expect(titles('yesterday', 1)).toEqual(['Yesterday']);
    expect(titles('yesterday', 0)).toEqual([]);
    expect(titles('  ')).toEqual([]);
    expect(titles('no such song')).toEqual([]);
    expect(titles('once beatles')).toEqual([]);
  });

  test('gives the same best ones whether few or many are asked for', () => {
    const word = fc.constantFrom('love', 'the', 'a', 'lo', 'Me');
    const title = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
    const song = fc.record({ title, artist: title, popularity: fc.option(fc.nat(3), { nil: undefined }) });
    fc.assert(
      fc.property(
        fc.array(song, { maxLength: 40 }),
        title,
        fc.integer({ min: 1, max: 5 }),
        (songs, query, few) => {
          const many = buildCatalogue({
            name: 't',
            demo: false,
            songs: songs.map(({ artist, ...rest }, i) => songOf(`s${i}`, { ...rest, artists: [artist] })),
            listeners: [],
            labels: [],
          });
          expect(many.search(query, few)).toEqual(many.search(query, 1000).slice(0, few));
        },
      ),
    );
  });

  test('finds the first and the last song', () => {
    expect(titles('yesterday the')).toContain('Yesterday');
    expect(titles('someone els')).toEqual(['Anybody']);
  });

  test('works in an empty catalogue', () => {
    const empty = buildCatalogue({ name: 'e', demo: false, songs: [], listeners: [], labels: [] });
    expect(empty.search('x', 5)).toEqual([]);
  });

  test('finds every song by its own title and artist, however they are written', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 6 }), (pairs) => {
        const written = buildCatalogue({
          name: 't',
          demo: false,
          songs: pairs.map(([title, artist], i) => songOf(`s${i}`, { title, artists: [artist] })),
          listeners: [],
          labels: [],
        });
        for (const [i, [title]] of pairs.entries()) {
          if (foldText(title) !== '') expect(written.search(title, 10)).toContain(i);
        }
      }),
    );
  });
});
