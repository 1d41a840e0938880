import { existsSync } from 'node:fs';
import { symlink, unlink } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openDurable } from '../../src/durable/index.ts';
import { segmentFile } from '../../src/durable/segments.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { linesIn, readBack, testFolder, texts } from './lines.ts';

describe.each(['write', 'datasync'] as const)('when the disk is full at %s', (failing) => {
  test('the write is refused, what was confirmed stays, and writing goes on when there is space', async () => {
    const dir = await testFolder();
    const disk = new FaultyFiles();
    const durable = await openDurable(linesIn(dir, { files: disk.files }));
    await durable.append({ text: 'confirmed' });
    disk.fails = (call) => (call === failing || call === 'truncate' ? 'ENOSPC' : undefined);
    for (const text of ['refused', 'refused too']) {
      await expect(durable.append({ text })).rejects.toMatchObject({ name: 'StoreError', code: 'full' });
    }
    await expect(durable.flushed()).rejects.toMatchObject({ code: 'full' });
    disk.fails = () => undefined;
    await durable.append({ text: 'after' });
    const inMemory = texts(durable.state);
    await durable.close();
    const onDisk = await readBack(dir);
    expect(onDisk).toEqual(inMemory);
    expect(onDisk).toEqual(['confirmed', 'refused', 'refused too', 'after']);
  });

  test('a crash right then loses only what was refused', async () => {
    const dir = await testFolder();
    const disk = new FaultyFiles();
    const durable = await openDurable(linesIn(dir, { files: disk.files }));
    await durable.append({ text: 'confirmed' });
    disk.fails = () => 'ENOSPC';
    await expect(durable.append({ text: 'refused' })).rejects.toMatchObject({ code: 'full' });
    // Cut down as by kill -9: nothing more reaches the disk.
    disk.fails = () => 'EIO';
    await durable.close().catch(() => {});
    expect((await readBack(dir))[0]).toBe('confirmed');
  });
});

test('the journal recovers by itself, without a new entry', async () => {
  const dir = await testFolder();
  const disk = new FaultyFiles();
  const durable = await openDurable(linesIn(dir, { files: disk.files }));
  disk.fails = (call) => (call === 'write' ? 'ENOSPC' : undefined);
  await expect(durable.append({ text: 'patient' })).rejects.toMatchObject({ code: 'full' });
  disk.fails = () => undefined;
  const synced = () => disk.calls.at(-1) === 'datasync';
  await expect.poll(synced, { timeout: 10_000 }).toBe(true);
  // As a crash would leave it now.
  disk.fails = () => 'EIO';
  await durable.close().catch(() => {});
  expect(await readBack(dir)).toEqual(['patient']);
});

test('what waits for a full disk is bounded, and none of it is lost', async () => {
  const dir = await testFolder();
  const disk = new FaultyFiles();
  disk.writesBeforeFailing = 0;
  const durable = await openDurable(linesIn(dir, { files: disk.files }));
  disk.fails = (call) => (call === 'write' ? 'ENOSPC' : undefined);
  const large = 'x'.repeat(1 << 20);
  const before = disk.calls.length;
  for (let i = 0; i < 40; i++) {
    await expect(durable.append({ text: `${i} ${large}` })).rejects.toMatchObject({ code: 'full' });
  }
  const applied = durable.state.lines.length;
  expect(applied).toBeLessThan(20);
  // Not all that waits is written again for each entry that is refused.
  expect(disk.calls.slice(before).filter((call) => call === 'write').length).toBeLessThan(8);
  disk.fails = () => undefined;
  await durable.close();
  expect(await readBack(dir)).toHaveLength(applied);
});

test.skipIf(!existsSync('/dev/full'))('a disk that is really full is told as such', async () => {
  const dir = await testFolder();
  const durable = await openDurable(linesIn(dir));
  await durable.append({ text: 'a' });
  await durable.compact();
  // The segment that the next entry opens is the system's own always-full device.
  await symlink('/dev/full', segmentFile(dir, 'lines', 2));
  await expect(durable.append({ text: 'b' })).rejects.toMatchObject({
    code: 'full',
    message: expect.stringContaining('disk is full'),
  });
  await unlink(segmentFile(dir, 'lines', 2));
  await durable.append({ text: 'c' });
  await durable.close();
  expect(await readBack(dir)).toEqual(['a', 'b', 'c']);
});

test.each([
  ['EROFS', 'read-only'],
  ['EACCES', 'read-only'],
  ['ENOSPC', 'full'],
  ['EIO', 'failed'],
])('a folder that cannot be written (%s) is told at start as %s', async (errno, code) => {
  const dir = await testFolder();
  await openDurable(linesIn(dir)).then((durable) => durable.close());
  const disk = new FaultyFiles();
  disk.fails = () => errno;
  const opening = openDurable(linesIn(dir, { files: disk.files }));
  await expect(opening).rejects.toMatchObject({
    name: 'StoreError',
    code,
    message: expect.stringContaining(dir),
  });
});

test('a snapshot that cannot be written costs nothing: the journal is kept', async () => {
  const dir = await testFolder();
  const disk = new FaultyFiles();
  const durable = await openDurable(linesIn(dir, { files: disk.files, compactAtBytes: 1_000 }));
  disk.fails = (call) => (call === 'writeFile' ? 'ENOSPC' : undefined);
  const expected: string[] = [];
  for (let i = 0; i < 100; i++) {
    expected.push(`entry ${i}`);
    await durable.append({ text: `entry ${i}` });
  }
  await durable.close();
  expect(await readBack(dir)).toEqual(expected);
});

test('whatever the disk does, what was confirmed is there after a power cut', {
  timeout: 120_000,
}, async () => {
  const step = fc.record({
    count: fc.integer({ min: 1, max: 6 }),
    fails: fc.constantFrom('', '', '', 'write', 'datasync', 'sync', 'open', 'rename', 'truncate'),
    compact: fc.boolean(),
    cut: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    wait: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.nat(), async (steps, seed) => {
      const dir = await testFolder();
      let draw = seed;
      const random = (n: number) => {
        draw = (Math.imul(draw, 1_103_515_245) + 12_345) >>> 0;
        return (draw >>> 8) % n;
      };
      const confirmed: string[] = [];
      const begun = new Set<string>();
      let disk = new FaultyFiles();
      let durable = await openDurable(linesIn(dir, { files: disk.files, compactAtBytes: 600 }));
      const cutPower = async () => {
        disk.fails = () => 'EIO';
        const lost = durable;
        disk.cutPower(random);
        await lost.close().catch(() => {});
        disk = new FaultyFiles();
        durable = await openDurable(linesIn(dir, { files: disk.files, compactAtBytes: 600 }));
        const found = texts(durable.state);
        expect(found.filter((text) => confirmed.includes(text))).toEqual(confirmed);
        expect(found.every((text) => begun.has(text))).toBe(true);
        expect(new Set(found).size).toBe(found.length);
        confirmed.splice(0, confirmed.length, ...found);
      };
      for (const { count, fails, compact, cut, wait } of steps) {
        disk.fails = (call) => (call === fails ? 'ENOSPC' : undefined);
        const writes: Promise<unknown>[] = [];
        for (let i = 0; i < count; i++) {
          const text = `entry ${begun.size} ${'x'.repeat(random(60))}`;
          begun.add(text);
          const done = () => confirmed.push(text);
          writes.push(durable.append({ text }).then(done, () => {}));
        }
        if (compact) writes.push(durable.compact().catch(() => {}));
        if (wait) await Promise.all(writes);
        if (cut) await cutPower();
        await Promise.all(writes);
      }
      await cutPower();
      await durable.close();
    }),
    { numRuns: 50, seed: 11 },
  );
});
