import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRandom } from '../../ml/random.ts';
import type { Member } from '../../src/domain/member.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { buildChild, startChild } from '../support/child.ts';
import { aLink, anInstallation, aVote } from './records.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-crash-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function everythingIn(): Promise<string> {
  const files = await readdir(dir);
  const texts = await Promise.all(
    files.map((file) => readFile(path.join(dir, file), 'utf8').catch(() => '')),
  );
  return texts.join('\n');
}

const open = () => openLowdbStore({ dir, log: pino({ level: 'silent' }), now: Date.now });

test('every vote that was confirmed survives kill -9, again and again', { timeout: 120_000 }, async () => {
  const program = await buildChild(fileURLToPath(new URL('./vote-child.ts', import.meta.url)));
  const random = createRandom(5);
  const confirmed = new Set<string>();
  let next = 0;
  for (let round = 0; round < 6; round++) {
    const child = startChild(program, [dir, String(next)]);
    await child.line((line) => line === 'ready');
    // At some vote, so at any moment of a write, a sync or a snapshot.
    const at = next + random.integer(1_500);
    await child.line((line) => line === `vote ${at}`);
    await child.kill();
    const votes = child.lines.filter((line) => line.startsWith('vote ')).map((line) => Number(line.slice(5)));
    for (const n of votes) confirmed.add(`song ${n}`);
    // 20 at a time: not all that were begun were confirmed.
    next = Math.max(...votes) + 50;
    const store = await open();
    const found = new Set((await store.votersPerSong()).keys());
    await store.close();
    expect([...confirmed].filter((song) => !found.has(song))).toEqual([]);
    expect(found.size).toBeLessThanOrEqual(confirmed.size + 20 * (round + 1));
  }
});

test('a deleted member leaves no trace in any file', async () => {
  const store = await openLowdbStore({
    dir,
    log: pino({ level: 'silent' }),
    now: Date.now,
    compactAtBytes: 1_000,
    forgetAfterMs: 0,
  });
  for (let i = 0; i < 40; i++) {
    await store.setReactions([aVote('room:secret', `s${i}`, 'calm'), aVote('room:other', `s${i}`, 'calm')]);
  }
  const member = await store.memberOf('room:secret');
  await store.deleteMember(member.id);
  await expect.poll(everythingIn, { timeout: 20_000 }).not.toMatch(new RegExp(`secret|${member.id}`));
  expect(await everythingIn()).toContain('room:other');
  await store.close();
  const again = await open();
  expect(await again.totals()).toMatchObject({ votes: 40, voters: 1 });
  await again.close();
});

test('of a deleted installation, and of secrets that were replaced, no file has a trace', async () => {
  const tuning = {
    dir,
    log: pino({ level: 'silent' }),
    now: Date.now,
    compactAtBytes: 300,
    forgetAfterMs: 0,
  };
  const store = await openLowdbStore(tuning);
  await store.saveInstallation(anInstallation('slack:TGONE', { sealed: 'first-secret' }));
  await store.saveInstallation(anInstallation('slack:TSTAYS', { sealed: 'second-secret' }));
  // Into snapshot and backup.
  for (let i = 0; i < 20; i++) await store.setReaction(aVote('room:other', `s${i}`, 'calm'));
  await store.deleteInstallation('slack:TGONE');
  await store.saveInstallation(anInstallation('slack:TSTAYS', { sealed: 'third-secret' }));
  await expect.poll(everythingIn, { timeout: 20_000 }).not.toMatch(/TGONE|first-secret|second-secret/);
  expect(await everythingIn()).toContain('third-secret');
  await store.close();
  const again = await open();
  expect(await again.installations()).toMatchObject([{ key: 'slack:TSTAYS', sealed: 'third-secret' }]);
  await again.close();
});

describe('of a Spotify token that is needed no more, no file has a trace:', () => {
  /** Both tokens are in snapshot, backup and journal when `end` ends the first. */
  async function afterwards(end: (store: Store, ana: Member, ben: Member) => Promise<unknown>) {
    const store = await openLowdbStore({
      dir,
      log: pino({ level: 'silent' }),
      now: Date.now,
      compactAtBytes: 1_000,
      forgetAfterMs: 0,
    });
    const [ana, ben] = [await store.memberOf('room:ana'), await store.memberOf('room:ben')];
    await store.saveSpotifyLink(aLink(ana.id, { sealed: 'token-of-ana' }));
    await store.saveSpotifyLink(aLink(ben.id, { sealed: 'token-of-ben' }));
    for (let i = 0; i < 20; i++) await store.setReaction(aVote('room:other', `s${i}`, 'calm'));
    expect(await everythingIn()).toContain('token-of-ana');
    await end(store, ana, ben);
    await expect.poll(everythingIn, { timeout: 20_000 }).not.toContain('token-of-ana');
    expect(await everythingIn()).toContain('token-of-ben');
    await store.close();
    const again = await open();
    const links = await again.spotifyLinks();
    await again.close();
    expect(await everythingIn()).not.toContain('token-of-ana');
    return links;
  }

  test('unlinked', async () => {
    const links = await afterwards((store, ana) => store.deleteSpotifyLink(ana.id));
    expect(links).toMatchObject([{ sealed: 'token-of-ben' }]);
  });

  test('its member deleted', async () => {
    const links = await afterwards((store, ana) => store.deleteMember(ana.id));
    expect(links).toMatchObject([{ sealed: 'token-of-ben' }]);
  });

  test('linked anew', async () => {
    const links = await afterwards((store, ana) =>
      store.saveSpotifyLink(aLink(ana.id, { authorizedAt: 2_000, sealed: 'new-token' })),
    );
    expect(links.map(({ sealed }) => sealed).sort()).toEqual(['new-token', 'token-of-ben']);
  });

  test('sealed with another key', async () => {
    const links = await afterwards((store, ana) =>
      store.saveSpotifyLink(aLink(ana.id, { sealed: 'resealed' }), { resealed: true }),
    );
    expect(links.map(({ sealed }) => sealed).sort()).toEqual(['resealed', 'token-of-ben']);
  });

  test('taken by Spotify no more', async () => {
    const links = await afterwards((store, ana) =>
      store.saveSpotifyLink(aLink(ana.id, { sealed: undefined, endedAt: 5 })),
    );
    expect(links.map(({ endedAt }) => endedAt).sort()).toEqual([5, undefined]);
  });

  test('a second one of one person', async () => {
    const links = await afterwards((store, ana, ben) => store.mergeMembers(ben.id, ana.id));
    expect(links).toMatchObject([{ sealed: 'token-of-ben' }]);
  });
});

test('the bot does not wait for a snapshot: votes are confirmed while one is being made', async () => {
  let release = () => {};
  const held = new Promise<never>((_, reject) => {
    release = () => reject(new Error('the test is over'));
  });
  const store = await openLowdbStore({
    dir,
    log: pino({ level: 'silent' }),
    now: Date.now,
    compactAtBytes: 1,
    fold: () => held,
  });
  await store.setReaction(aVote('room:a', 's1', 'calm'));
  await store.setReaction(aVote('room:a', 's2', 'calm'));
  await store.setReaction(aVote('room:a', 's3', 'calm'));
  release();
  await store.close();
  const again = await open();
  expect((await again.totals()).votes).toBe(3);
  await again.close();
});
