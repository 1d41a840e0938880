import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openDurable } from '../../src/durable/index.ts';
import { encodeLine } from '../../src/durable/line.ts';
import { contentOf, linesIn, readBack, testFolder, withLines } from './lines.ts';

/** A folder with the entries 1 to n, each in a write of its own. */
async function filled(n: number, { compact = [] as number[] } = {}): Promise<string> {
  const dir = await testFolder();
  await withLines(linesIn(dir), async (durable) => {
    for (let i = 1; i <= n; i++) {
      await durable.append({ text: `entry ${i}` });
      if (compact.includes(i)) await durable.compact();
    }
  });
  return dir;
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => `entry ${i + 1}`);

async function segments(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => name.endsWith('.ndjson')).map((name) => path.join(dir, name));
}

test.each([
  ['cut in the middle', (line: Buffer) => line.subarray(0, line.length / 2)],
  ['without its line break', (line: Buffer) => line.subarray(0, -1)],
  ['turned to zeros', (line: Buffer) => Buffer.alloc(line.length)],
])('a last line that is %s is cut off, and writing goes on after it', async (_, tear) => {
  const dir = await filled(3);
  const [file] = await segments(dir);
  const lines = (await readFile(file)).toString().split('\n').slice(0, -1);
  const whole = Buffer.from(`${lines.slice(0, 2).join('\n')}\n`);
  await writeFile(file, Buffer.concat([whole, tear(Buffer.from(`${lines[2]}\n`))]));
  await withLines(linesIn(dir), async (durable) => {
    expect(durable.state.lines).toHaveLength(2);
    await durable.append({ text: 'entry 3' });
  });
  expect(await readBack(dir)).toEqual(upTo(3));
});

test('of a write that never finished, later lines do not count when earlier ones are lost', async () => {
  const dir = await filled(2);
  const [file] = await segments(dir);
  // A batch of three whose first page never reached the disk: nothing of it was confirmed.
  const batch = [3, 4, 5].map((n) => Buffer.from(encodeLine(n, 2, { text: `entry ${n}` })));
  batch[0].fill(0);
  await writeFile(file, Buffer.concat([await readFile(file), ...batch]));
  await withLines(linesIn(dir), async (durable) => {
    expect(durable.state.lines).toHaveLength(2);
    await durable.append({ text: 'entry 3' });
  });
  expect(await readBack(dir)).toEqual(upTo(3));
});

test('damage to what was once whole is told with file and line, and nothing is changed', async () => {
  const dir = await filled(5);
  const [file] = await segments(dir);
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('entry 3', 'entry 8'));
  const before = await contentOf(dir);
  await expect(openDurable(linesIn(dir))).rejects.toMatchObject({
    name: 'StoreError',
    code: 'damaged',
    message: expect.stringContaining(`${file}, line 3`),
  });
  expect(await contentOf(dir)).toEqual(before);
});

test('the way out that is offered works: without the damaged file and the later ones', async () => {
  const dir = await filled(6, { compact: [2, 4] });
  const file = (await segments(dir)).at(-1)!;
  await withLines(linesIn(dir), (durable) => durable.append({ text: 'entry 7' }));
  await writeFile(file, (await readFile(file, 'utf8')).replace('entry 5', 'entry 9'));
  await expect(openDurable(linesIn(dir))).rejects.toMatchObject({ code: 'damaged' });
  for (const later of await segments(dir)) if (later >= file) await rm(later);
  await withLines(linesIn(dir), (durable) => durable.append({ text: 'entry 5' }));
  expect(await readBack(dir)).toEqual(upTo(5));
});

test('a segment that is missing is told', async () => {
  const dir = await filled(6, { compact: [2, 4] });
  await withLines(linesIn(dir), (durable) => durable.append({ text: 'entry 7' }));
  const [first, second] = await segments(dir);
  expect(second).toBeDefined();
  // Both snapshots gone as well, so that it is needed.
  await rm(path.join(dir, 'lines.json'));
  await rm(path.join(dir, 'lines.json.bak'));
  await rm(first);
  await expect(openDurable(linesIn(dir))).rejects.toMatchObject({ code: 'damaged' });
});

test.each([
  ['truncated', (file: string) => truncate(file, 40)],
  ['empty', (file: string) => truncate(file, 0)],
  ['full of zeros', async (file: string) => writeFile(file, Buffer.alloc((await readFile(file)).length))],
  [
    'changed',
    async (file: string) => writeFile(file, (await readFile(file, 'utf8')).replace('entry 1', 'entry 9')),
  ],
  ['missing', (file: string) => rm(file)],
])('a snapshot that is %s is replaced by its backup and the journal', async (_, spoil) => {
  const dir = await filled(6, { compact: [2, 4] });
  await spoil(path.join(dir, 'lines.json'));
  expect(await readBack(dir)).toEqual(upTo(6));
  // The next snapshot must not push the broken file over the good backup.
  await withLines(linesIn(dir), (durable) => durable.compact());
  expect(await readBack(dir)).toEqual(upTo(6));
  await truncate(path.join(dir, 'lines.json'), 10);
  expect(await readBack(dir)).toEqual(upTo(6));
});

test('a broken snapshot is moved aside, not deleted', async () => {
  const dir = await filled(6, { compact: [2, 4] });
  await truncate(path.join(dir, 'lines.json'), 40);
  await withLines(linesIn(dir), (durable) => durable.compact());
  expect(Object.keys(await contentOf(dir)).filter((name) => name.includes('damaged'))).toHaveLength(1);
});

test('without a whole snapshot the bot does not start, and says what to do', async () => {
  const dir = await filled(6, { compact: [2, 4] });
  await truncate(path.join(dir, 'lines.json'), 40);
  await truncate(path.join(dir, 'lines.json.bak'), 40);
  const before = await contentOf(dir);
  await expect(openDurable(linesIn(dir))).rejects.toMatchObject({
    code: 'damaged',
    message: expect.stringMatching(/lines\.json.*copy/s),
  });
  expect(await contentOf(dir)).toEqual(before);
});

test('a folder from a newer version is left alone', async () => {
  const dir = await filled(2);
  await withLines(linesIn(dir), () => {});
  await writeFile(path.join(dir, 'lines-format.json'), '{"format":2}');
  const before = await contentOf(dir);
  await expect(openDurable(linesIn(dir))).rejects.toMatchObject({
    code: 'newer-version',
    message: expect.stringContaining('newer'),
  });
  expect(await contentOf(dir)).toEqual(before);
});

test('a file where the folder should be is told', async () => {
  const dir = path.join(await testFolder(), 'state');
  await writeFile(dir, 'not a folder');
  await expect(openDurable(linesIn(dir))).rejects.toMatchObject({
    name: 'StoreError',
    message: expect.stringContaining('there is a file where a folder should be'),
  });
  await expect(openDurable(linesIn(path.join(dir, 'store')))).rejects.toMatchObject({ name: 'StoreError' });
});
