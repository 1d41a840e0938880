import { expect, test } from 'vitest';
import { openDurable } from '../../src/durable/index.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { contentOf, copyOf, linesIn, readBack, testFolder, texts, withLines } from './lines.ts';

test('what was appended is there after opening again, in order', async () => {
  const dir = await testFolder();
  await withLines(linesIn(dir), async (durable) => {
    await Promise.all(['a', 'b', 'ü\n"😄'].map((text) => durable.append({ text })));
    await durable.append({ text: 'd' });
  });
  await withLines(linesIn(dir), async (durable) => {
    expect(texts(durable.state)).toEqual(['a', 'b', 'ü\n"😄', 'd']);
    await durable.append({ text: 'e' });
  });
  expect(await readBack(dir)).toEqual(['a', 'b', 'ü\n"😄', 'd', 'e']);
});

test('snapshots and journal together hold every entry once', async () => {
  const dir = await testFolder();
  const expected: string[] = [];
  for (let run = 0; run < 6; run++) {
    await withLines(linesIn(dir, { compactAtBytes: 2_000 }), async (durable) => {
      expect(texts(durable.state)).toEqual(expected);
      for (let i = 0; i < 100; i++) {
        const text = `${run}.${i}`;
        expected.push(text);
        const done = durable.append({ text });
        if (i % 7 === 0) await done;
        if (i === 50 && run % 2 === 0) await durable.compact();
      }
    });
  }
  expect(await readBack(dir)).toEqual(expected);
  expect(Object.keys(await contentOf(dir)).length).toBeLessThan(12);
});

test('an entry is confirmed only after the disk has it', async () => {
  const dir = await testFolder();
  const disk = new FaultyFiles();
  const durable = await openDurable(linesIn(dir, { files: disk.files }));
  const before = disk.calls.length;
  await durable.append({ text: 'a' });
  expect(disk.calls.slice(before)).toEqual(['write', 'datasync']);
  await durable.close();
});

test('what a killed process left unsynced is synced before anything builds on it', async () => {
  const dir = await testFolder();
  await withLines(linesIn(dir), (durable) => durable.append({ text: 'a' }));
  const disk = new FaultyFiles();
  const durable = await openDurable(linesIn(dir, { files: disk.files }));
  expect(disk.calls).toContain('datasync');
  await durable.close();
});

test('entries that arrive during a sync share the next one', async () => {
  const dir = await testFolder();
  const disk = new FaultyFiles();
  const durable = await openDurable(linesIn(dir, { files: disk.files }));
  const before = disk.calls.length;
  const first = durable.append({ text: 'first' });
  disk.fails = (call) => {
    if (call === 'datasync' && durable.state.lines.length === 1) {
      for (let i = 0; i < 1_000; i++) void durable.append({ text: String(i) });
    }
    return undefined;
  };
  await first;
  await durable.flushed();
  expect(disk.calls.slice(before)).toEqual(['write', 'datasync', 'write', 'datasync']);
  await durable.close();
  expect(await readBack(dir)).toHaveLength(1_001);
});

test('after a forgetting entry nothing of what was before stays in any file', async () => {
  const dir = await testFolder();
  await withLines(linesIn(dir), async (durable) => {
    await durable.append({ text: 'secret' });
    await durable.compact();
    await durable.append({ text: 'secret too' });
    await durable.compact();
    expect(JSON.stringify(await contentOf(dir))).toContain('secret');
    await durable.append({ text: 'forget' });
  });
  expect(JSON.stringify(await contentOf(dir))).not.toContain('secret');
});

test('forgetting happens soon by itself, and survives a crash in between', async () => {
  const dir = await testFolder();
  const durable = await openDurable(linesIn(dir));
  await durable.append({ text: 'secret' });
  await durable.compact();
  await durable.append({ text: 'forget' });
  // As a crash leaves it: the entry is there, the rewriting has not begun.
  const crashed = await copyOf(dir);
  await durable.close();
  const again = await openDurable(linesIn(crashed, { forgetAfterMs: 0 }));
  await expect.poll(async () => JSON.stringify(await contentOf(crashed))).not.toContain('secret');
  await again.close();
});

test('a power cut at any moment of a snapshot loses nothing', async () => {
  for (const last of ['plain', 'forget']) {
    const dir = await testFolder();
    await withLines(linesIn(dir), async (durable) => {
      await durable.append({ text: 'one' });
      await durable.compact();
      await durable.append({ text: 'two' });
      await durable.compact();
      await durable.append({ text: 'three' });
      await durable.append({ text: last });
    });
    const expected = await readBack(await copyOf(dir));
    for (let step = 0, done = false; !done; step++) {
      const copy = await copyOf(dir);
      const disk = new FaultyFiles();
      // Opened before the crash, so that each step of the snapshot itself is hit.
      const durable = await openDurable(linesIn(copy, { files: disk.files, forgetAfterMs: 1e6 }));
      const from = disk.calls.length;
      disk.fails = (_call, _file, index) => (index >= from + step ? 'EIO' : undefined);
      done = await durable.compact().then(
        () => true,
        () => false,
      );
      const left = await copyOf(copy);
      await durable.close().catch(() => {});
      expect(await readBack(left), `${last}, crash at step ${step}`).toEqual(expected);
      expect(await readBack(left), `${last}, again`).toEqual(expected);
    }
  }
});

test('an entry is refused after closing, and not applied', async () => {
  const durable = await openDurable(linesIn(await testFolder()));
  await durable.close();
  await expect(durable.append({ text: 'late' })).rejects.toMatchObject({ code: 'closed' });
  expect(durable.state.lines).toEqual([]);
});
