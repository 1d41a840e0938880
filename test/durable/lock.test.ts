import { execFileSync } from 'node:child_process';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { lockState } from '../../src/durable/index.ts';
import { buildChild, startChild } from '../support/child.ts';
import { contentOf, testFolder } from './lines.ts';

let program: string;
beforeAll(async () => {
  program = await buildChild(fileURLToPath(new URL('./hold-lock.ts', import.meta.url)));
});

async function holder(dir: string) {
  const child = startChild(program, [dir]);
  onTestFinished(() => child.kill());
  await child.line((line) => line === 'locked');
  return child;
}

/** What another bot would have left in the folder. */
async function leaveLock(dir: string, change: (lock: Record<string, unknown>) => void): Promise<string> {
  const file = path.join(dir, 'lock.json');
  const own = await lockState(dir);
  const lock = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await own.release();
  change(lock);
  await writeFile(file, JSON.stringify(lock));
  return file;
}

test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
  'a folder that is not there yet on a read-only disk is refused as read-only',
  async (context) => {
    const disk = await testFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      context.skip('mounting is not allowed here');
    }
    onTestFinished(() => void execFileSync('umount', [disk]));
    for (const dir of ['state', 'some/state']) {
      await expect(lockState(path.join(disk, dir))).rejects.toMatchObject({ code: 'read-only' });
    }
  },
);

const quick = { patienceMs: 300, beatMs: 50 };

test('a second bot is refused, and told which process is there', async () => {
  const dir = await testFolder();
  const first = await holder(dir);
  const second = lockState(dir, quick);
  await expect(second).rejects.toMatchObject({
    name: 'StoreError',
    code: 'in-use',
    message: expect.stringContaining(`process ${first.process.pid} `),
  });
  await expect(lockState(dir, quick)).rejects.toMatchObject({
    message: expect.stringContaining('hold-lock.js'),
  });
});

test('the same process cannot lock a folder twice', async () => {
  const dir = await testFolder();
  const lock = await lockState(dir);
  await expect(lockState(dir)).rejects.toMatchObject({ code: 'in-use' });
  await lock.release();
  await (await lockState(dir)).release();
  expect(await contentOf(dir)).toEqual({});
});

test('of many that start together one gets the folder', async () => {
  const dir = await testFolder();
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockState(dir, quick)));
  const won = tries.filter((one) => one.status === 'fulfilled');
  expect(won).toHaveLength(1);
  await won[0].value.release();
});

test('the lock of a bot that was killed is taken over at once', async () => {
  const dir = await testFolder();
  await (await holder(dir)).kill();
  const lock = await lockState(dir, { patienceMs: 1e9 });
  await lock.release();
});

test.skipIf(process.platform !== 'linux')('a pid that is another process by now does not count', async () => {
  const dir = await testFolder();
  await leaveLock(dir, (lock) => Object.assign(lock, { pid: process.ppid, started: '1', token: 'gone' }));
  await (await lockState(dir, { patienceMs: 1e9 })).release();
});

test('a bot in another container, silent for long, counts as gone', async () => {
  const dir = await testFolder();
  // Both are process 1 in their own container.
  await leaveLock(dir, (lock) => Object.assign(lock, { processSpace: 'another container', token: 'gone' }));
  await (await lockState(dir, quick)).release();
});

test('a bot in another container that shows signs of life keeps its folder', async () => {
  const dir = await testFolder();
  const file = await leaveLock(dir, (lock) =>
    Object.assign(lock, { processSpace: 'another', host: 'abc123' }),
  );
  let beat = 0;
  const alive = setInterval(() => void utimes(file, ++beat, beat), 40);
  onTestFinished(() => clearInterval(alive));
  await expect(lockState(dir, quick)).rejects.toMatchObject({
    code: 'in-use',
    message: expect.stringContaining('on abc123'),
  });
});

test('a lock that was half written is taken over', async () => {
  const dir = await testFolder();
  await writeFile(path.join(dir, 'lock.json'), '{"pid":');
  await (await lockState(dir, quick)).release();
});

test('whoever slept through a takeover is told, and leaves the new lock alone', async () => {
  const dir = await testFolder();
  const sleeper = await holder(dir);
  await writeFile(
    path.join(dir, 'lock.json'),
    (await readFile(path.join(dir, 'lock.json'), 'utf8')).replace(/"token":"[^"]*"/, '"token":"other"'),
  );
  await sleeper.line((line) => line === 'lost');
  expect(await readFile(path.join(dir, 'lock.json'), 'utf8')).toContain('"other"');
});

test('a file where the folder should be is told', async () => {
  const file = path.join(await testFolder(), 'state');
  await writeFile(file, '');
  await expect(lockState(file)).rejects.toMatchObject({
    name: 'StoreError',
    message: expect.stringContaining('file where a folder should be'),
  });
});
