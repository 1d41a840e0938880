import jpeg from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { COVER_SIZE, coverSvg } from '../../src/spotify/cover.ts';
import { drawCover } from '../../src/spotify/cover-thread.ts';
import { MOST_COVER_BYTES } from '../../src/spotify/web-api.ts';
import { taxonomy } from '../playlists/planted-model.ts';

const of = (key: string) => taxonomy.get(key)!;
const points = (key: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    valence: of(key).valence,
    arousal: of(key).arousal + (i % 3) * 0.1,
    emotion: of(key),
  }));

async function pixels(svg: string | undefined) {
  const data = await drawCover(svg!);
  expect(data.length).toBeLessThanOrEqual(MOST_COVER_BYTES);
  const image = jpeg.decode(data, { useTArray: true });
  expect([image.width, image.height]).toEqual([COVER_SIZE, COVER_SIZE]);
  return (x: number, y: number) => [
    ...image.data.slice((y * COVER_SIZE + x) * 4, (y * COVER_SIZE + x) * 4 + 3),
  ];
}

describe('a cover', () => {
  it('is a square JPEG in the colour of its emotion', async () => {
    const at = await pixels(coverSvg({ points: points('angry', 15), from: of('angry') }));
    const [red, green, blue] = at(8, 8) as [number, number, number];
    expect(red).toBeGreaterThan(green + 80);
    expect(red).toBeGreaterThan(blue + 80);
  });

  it('has its course higher where the songs are livelier', async () => {
    const lively = coverSvg({ points: points('energetic', 15), from: of('calm') });
    const quiet = coverSvg({ points: points('sad', 15), from: of('calm') });
    const brightest = async (svg: string | undefined) => {
      const at = await pixels(svg);
      const rows = Array.from({ length: 480 }, (_, y) => at(COVER_SIZE / 2, y).reduce((a, b) => a + b, 0));
      return rows.indexOf(Math.max(...rows));
    };
    expect(await brightest(lively)).toBeLessThan((await brightest(quiet)) - 80);
  });

  it('names its emotions in letters that can be read, or not at all', () => {
    expect(coverSvg({ points: points('sad', 3), from: of('sad'), to: of('happy') })).toContain(
      '→ Happy</text>',
    );
    const pair = { points: points('sad', 3), from: of('calm'), and: of('happy') };
    expect(coverSvg(pair)).toContain('&amp; Happy</text>');
    const long = { ...of('sad'), name: 'An emotion with a very long name' };
    expect(coverSvg({ points: points('sad', 3), from: long })).not.toContain('<text');
    const wild = { ...of('sad'), name: '<&>' };
    expect(coverSvg({ points: points('sad', 3), from: wild })).toContain('&lt;&amp;&gt;');
  });

  it('can be drawn of a single song, of songs nobody knows, and not of none', async () => {
    expect(coverSvg({ points: [] })).toBeUndefined();
    await pixels(coverSvg({ points: points('calm', 1) }));
    await pixels(coverSvg({ points: [{ valence: Number.NaN, arousal: Number.NaN }] }));
  });
});
