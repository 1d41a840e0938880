import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildCatalogue } from '../../src/catalogue/catalogue.ts';
import { AUDIO_FEATURES, type Song } from '../../src/domain/song.ts';
import { songOf } from './songs.ts';

const build = (songs: Song[]) =>
  buildCatalogue({ name: 'test', demo: false, songs, listeners: [], labels: [] });

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => !text.includes('\x1f'));
const single = (min: number, max: number) =>
  fc.float({ min: Math.fround(min), max: Math.fround(max), noNaN: true });

/** Songs with every property there or not, in any characters; numbers as exact as a 32-bit float. */
const anySong = fc
  .record({
    id: name,
    title: name,
    artists: fc.array(name, { maxLength: 3 }),
    album: optional(name),
    genre: optional(name),
    subgenre: optional(name),
    year: optional(fc.integer({ min: 1900, max: 2030 })),
    popularity: optional(fc.integer({ min: 0, max: 100 })),
    explicit: optional(fc.boolean()),
    features: fc.dictionary(fc.constantFrom(...AUDIO_FEATURES), single(-60, 300)),
    lyrics: optional(
      fc.record(
        {
          language: fc.constantFrom('en', 'ko'),
          sentiment: single(-1, 1),
          words: fc.nat(5000),
          repetition: single(0, 1),
        },
        { requiredKeys: ['words', 'repetition'] },
      ),
    ),
    spotifyUri: optional(name),
    snippet: fc.record({ kind: fc.constantFrom('own' as const, 'spotify' as const, 'none' as const) }),
  })
  .map((song) => JSON.parse(JSON.stringify(song)) as Song);

describe('a catalogue', () => {
  test('finds songs by their Spotify address, made of their id or not', async () => {
    const uri = 'spotify:track:6rqhFgbbKwnb9MLmUQDhG6';
    const catalogue = build([
      songOf('none'),
      songOf('4uLU6hMCjMI75M1A2tKUQC', { spotifyUri: 'spotify:track:4uLU6hMCjMI75M1A2tKUQC' }),
      songOf('own', { spotifyUri: uri }),
      // Called like an address that another one has.
      songOf('6rqhFgbbKwnb9MLmUQDhG6'),
    ]);
    const find = await catalogue.spotifyIndex();
    expect([uri, 'spotify:track:4uLU6hMCjMI75M1A2tKUQC'].map(find)).toEqual([2, 1]);
    for (const nothing of ['', '=', 'spotify:track:none', 'spotify:track:=', 'spotify:album:own'])
      expect([nothing, find(nothing)]).toEqual([nothing, -1]);
  });

  test('gives back every song as it was put in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anySong, { selector: (song) => song.id, maxLength: 8 }), (songs) => {
        const catalogue = build(songs);
        expect(catalogue.size).toBe(songs.length);
        for (const [i, song] of songs.entries()) {
          expect(catalogue.song(i)).toEqual(song);
          expect(catalogue.indexOf(song.id)).toBe(i);
          expect(catalogue.idAt(i)).toBe(song.id);
        }
      }),
    );
  });

  test('knows that an id is not there', () => {
    const catalogue = build(Array.from({ length: 3000 }, (_, i) => songOf(`s${i}`)));
    expect(catalogue.indexOf('s2999')).toBe(2999);
    expect(catalogue.indexOf('s3000')).toBe(-1);
    expect(catalogue.indexOf('')).toBe(-1);
  });

  test('refuses positions that it does not have', () => {
    const catalogue = build([songOf('a')]);
    for (const index of [-1, 1, 0.5, Number.NaN]) {
      expect(() => catalogue.song(index)).toThrow(RangeError);
      expect(() => catalogue.idAt(index)).toThrow(RangeError);
    }
  });

  test('keeps a feature that is missing apart from one that is zero', () => {
    const catalogue = build([songOf('a', { features: { energy: 0 } })]);
    expect(catalogue.features[AUDIO_FEATURES.indexOf('energy')]).toBe(0);
    expect(catalogue.features[AUDIO_FEATURES.indexOf('valence')]).toBeNaN();
    expect(catalogue.song(0).features).toEqual({ energy: 0 });
  });

  test('has the version of its content: equal songs, equal version', () => {
    const parts = { name: 'test', demo: false, songs: [songOf('a'), songOf('b')], listeners: [], labels: [] };
    const { version } = buildCatalogue(parts);
    expect(buildCatalogue({ ...parts, songs: [songOf('a'), songOf('b')] }).version).toBe(version);
    const label = { songId: 'a', emotion: 'happy', weight: 5, source: 't' };
    const listener = { id: 'l', name: 'L', songs: Int32Array.of(0) };
    for (const other of [
      { ...parts, songs: [songOf('a')] },
      { ...parts, songs: [songOf('a'), songOf('b', { title: 'Other' })] },
      { ...parts, songs: [songOf('a'), songOf('b', { features: {} })] },
      { ...parts, labels: [label] },
      { ...parts, listeners: [listener] },
      { ...parts, demo: true },
    ])
      expect(buildCatalogue(other).version).not.toBe(version);
  });

  test('refuses an id that is there twice, and labels and likes of songs that are not there', () => {
    expect(() => build([songOf('a'), songOf('a')])).toThrow(/twice/);
    const parts = { name: 'test', demo: false, songs: [songOf('a')], listeners: [], labels: [] };
    const label = { songId: 'b', emotion: 'happy', weight: 5, source: 't' };
    expect(() => buildCatalogue({ ...parts, labels: [label] })).toThrow(/not there/);
    for (const songs of [[1], [-1], [0, 0]])
      expect(() =>
        buildCatalogue({ ...parts, listeners: [{ id: 'l', name: 'L', songs: Int32Array.from(songs) }] }),
      ).toThrow(RangeError);
  });
});
