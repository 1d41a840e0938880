import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { TRAINING_STAGES, type TrainingRun } from '../../src/domain/training.ts';
import { builtEntry } from '../../src/paths.ts';
import type { ChildMessage } from '../../src/training/child-message.ts';
import { writeJob } from '../../src/training/job.ts';
import {
  currentModelDir,
  loadRanking,
  modelDir,
  modelsDir,
  setCurrentModel,
} from '../../src/training/model-files.ts';
import { type House, openHouse, startUntil, TAXONOMY } from './house.ts';
import { plantCatalogue } from './planted.ts';

// Whole training runs: seconds on a quiet machine, more on a busy one.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const planted = plantCatalogue();
/** A state folder with one published model, which every test gets a copy of. */
let template: House;
let before: TrainingRun;
let house: House;
beforeAll(async () => {
  template = await openHouse(planted);
  before = await template.train();
  await template.leave();
});
afterAll(() => rm(template.dir, { recursive: true, force: true }));
beforeEach(async () => {
  house = await openHouse(planted, {}, template.dir);
});
afterEach(() => house.close());

function killChild(): void {
  process.kill(house.children.at(-1) ?? 0, 'SIGKILL');
}

describe('kill -9 of the child', () => {
  test.each(TRAINING_STAGES.filter((stage) => stage !== 'publish'))(
    'at %s leaves the old model in use and says so',
    async (stage) => {
      // So long that no later stage is reached before the signal is.
      await house.restart({ ganSteps: stage === 'evaluate' ? 4 : 1_000_000 });
      const handle = await startUntil(house, stage);
      killChild();
      const run = await handle.finished;
      expect(run.outcome).toBe('failed');
      expect(run.reason).toMatch(/killed.*The model in use stays\./);
      expect(house.training.model()?.id).toBe(before.modelId);
      expect(await readdir(modelsDir(house.dir))).toEqual(
        expect.arrayContaining(['current.json', before.modelId]),
      );
      expect(await readdir(path.join(house.dir, 'jobs'))).toEqual([]);
      await house.restart({ ganSteps: 4 });
      expect(house.training.model()?.id).toBe(before.modelId);
    },
  );

  test('at publish leaves one whole model in use, the old or the new', async () => {
    const handle = await startUntil(house, 'publish');
    killChild();
    const run = await handle.finished;
    const inUse = run.outcome === 'failed' ? before.id : run.id;
    expect(house.training.model()?.id).toBe(inUse);
    await house.restart();
    expect(house.training.model()?.id).toBe(inUse);
  });

  test('leaves no half of a model behind', async () => {
    await house.restart({ ganSteps: 1_000_000 });
    const handle = await startUntil(house, 'train');
    const half = path.join(modelsDir(house.dir), `.tmp-${handle.run.id}`);
    await cp(modelDir(house.dir, before.id), half, { recursive: true });
    killChild();
    await handle.finished;
    expect(await readdir(modelsDir(house.dir))).not.toContain(path.basename(half));
  });

  test('does not keep the next run from starting', async () => {
    const handle = await startUntil(house, 'aggregate');
    killChild();
    await handle.finished;
    expect((await house.train()).outcome).toBe('published');
  });
});

describe('a bot that died', () => {
  test('while a run was under way closes it as failed at the next start', async () => {
    const startedAt = Date.now();
    await house.store.saveRun({
      id: 'lost',
      trigger: { kind: 'shell' },
      startedAt,
      catalogueVersion: 'x',
    });
    await mkdir(path.join(house.dir, 'jobs', 'lost'), { recursive: true });
    await house.restart();
    const [run] = await house.store.recentRuns(1);
    expect(run).toMatchObject({
      id: 'lost',
      outcome: 'failed',
      reason: expect.stringContaining('The bot stopped'),
    });
    expect(run.endedAt).toBeGreaterThanOrEqual(startedAt);
    await expect(readdir(path.join(house.dir, 'jobs'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('before the rename leaves the old model in use and no rubbish', async () => {
    await cp(modelDir(house.dir, before.id), path.join(modelsDir(house.dir), '.tmp-new'), {
      recursive: true,
    });
    await house.restart();
    expect(house.training.model()?.id).toBe(before.id);
    expect(await readdir(modelsDir(house.dir))).not.toContain('.tmp-new');
  });

  test('between the rename and the pointer leaves the old model in use', async () => {
    await house.store.saveRun({ ...before, id: 'new', endedAt: undefined, outcome: undefined });
    await cp(modelDir(house.dir, before.id), modelDir(house.dir, 'new'), { recursive: true });
    await house.restart();
    expect(house.training.model()?.id).toBe(before.id);
    expect(await readdir(modelsDir(house.dir))).not.toContain('new');
  });

  test('between the pointer and its note has the new model in use and says it was published', async () => {
    const { endedAt: _, outcome: __, modelId: ___, ...underWay } = before;
    await house.store.saveRun(underWay);
    await house.restart();
    expect(house.training.model()?.id).toBe(before.id);
    expect((await house.store.recentRuns(1))[0]).toMatchObject({ outcome: 'published', modelId: before.id });
  });
});

describe('a model on disk that cannot be read', () => {
  test('gives way to the one before it', async () => {
    const second = await house.train();
    await truncate(path.join(modelDir(house.dir, second.modelId ?? ''), 'profiles.f32'), 10);
    await house.restart();
    expect(house.training.model()?.id).toBe(before.modelId);
  });

  const head = (change: object) => async (dir: string) => {
    const file = path.join(dir, 'model.json');
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }));
  };
  /** A model that is newer than the first, and in use. */
  async function putNewerInUse(): Promise<string> {
    const newer = modelDir(house.dir, 'newer');
    await cp(modelDir(house.dir, before.id), newer, { recursive: true });
    await head({ id: 'newer' })(newer);
    await setCurrentModel(house.dir, 'newer');
    await house.restart();
    expect(house.training.model()?.id).toBe('newer');
    return newer;
  }

  test.each<[string, (dir: string) => Promise<void>]>([
    ['of an older version of the program', head({ format: 0 })],
    ['of a newer version', head({ format: 99 })],
    ['of another program', head({ kind: 'else' })],
    ['without its weights', (dir) => rm(path.join(dir, 'weights.bin'))],
    ['with weights that are cut off', (dir) => truncate(path.join(dir, 'weights.bin'), 100)],
  ])('%s leaves the one before it serving, for playlists too', async (_, damage) => {
    await damage(await putNewerInUse());
    await house.restart();
    expect(house.training.model()?.id).toBe(before.modelId);
    const dir = await currentModelDir(house.dir);
    expect(dir).toBe(modelDir(house.dir, before.id));
    const ranking = await loadRanking(dir ?? '', planted.catalogue, 'wasm');
    expect(ranking.substitutedBecause).toBeUndefined();
    ranking.recommender.dispose?.();
  });

  test('because the pointer to it is damaged is found again', async () => {
    await putNewerInUse();
    await truncate(path.join(modelsDir(house.dir), 'current.json'), 5);
    await house.restart();
    expect(house.training.model()?.id).toBe('newer');
    expect(await currentModelDir(house.dir)).toBe(modelDir(house.dir, 'newer'));
  });

  test('does not keep the bot from starting when there is no other, nor a run from replacing it', async () => {
    await truncate(path.join(modelDir(house.dir, before.id), 'model.json'), 10);
    await house.restart();
    expect(house.training.model()).toBeUndefined();
    expect((await house.train()).outcome).toBe('published');
  });

  test('may be missing altogether', async () => {
    await rename(modelDir(house.dir, before.id), path.join(house.dir, 'elsewhere'));
    await house.restart();
    expect(house.training.model()).toBeUndefined();
  });
});

test('the child ends when the bot is gone', async () => {
  const jobDir = path.join(house.dir, 'jobs', 'orphan');
  await writeJob(
    jobDir,
    {
      format: 1,
      runId: 'orphan',
      createdAt: 1,
      catalogueDir: path.join(house.dir, 'catalogue', planted.catalogue.version),
      catalogueVersion: planted.catalogue.version,
      emotions: TAXONOMY.emotions.map((emotion) => emotion.key),
      seed: 1,
      backend: 'wasm',
      modelsDir: modelsDir(house.dir),
      ganSteps: 1_000_000,
    },
    house.store,
    new AbortController().signal,
  );
  const child = fork(builtEntry('training-child'), [jobDir], {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  await new Promise<void>((resolve) => {
    child.on('message', (message: ChildMessage) => {
      if (message.type === 'progress' && message.stage === 'train') resolve();
    });
  });
  child.disconnect();
  const [code] = await once(child, 'exit');
  expect(code).toBe(1);
});
