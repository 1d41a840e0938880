import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildCatalogue } from '../../src/catalogue/catalogue.ts';
import { demoCatalogue, demoCatalogueParts } from '../../src/catalogue/demo/demo.ts';
import { createSnippets, type Snippets } from '../../src/catalogue/snippets.ts';
import type { Song } from '../../src/domain/song.ts';
import { builtEntry } from '../../src/paths.ts';
import { readWav } from './demo-ears.ts';

const demo = demoCatalogue();
const spotifySong: Song = {
  id: '6f807x0ima9a1j3VPbc7VN',
  title: 'Elsewhere',
  artists: ['Somebody'],
  features: {},
  spotifyUri: 'spotify:track:6f807x0ima9a1j3VPbc7VN',
  snippet: { kind: 'spotify' },
};
const parts = demoCatalogueParts(demo);
const catalogue = buildCatalogue({ ...parts, songs: [...demo.songs, spotifySong] });
const [first, second, third] = demo.songs as [Song, Song, Song];
/** Renders at once, so that what is tested is what happens around the rendering. */
const QUICK = `
  const wav = Buffer.alloc(44 + 4000);
  wav.write('RIFF', 0); wav.writeUInt32LE(wav.length - 8, 4); wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16); wav.writeUInt16LE(1, 20); wav.writeUInt16LE(2, 22); wav.writeUInt32LE(32000, 24);
  wav.writeUInt32LE(128000, 28); wav.write('data', 36); wav.writeUInt32LE(4000, 40);
  const answer = ({ job }) => parentPort.postMessage({ job, wav });`;

let folder: string;
let opened: Snippets[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'snippets-'));
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((snippets) => snippets.stop()));
  await rm(folder, { recursive: true, force: true });
});

function open(extra: { workerEntry?: string; maxCacheBytes?: number; cacheDir?: string } = {}): Snippets {
  const snippets = createSnippets({
    catalogue: () => catalogue,
    cacheDir: path.join(folder, 'cache'),
    log: pino({ level: 'silent' }),
    ...extra,
  });
  opened.push(snippets);
  return snippets;
}

/** A render worker that behaves as its script says and notes every piece it is asked for. */
async function worker(script: string): Promise<{ workerEntry: string; asked: () => Promise<string[]> }> {
  const workerEntry = path.join(folder, 'worker.mjs');
  const notes = path.join(folder, 'asked.txt');
  await writeFile(notes, '');
  await writeFile(
    workerEntry,
    `import { parentPort } from 'node:worker_threads';
     import { appendFileSync, readFileSync } from 'node:fs';
     ${QUICK}
     const asked = () => readFileSync(${JSON.stringify(notes)}, 'utf8').split('\\n').filter(Boolean);
     parentPort.on('message', (request) => {
       appendFileSync(${JSON.stringify(notes)}, request.songId + '\\n');
       ${script}
     });`,
  );
  return {
    workerEntry,
    asked: async () => (await readFile(notes, 'utf8')).split('\n').filter(Boolean),
  };
}

const cached = () => readdir(path.join(folder, 'cache'));

describe('the sound of a song', () => {
  it('is rendered in the built worker thread and kept as a playable file', async () => {
    const file = await open().file(first.id);
    const heard = readWav(await readFile(file!.path));
    expect(file!.mediaType).toBe('audio/wav');
    expect(file!.seconds * 1000).toBeCloseTo(first.features.durationMs!, 3);
    expect(heard.mono.length / heard.rate).toBeCloseTo(file!.seconds, 6);
  });

  it('is told without rendering anything', () => {
    const snippets = open();
    expect(snippets.soundOf(first)).toEqual({ kind: 'own', seconds: first.features.durationMs! / 1000 });
    expect(snippets.soundOf(spotifySong)).toEqual({ kind: 'spotify', uri: spotifySong.spotifyUri });
    expect(snippets.soundOf({ ...first, snippet: { kind: 'none' } })).toEqual({ kind: 'none' });
  });

  it('is rendered once, however many ask for it at the same time and later', async () => {
    const { workerEntry, asked } = await worker('answer(request);');
    const snippets = open({ workerEntry });
    const files = await Promise.all(Array.from({ length: 20 }, () => snippets.file(first.id)));
    expect(new Set(files.map((file) => file!.path)).size).toBe(1);
    await snippets.file(first.id);
    await open({ workerEntry }).file(first.id);
    expect(await asked()).toEqual([first.id]);
  });

  it.each([
    ['a path that climbs', '../../etc/passwd'],
    ['the same, encoded', '..%2f..%2fetc%2fpasswd'],
    ['with backslashes', '..\\..\\etc\\passwd'],
    ['an absolute path', '/etc/passwd'],
    ['a NUL', `${demo.songs[0]!.id}\0.wav`],
    ['a climbing path behind a real id', `${demo.songs[0]!.id}/../../x`],
    ['nothing', ''],
    ['a song of another seed', 'demo-2-001'],
    ['a song that is played by Spotify', spotifySong.id],
  ])('is not given for %s', async (_, id) => {
    const { workerEntry, asked } = await worker('answer(request);');
    expect(await open({ workerEntry }).file(id)).toBeUndefined();
    expect(await asked()).toEqual([]);
  });

  it('is stored in the cache folder under a name that does not come from the id', async () => {
    const { workerEntry } = await worker('answer(request);');
    const file = await open({ workerEntry }).file(first.id);
    expect(path.dirname(file!.path)).toBe(path.join(folder, 'cache'));
    expect(path.basename(file!.path)).toMatch(/^[0-9a-f]{40}\.wav$/);
  });

  it.each([
    ['is empty', 0],
    ['has only its header', 44],
    ['was written half', 2000],
  ])('is rendered anew when the cached file %s', async (_, length) => {
    const { workerEntry, asked } = await worker('answer(request);');
    const file = await open({ workerEntry }).file(first.id);
    await truncate(file!.path, length);
    const again = await open({ workerEntry }).file(first.id);
    expect((await stat(again!.path)).size).toBe(4044);
    expect(await asked()).toHaveLength(2);
  });

  it('leaves no unfinished files behind, not even those of a bot that was killed', async () => {
    const { workerEntry } = await worker('answer(request);');
    await open({ workerEntry }).file(first.id);
    await writeFile(path.join(folder, 'cache', 'left.wav.1-1.part'), 'half');
    await open({ workerEntry }).file(second.id);
    expect((await cached()).filter((name) => !name.endsWith('.wav'))).toEqual([]);
  });

  it('makes room by forgetting what was not heard for longest', async () => {
    const { workerEntry, asked } = await worker('answer(request);');
    const snippets = open({ workerEntry, maxCacheBytes: 9000 });
    const oldest = (await snippets.file(first.id))!.path;
    const heardAgain = (await snippets.file(second.id))!.path;
    await utimes(oldest, 1000, 1000);
    await utimes(heardAgain, 500, 500);
    await snippets.file(second.id);
    await snippets.file(third.id);
    expect(await cached()).toHaveLength(2);
    await snippets.file(second.id);
    expect(await asked()).toEqual([first.id, second.id, third.id]);
  });

  it('survives a worker that dies: the piece is tried once more in a new one', async () => {
    const { workerEntry, asked } = await worker(
      'if (asked().length === 1) process.exit(3); answer(request);',
    );
    expect(await open({ workerEntry }).file(first.id)).toMatchObject({ mediaType: 'audio/wav' });
    expect(await asked()).toHaveLength(2);
  });

  it('is told as a failure when rendering fails twice, and can be asked for again', async () => {
    const { workerEntry, asked } = await worker(
      'if (asked().length <= 2) parentPort.postMessage({ job: request.job, problem: "no strings" }); else answer(request);',
    );
    const snippets = open({ workerEntry });
    await expect(snippets.file(first.id)).rejects.toMatchObject({ code: 'render' });
    expect(await asked()).toHaveLength(2);
    expect(await snippets.file(first.id)).toBeDefined();
  });

  it('does not hold up other songs when one kills its worker every time', async () => {
    const { workerEntry } = await worker(
      `if (request.songId === '${first.id}') throw new Error('bang'); answer(request);`,
    );
    const snippets = open({ workerEntry });
    const [bad, good] = await Promise.allSettled([snippets.file(first.id), snippets.file(second.id)]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'render' } });
    expect(good.status).toBe('fulfilled');
  });

  it('is refused as busy when too many wait, while cached songs are still served', async () => {
    const { workerEntry } = await worker(`if (request.songId === '${first.id}') answer(request);`);
    const snippets = open({ workerEntry });
    await snippets.file(first.id);
    const asked = demo.songs.slice(1, 80).map((song) => snippets.file(song.id));
    const refused = Promise.race(asked);
    await expect(refused).rejects.toMatchObject({ code: 'busy' });
    expect(await snippets.file(first.id)).toBeDefined();
    const settled = Promise.allSettled(asked);
    await snippets.stop();
    const codes = (await settled).map((result) =>
      result.status === 'rejected' ? result.reason.code : 'given',
    );
    expect(codes.filter((code) => code === 'stopped')).toHaveLength(32);
    expect(codes.filter((code) => code === 'busy')).toHaveLength(47);
  });

  it('says what to do when the cache cannot be written', async () => {
    const { workerEntry } = await worker('answer(request);');
    await writeFile(path.join(folder, 'file'), 'not a folder');
    const snippets = open({ workerEntry, cacheDir: path.join(folder, 'file', 'cache') });
    await expect(snippets.file(first.id)).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('free some space or make it writable'),
    });
  });
});

it('the render worker is part of the build', async () => {
  expect((await stat(builtEntry('render-worker'))).isFile()).toBe(true);
});
