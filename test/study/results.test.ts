import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { openResults } from '../../src/study/results.ts';
import { temporaryFolder } from '../training/planted.ts';

const schema = z.object({ ndcg10: z.array(z.number()) });
const key = { kind: 'ranking', method: 'gan', seed: 1, program: '1' };
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

/** Asks for a result and says whether it had to be measured. */
async function ask(own: Record<string, string | number> = key, options = {}) {
  let measured = false;
  const result = await openResults(folder.dir, options).get(own, schema, async () => {
    measured = true;
    return { ndcg10: [0.1, 0.25] };
  });
  return { measured, result };
}

it('is measured once', async () => {
  expect(await ask()).toEqual({ measured: true, result: { ndcg10: [0.1, 0.25] } });
  expect(await ask()).toEqual({ measured: false, result: { ndcg10: [0.1, 0.25] } });
});

it('is measured again for another seed, method, data or program, and when asked to', async () => {
  await ask();
  for (const other of [{ seed: 2 }, { method: 'ease' }, { program: '2' }]) {
    expect((await ask({ ...key, ...other })).measured).toBe(true);
  }
  expect((await ask(key, { fresh: true })).measured).toBe(true);
});

it('is measured again when its file is cut off, foreign or of another form', async () => {
  await ask();
  const [name] = await readdir(folder.dir);
  const file = path.join(folder.dir, name!);
  const whole = await readFile(file, 'utf8');
  for (const broken of [
    whole.slice(0, 20),
    '',
    'null',
    '[]',
    whole.replace('0.25', '"x"'),
    whole.replace('gan', 'ease'),
  ]) {
    await writeFile(file, broken);
    expect((await ask()).measured).toBe(true);
  }
});

it('that could not be measured is not kept', async () => {
  const failing = openResults(folder.dir).get(key, schema, () => Promise.reject(new Error('broke down')));
  await expect(failing).rejects.toThrow('broke down');
  expect((await ask()).measured).toBe(true);
});
