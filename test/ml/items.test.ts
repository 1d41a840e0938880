import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standardize, transformFeature } from '../../ml/features.ts';
import { buildItems, type ItemScaler, propagationFeatures, type RawSongs } from '../../ml/items.ts';
import { createRandom } from '../../ml/random.ts';
import { AUDIO_FEATURES } from '../../src/domain/song.ts';

function songs(size: number, seed = 1): RawSongs {
  const random = createRandom(seed);
  const features = new Float32Array(size * AUDIO_FEATURES.length);
  for (let s = 0; s < size; s++) {
    AUDIO_FEATURES.forEach((name, f) => {
      const scale = { loudness: -20, tempo: 180, durationMs: 300_000, key: 11 }[name as string] ?? 1;
      features[s * AUDIO_FEATURES.length + f] = (0.05 + 0.9 * random.next()) * scale;
    });
  }
  return {
    size,
    features,
    names: AUDIO_FEATURES,
    years: Float32Array.from({ length: size }, () => 1960 + random.integer(60)),
    popularity: Float32Array.from({ length: size }, () => random.integer(100)),
  };
}

function columnOf(
  { rows, columns, values }: { rows: number; columns: number; values: Float32Array },
  c: number,
) {
  return Array.from({ length: rows }, (_, r) => values[r * columns + c]);
}

describe('standardising', () => {
  it('gives every column mean 0 and deviation 1', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 60 }), (seed, rows) => {
        const random = createRandom(seed);
        const values = Float32Array.from({ length: rows * 3 }, (_, i) => (i % 3) * 50 + random.normal());
        const scaled = standardize(values, rows, 3);
        for (let c = 0; c < 3; c++) {
          const column = columnOf({ rows, columns: 3, values: scaled }, c);
          expect(column.reduce((a, b) => a + b, 0) / rows).toBeCloseTo(0, 3);
        }
      }),
    );
    const two = standardize(Float32Array.from([1, 3]), 2, 1);
    expect([...two]).toEqual([-1, 1]);
  });

  it('puts a missing value at the mean and a constant column at 0', () => {
    const scaled = standardize(Float32Array.from([1, 7, Number.NaN, 7, 3, 7]), 3, 2);
    expect([...scaled]).toEqual([-1, 0, 0, 0, 1, 0]);
  });

  it('does not count infinity as a value, and keeps extremes within six deviations', () => {
    const values = Float32Array.from({ length: 200 }, (_, i) =>
      i === 0 ? 1e9 : i === 1 ? Number.POSITIVE_INFINITY : i % 2,
    );
    const scaled = standardize(values, 200, 1);
    expect(Math.max(...scaled)).toBeLessThanOrEqual(6);
    expect(scaled.every(Number.isFinite)).toBe(true);
  });

  it('takes an impossible value as missing', () => {
    expect(transformFeature('tempo', 0)).toBeNaN();
    expect(transformFeature('durationMs', -5)).toBeNaN();
    expect(transformFeature('speechiness', Number.NaN)).toBeNaN();
    expect(transformFeature('tempo', 120)).toBeCloseTo(Math.log(120));
    expect(transformFeature('loudness', -7)).toBe(-7);
  });
});

describe('items', () => {
  it('are one finite row per song', () => {
    const { items, columns } = buildItems(songs(50));
    expect(items.rows).toBe(50);
    expect(items.columns).toBe(columns.length);
    expect(items.values).toHaveLength(50 * columns.length);
    expect(columns).toContain('danceability');
    expect(columns).toContain('year');
    expect(columns).not.toContain('key');
  });

  it('do without year and popularity when they are left out', () => {
    const { years: _years, popularity: _popularity, ...audio } = songs(50);
    const { columns } = buildItems(audio);
    expect(columns).not.toContain('year');
    expect(columns).not.toContain('popularity');
  });

  it('get the same columns and scales from a scaler that was stored as JSON', () => {
    const catalogue = songs(80);
    const first = buildItems(catalogue);
    const scaler = JSON.parse(JSON.stringify(first.scaler)) as ItemScaler;
    expect(buildItems(catalogue, scaler).items).toEqual(first.items);
    // A part of the catalogue, without popularity: the rows of the same songs, that column at the mean.
    const part: RawSongs = {
      size: 10,
      features: catalogue.features.slice(0, 10 * AUDIO_FEATURES.length),
      names: AUDIO_FEATURES,
      years: catalogue.years?.slice(0, 10),
    };
    const again = buildItems(part, scaler);
    expect(again.columns).toEqual(first.columns);
    const popularity = first.columns.indexOf('popularity');
    for (let c = 0; c < first.columns.length; c++) {
      const expected = c === popularity ? new Array(10).fill(0) : columnOf(first.items, c).slice(0, 10);
      expect(columnOf(again.items, c)).toEqual(expected);
    }
  });

  it('are finite when features are missing, for one song and for all', () => {
    const holes = songs(20);
    for (let i = 0; i < holes.features.length; i += 3) holes.features[i] = Number.NaN;
    expect(buildItems(holes).items.values.every(Number.isFinite)).toBe(true);
    holes.features.fill(Number.NaN);
    expect(buildItems(holes).items.values.every(Number.isFinite)).toBe(true);
    expect(buildItems(songs(1)).items.values.every((value) => value === 0)).toBe(true);
    expect(buildItems(songs(0)).items.rows).toBe(0);
  });

  it('refuse features of another shape', () => {
    expect(() => buildItems({ ...songs(5), size: 6 })).toThrow(RangeError);
  });

  it('for the neighbour graph leave out what says nothing of a mood', () => {
    const { rows, columns, values } = propagationFeatures(songs(40));
    expect([rows, columns]).toEqual([40, 10]);
    expect(values.every(Number.isFinite)).toBe(true);
  });
});
