import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type FileSystem, realFiles } from '../../src/durable/files.ts';
import { openDurable, readDurable } from '../../src/durable/index.ts';
import { contentOf, linesIn, testFolder, texts, withLines } from './lines.ts';

const read = async (dir: string, files?: FileSystem) => {
  const state = await readDurable(linesIn(dir), dir, files);
  return state && texts(state);
};

test('what a running process has written can be read beside it, and nothing is touched', async () => {
  const dir = await testFolder();
  const running = await openDurable(linesIn(dir));
  await running.append({ text: 'in the snapshot' });
  await running.compact();
  await running.append({ text: 'in the journal' });
  const before = await contentOf(dir);
  expect(await read(dir)).toEqual(['in the snapshot', 'in the journal']);
  expect(await contentOf(dir)).toEqual(before);
  await running.append({ text: 'later' });
  expect(await read(dir)).toEqual(['in the snapshot', 'in the journal', 'later']);
  await running.close();
});

test('where nothing was ever kept there is nothing, and no folder is made', async () => {
  const dir = path.join(await testFolder(), 'not-there');
  expect(await read(dir)).toBeUndefined();
  await expect(contentOf(dir)).rejects.toThrow('ENOENT');
});

test('a snapshot that takes the place of the journal meanwhile is read instead', async () => {
  const dir = await testFolder();
  const running = await openDurable(linesIn(dir));
  for (const text of ['a', 'b']) await running.append({ text });
  let folded = false;
  const files: FileSystem = {
    ...realFiles,
    // Between the look at the snapshot and the look at the journal: twice, so that the backup is past it as well.
    async readdir(...args: Parameters<FileSystem['readdir']>) {
      if (!folded) {
        folded = true;
        await running.compact();
        await running.append({ text: 'c' });
        await running.compact();
        await running.append({ text: 'd' });
      }
      return realFiles.readdir(...args);
    },
  } as FileSystem;
  expect(await read(dir, files)).toEqual(['a', 'b', 'c', 'd']);
  await running.close();
});

test('files that are really damaged, or newer, are said to be', async () => {
  const dir = await testFolder();
  await withLines(linesIn(dir), async (durable) => {
    for (const text of ['a', 'b', 'c']) {
      await durable.append({ text });
      await durable.compact();
    }
  });
  const journal = Object.keys(await contentOf(dir)).filter((name) => name.endsWith('.ndjson'));
  await rm(path.join(dir, 'lines.json'));
  await rm(path.join(dir, 'lines.json.bak'));
  expect(journal.length).toBeGreaterThan(0);
  await expect(read(dir)).rejects.toMatchObject({ code: 'damaged' });
  await expect(readDurable({ ...linesIn(dir), version: 0 }, dir)).rejects.toMatchObject({
    code: 'newer-version',
  });
});
