import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { TRAINING_STAGES, type TrainingProgress, type TrainingRun } from '../../src/domain/training.ts';
import { PUT_AWAY_FILE } from '../../src/training/job.ts';
import { modelDir, modelsDir } from '../../src/training/model-files.ts';
import { readStoredModel, writeModel } from '../../src/training/model-format.ts';
import { type House, openHouse, startUntil, withoutListeners } from './house.ts';
import { plantCatalogue } from './planted.ts';

// Whole training runs: seconds on a quiet machine, more on a busy one.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const planted = plantCatalogue();
let house: House;

describe('a training run on planted votes and tastes', () => {
  let run: TrainingRun;
  const progress: TrainingProgress[] = [];
  const published: string[] = [];
  beforeAll(async () => {
    house = await openHouse(planted, { ganSteps: 60 });
    await house.vote(planted, 60);
    // A third by chance; of the last one nobody has felt anything yet.
    for (const song of [...planted.emotions.keys()].slice(0, 61)) {
      await house.post(song, song % 3 === 0 ? 'random' : 'policy');
    }
    house.training.onPublished((model) => published.push(model.id));
    const handle = await house.start();
    handle.onProgress((message) => progress.push(message));
    run = await handle.finished;
  });
  afterAll(() => house.close());

  test('publishes its model, and says so to whoever follows', async () => {
    expect(run).toMatchObject({ outcome: 'published', modelId: run.id });
    expect(published).toEqual([run.id]);
    expect(house.training.model()?.id).toBe(run.id);
    expect((await house.store.recentRuns(1))[0]).toEqual(run);
  });

  test('finds the planted emotion of songs that nobody voted on', () => {
    const model = house.training.model();
    const right = planted.emotions.slice(60).filter((emotion, i) => {
      const { distribution = new Float32Array() } = model?.profile(`song-${60 + i}`) ?? {};
      return distribution.indexOf(Math.max(...distribution)) === model?.emotions.indexOf(emotion);
    });
    expect(right.length).toBeGreaterThan(50);
    expect(run.metrics?.emotions?.accuracy).toBeGreaterThan(0.8);
    expect(run.metrics).toMatchObject({ votes: 180, voters: 3, labelledSongs: 60, listeners: 24 });
  });

  test('measures the GAN next to the baselines', () => {
    const ndcg = Object.fromEntries((run.metrics?.ranking ?? []).map((row) => [row.method, row.ndcg10]));
    expect(Object.keys(ndcg)).toEqual(['random', 'popularity', 'item-knn', 'ease', 'gan']);
    expect(ndcg.gan).toBeGreaterThan(ndcg.random);
    expect(run.metrics?.gan?.steps).toBe(60);
  });

  test('says whether the GAN’s songs are as varied as the listeners’ own', async () => {
    const { variety, dRealOfTwo } = run.metrics?.gan ?? {};
    expect(dRealOfTwo).toBeGreaterThan(0);
    expect(variety?.own.spread).toBeCloseTo(1, 0);
    const report = await readFile(path.join(modelDir(house.dir, run.id), 'report.md'), 'utf8');
    expect(report).toContain(`| D of real against generated songs | ${dRealOfTwo?.toFixed(3)} |`);
    expect(report).toContain(
      `the made ones lie ${variety?.generated.spread.toFixed(2)} times as far from each other`,
    );
    expect(report).toContain(`| generated | ${variety?.generated.recall.toFixed(3)} |`);
  });

  test('labels a song from its votes at once, as the run did, and keeps no id of a member', async () => {
    const model = house.training.model();
    const votes = [];
    for await (const batch of house.store.votes())
      votes.push(...batch.filter(({ songId }) => songId === 'song-3'));
    const label = model?.label(votes);
    expect(label?.primary).toEqual([planted.emotions[3]]);
    expect(label?.confidence).toBeCloseTo(model?.profile('song-3')?.confidence ?? 0, 1);
    const kept = await readFile(path.join(modelDir(house.dir, run.id), 'voters.json'), 'utf8');
    for (const { memberId } of votes) expect(kept).not.toContain(memberId);
  });

  test('tells stages, emotions and methods in plain words in a report beside the model', async () => {
    const report = await readFile(path.join(modelDir(house.dir, run.id), 'report.md'), 'utf8');
    expect(report).toContain('The new model is in use: it is the first one.');
    expect(report).toContain('180 votes of 3 members');
    expect(report).toMatch(/- Release year: not used\. The right emotion of 60 hidden songs was given/);
    expect(report).toContain('- Genre: not used, because too little is known');
    expect(report).toMatch(/\| item-knn \| \d\.\d{4} \| \d\.\d{4} \|/);
    expect(report).toMatch(/Of 3 members with votes, 0 count less than half/);
    expect(report).toMatch(/Agreement \(Krippendorff's alpha: .*\): 1\.00 over all emotions/);
    for await (const batch of house.store.votes()) {
      for (const { memberId } of batch) expect(report).not.toContain(memberId);
    }
  });

  test('says by itself how well emotions are inferred of songs that were posted at random', async () => {
    const { emotions, emotionsAtRandom } = run.metrics ?? {};
    expect(emotions?.heldOutSongs).toBe(60);
    expect(emotionsAtRandom?.heldOutSongs).toBe(20);
    expect(emotionsAtRandom?.accuracy).toBeGreaterThan(0.8);
    const report = await readFile(path.join(modelDir(house.dir, run.id), 'report.md'), 'utf8');
    const percent = (100 * emotionsAtRandom!.accuracy).toFixed(1);
    expect(report).toContain(
      `the top emotion of 20 labelled songs that were posted at random was inferred with an accuracy of ${percent} %`,
    );
  });

  test('shows progress that only goes up, through all stages, to 100', () => {
    const percents = progress.map((message) => message.percent);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
    expect([...new Set(progress.map((message) => message.stage))]).toEqual([...TRAINING_STAGES]);
  });

  test('leaves nothing of its job behind', async () => {
    expect(await readdir(path.join(house.dir, 'jobs'))).toEqual([]);
  });
});

describe('training', () => {
  afterEach(() => house.close());

  test('a second request is handed the run under way', async () => {
    house = await openHouse(planted);
    const first = await house.training.start({ kind: 'moderator', identity: 'room:1', name: 'Ana' });
    const second = await house.training.start({ kind: 'shell' });
    expect(first.started).toBe(true);
    expect(second).toEqual({ started: false, handle: first.handle });
    expect(house.training.current()).toBe(first.handle);
    await first.handle.finished;
    expect(house.training.current()).toBeUndefined();
    expect(house.children).toHaveLength(1);
  });

  test('learns from a song that a member put away, and keeps nothing of who did', async () => {
    house = await openHouse(planted);
    const { id } = await house.store.memberOf('room:ana');
    await house.store.setTaste(id, [
      ...[0, 4, 8, 12].map((song) => ({
        songId: `song-${song}`,
        liked: true,
        source: 'added' as const,
        at: song,
      })),
      { songId: 'song-16', liked: false, source: 'removed', at: 16 },
    ]);
    const handle = await startUntil(house, 'propagate');
    const table = path.join(house.dir, 'jobs', handle.run.id, PUT_AWAY_FILE);
    expect(await readFile(table, 'utf8')).toBe(`listener_id,song_id\n${id},song-16\n`);
    const run = await handle.finished;
    expect(run.outcome).toBe('published');
    expect(existsSync(table)).toBe(false);
    const files = await readdir(modelDir(house.dir, run.id));
    for (const file of files) {
      expect(await readFile(path.join(modelDir(house.dir, run.id), file), 'latin1')).not.toContain(id);
    }
  });

  test('two requests at the same moment start one run', async () => {
    house = await openHouse(planted);
    const both = await Promise.all([
      house.training.start({ kind: 'shell' }),
      house.training.start({ kind: 'shell' }),
    ]);
    expect(both.map((one) => one.started)).toEqual([true, false]);
    await both[0].handle.finished;
    expect(house.children).toHaveLength(1);
  });

  test('a cancelled run leaves the model in use and says who cancelled it', async () => {
    house = await openHouse(planted);
    const before = await house.train();
    await house.restart({ ganSteps: 1_000_000 });
    const handle = await startUntil(house, 'train');
    expect(house.training.cancel('Ana')).toBe(true);
    const run = await handle.finished;
    expect(run).toMatchObject({ outcome: 'cancelled', reason: expect.stringContaining('Ana') });
    expect(house.training.model()?.id).toBe(before.modelId);
    expect(house.training.cancel('Ana')).toBe(false);
  });

  test('a run cancelled while its votes are being gathered never starts a child', async () => {
    house = await openHouse(planted);
    const handle = await house.start();
    house.training.cancel('Ana');
    expect(await handle.finished).toMatchObject({ outcome: 'cancelled' });
    expect(house.children).toHaveLength(0);
  });

  test('a run that takes too long is ended', async () => {
    house = await openHouse(planted, { ganSteps: 1_000_000, timeoutMs: 1500 });
    const run = await house.train();
    expect(run.outcome).toBe('timed-out');
    expect(house.training.model()).toBeUndefined();
  });

  test('a recommender that turned out worse is kept out, and the votes count all the same', async () => {
    const many = plantCatalogue({ listeners: 48 });
    house = await openHouse(many, { ganSteps: 80 });
    await house.vote(many, 40);
    const good = await house.train();
    await house.restart({ ganSteps: 1, seed: 2 });
    await house.vote(many, 60);

    const run = await house.train();

    expect(run).toMatchObject({ outcome: 'kept', reason: expect.stringContaining('ranks worse') });
    const [before, after] = await Promise.all(
      [good.id, run.id].map((id) => readStoredModel(modelDir(house.dir, id))),
    );
    expect(after.recommender).toEqual(before.recommender);
    expect(house.training.model()?.profile('song-59')?.voted).toBe(true);
    const ndcg = Object.fromEntries((run.metrics?.ranking ?? []).map((row) => [row.method, row.ndcg10]));
    expect(ndcg['in use']).toBeGreaterThan(ndcg.gan);
    const { comparison } = run.metrics ?? {};
    expect(comparison).toMatchObject({ ndcg10: ndcg.gan, before: ndcg['in use'] });
    expect(comparison?.high).toBeLessThan(0);
    const report = await readFile(path.join(modelDir(house.dir, run.id), 'report.md'), 'utf8');
    expect(report).toContain('The new recommender is not in use: it ranks worse than the one in use');
    const interval = `${comparison?.low.toFixed(4)} to ${comparison?.high.toFixed(4)}`;
    expect(report).toContain(`| ${comparison?.difference.toFixed(4)} | ${interval} |`);
  });

  test('after a model of other networks a run says that it was not compared, and is in use', async () => {
    house = await openHouse(planted);
    const old = await house.train();
    const dir = modelDir(house.dir, old.id);
    const { recommender, ...rest } = await readStoredModel(dir);
    await rm(dir, { recursive: true });
    await writeModel(modelsDir(house.dir), {
      ...rest,
      recommender: { ...recommender, meta: { ...(recommender.meta as object), version: 3 } },
    });
    await house.restart();
    expect(house.training.model()?.id).toBe(old.id);

    const run = await house.train();

    expect(run.outcome).toBe('published');
    expect(run.reason).toContain('do not fit this version of the program, so the new one was not compared');
    expect(run.metrics?.comparison).toBeUndefined();
    const report = await readFile(path.join(modelDir(house.dir, run.id), 'report.md'), 'utf8');
    expect(report).toContain('in use: it could not be compared with the one before it.');
  });

  test('on a changed catalogue the new model is published whatever the old one was worth', async () => {
    house = await openHouse(planted, { ganSteps: 30 });
    await house.train();
    await house.restart({ ganSteps: 1 });
    const { catalogue } = plantCatalogue({ songs: 100, seed: 8 });
    await house.useCatalogue(catalogue);
    const run = await house.train();
    expect(run.outcome).toBe('published');
    expect(house.training.model()?.catalogueVersion).toBe(catalogue.version);
  });

  test('votes of a member who was deleted are gone at the next run', async () => {
    house = await openHouse(planted);
    await house.vote(planted, 8, 1);
    await house.train();
    expect(house.training.model()?.profile('song-0')?.voted).toBe(true);
    const member = await house.store.findMember('room:0');
    await house.store.deleteMember(member?.id ?? '');
    const run = await house.train();
    expect(run.metrics?.votes).toBe(0);
    expect(house.training.model()?.profile('song-0')).toMatchObject({ voted: false, confidence: 0 });
  });

  test('with no votes and no listeners there is a model that says how little it knows', async () => {
    house = await openHouse(planted);
    await house.useCatalogue(withoutListeners(planted));
    const run = await house.train();
    expect(run.outcome).toBe('published');
    expect(run.reason).toContain('no votes yet');
    expect(run.reason).toContain('The GAN needs at least 10 listeners');
    const profile = house.training.model()?.profile('song-1');
    expect(profile?.confidence).toBe(0);
    expect(new Set(profile?.distribution).size).toBe(1);
  });

  test('a catalogue that is gone from the disk fails the run in plain words', async () => {
    house = await openHouse(planted, { catalogueDir: () => '/nowhere/at/all' });
    const run = await house.train();
    expect(run.outcome).toBe('failed');
    expect(run.reason).not.toMatch(/ENOENT|Error:/);
    expect(existsSync(path.join(house.dir, 'models', 'current.json'))).toBe(false);
  });
});
