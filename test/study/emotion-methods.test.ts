import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { argmax, mean } from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';
import { readLabels } from '../../src/cli/tables.ts';
import { DEFAULT_EMOTION_METHOD, EMOTION_METHODS } from '../../src/study/emotion-methods.ts';
import { type HiddenScore, labelsOf, readMoods, scoreHidden } from '../../src/study/moods.ts';
import { rawSongs } from '../../src/training/profile-stage.ts';

const DATA = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'data');
const SPLITS = [1, 2, 3];
const splitFile = (split: number) => path.join(DATA, 'splits', `moods-10pct-${split}.csv`);

/** Every method on the songs of three splits that it was not shown, their emotion being what it is. */
async function scores(): Promise<ReadonlyMap<string, readonly HiddenScore[]>> {
  const songs = await readMoods(DATA);
  const c = songs.emotions.length;
  const raw = rawSongs(songs.catalogue);
  const found = new Map<string, HiddenScore[]>();
  for (const [name, method] of Object.entries(EMOTION_METHODS)) {
    const infer = method(raw);
    const list: HiddenScore[] = [];
    for (const split of SPLITS) {
      const { counts } = await readLabels(splitFile(split), songs.catalogue);
      const shown = new Uint8Array(songs.catalogue.size);
      for (const [at, count] of counts.entries()) if (count > 0) shown[Math.floor(at / c)] = 1;
      expect(shown.filter(Boolean)).toHaveLength(69);
      const profiles = infer(labelsOf(songs, shown), c, createRandom(split));
      list.push(scoreHidden(songs, shown, profiles)!);
    }
    found.set(name, list);
  }
  return found;
}

// Over seeds and splits one run varies by 0.009 in accuracy: 0.80 is five deviations of the mean of three below 0.815.
describe.skipIf(!existsSync(splitFile(1)))('on 686 songs with four moods, a tenth of them labelled', () => {
  it('the default tells the others right where the classic methods and guessing do not', async () => {
    const all = await scores();
    const of = (name: string, what: keyof HiddenScore) => mean(all.get(name)!.map((score) => score[what]));
    expect(of(DEFAULT_EMOTION_METHOD, 'accuracy')).toBeGreaterThanOrEqual(0.8);
    expect(of(DEFAULT_EMOTION_METHOD, 'macroF1')).toBeGreaterThanOrEqual(0.78);
    expect(of(DEFAULT_EMOTION_METHOD, 'calibration')).toBeLessThanOrEqual(0.05);
    for (const name of ['label propagation', 'label spreading']) {
      expect(of(name, 'accuracy')).toBeGreaterThan(0.7);
      expect(of(name, 'accuracy')).toBeLessThan(of(DEFAULT_EMOTION_METHOD, 'accuracy') - 0.02);
    }
  });

  // As when the doubtful songs were asked about: the labels' mix is far from the songs'. By itself, learning from what
  // was inferred ends with hardly any song of one emotion here.
  it('no emotion is lost where it has fewer labels than it has songs', async () => {
    const songs = await readMoods(DATA);
    const random = createRandom(6);
    const wanted = [19, 30, 8, 12];
    const shown = new Uint8Array(songs.catalogue.size);
    for (const song of random.shuffle(Array.from(songs.of.keys()))) {
      const emotion = songs.of[song]!;
      if (emotion >= 0 && wanted[emotion]!-- > 0) shown[song] = 1;
    }
    const infer = EMOTION_METHODS[DEFAULT_EMOTION_METHOD]!(rawSongs(songs.catalogue));
    const c = songs.emotions.length;
    const profiles = infer(labelsOf(songs, shown), c, createRandom(6));
    const told = new Array<number>(c).fill(0);
    for (const song of shown.keys()) if (shown[song] === 0) told[argmax(profiles, song * c, c)]!++;
    expect(Math.min(...told)).toBeGreaterThan(40);
  });
});
