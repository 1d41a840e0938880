import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coursePicture } from '../../src/playlists/course-picture.ts';
import { taxonomy } from './planted-model.ts';

const at = (key: string) => {
  const emotion = taxonomy.get(key);
  if (!emotion) throw new Error(key);
  return { valence: emotion.valence, arousal: emotion.arousal, emotion };
};

describe('the picture of a course', () => {
  it('has a dot per song and lane in the colour of its emotion, and names every emotion', () => {
    const picture = coursePicture([at('sad'), at('nostalgic'), at('happy')]);
    expect(picture?.svg.match(/<circle [^>]*stroke/g)).toHaveLength(6);
    for (const key of ['sad', 'nostalgic', 'happy']) {
      expect(picture?.svg).toContain(taxonomy.get(key)?.colour);
      expect(picture?.svg).toContain(`>${taxonomy.get(key)?.name}</text>`);
    }
  });

  it('says the same in words', () => {
    expect(coursePicture([at('sad'), at('nostalgic'), at('happy')])?.alt).toBe(
      'Emotional course over 3 songs: the mood goes from dark to bright, the energy goes from quiet to lively. Strongest emotions in order: sad 1, nostalgic 1, happy 1.',
    );
    expect(coursePicture([at('calm')])?.alt).toContain(
      '1 song: the mood stays bright, the energy stays quiet',
    );
  });

  it('does not share its colours with another picture in the same page', () => {
    const ids = [
      [at('sad'), at('calm')],
      [at('happy'), at('calm')],
    ].map((points) => /id="([^"]+)"/.exec(coursePicture(points)?.svg ?? '')?.[1]);
    expect(new Set(ids).size).toBe(2);
  });

  it('is nothing for no songs', () => {
    expect(coursePicture([])).toBeUndefined();
  });

  it('stays inside its frame and refers to nothing outside, whatever comes', () => {
    const point = fc.record({
      valence: fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e9)),
      arousal: fc.double(),
      emotion: fc.record({
        name: fc.string().filter((name) => !name.includes('NaN')),
        colour: fc.constantFrom('#f2b705', 'red"/><script>', ''),
      }),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), (points) => {
        const picture = coursePicture(points);
        const svg = picture?.svg ?? '';
        expect(svg).not.toMatch(/NaN|Infinity|<script|href|url\((?!#course-[0-9a-f]{8}\))/);
        for (const [, cx, cy] of svg.matchAll(
          /<circle cx="([^"]+)" cy="([^"]+)" r="[^"]+" fill="[^"]+" stroke/g,
        )) {
          expect(Number(cx)).toBeGreaterThan(0);
          expect(Number(cx)).toBeLessThan(picture?.width ?? 0);
          expect(Number(cy)).toBeGreaterThan(0);
          expect(Number(cy)).toBeLessThan(picture?.height ?? 0);
        }
      }),
    );
  });
});
