import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { WireMessage } from '../../src/chat/room/wire.ts';
import { builtEntry } from '../../src/paths.ts';
import { RoomMember } from '../support/room.ts';
import { interruptAt, type RunningBot, runToEnd, startBot } from './bot.ts';

const run = promisify(execFile);

function stateFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reactune-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const snippetsOf = (messages: Iterable<WireMessage>) =>
  [...messages].filter((message) => message.body.snippet);

/** A table of songs in two moods, with playlists. */
function songTable(): string {
  const header =
    'track_id,track_name,track_artist,track_popularity,track_album_id,track_album_name,track_album_release_date,playlist_name,playlist_id,playlist_genre,playlist_subgenre,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,duration_ms';
  const rows = Array.from({ length: 240 }, (_, i) => {
    const song = i % 60;
    const playlist = (song % 2) + 2 * Math.floor(i / 120);
    const loud = song % 2 === 0;
    const id = `${String(song).padStart(4, '0')}AAAAAAAAAAAAAAAAAA`;
    return `${id},Song ${song},Singer ${song % 9},50,al${song},Album ${song},2001-01-01,List ${playlist},p${playlist},pop,dance pop,${loud ? 0.8 : 0.2},${loud ? 0.9 : 0.1},5,${loud ? -4 : -18},1,0.05,${loud ? 0.05 : 0.9},0,0.1,${loud ? 0.8 : 0.2},${loud ? 128 : 74},200000`;
  });
  return [header, ...rows].join('\n');
}

async function importSongs(state: string): Promise<string> {
  const table = path.join(state, 'songs.csv');
  writeFileSync(table, songTable());
  const { stdout } = await run(process.execPath, [builtEntry('cli'), 'import', table], {
    env: { ...process.env, STATE_DIR: state },
  });
  return stdout;
}

/** Waits until the bot has found the imported songs (it looks every second) and trained on them. */
async function listOfImported(asker: RoomMember): Promise<WireMessage> {
  for (;;) {
    const status = JSON.stringify((await asker.types('/status')).body);
    if (/60 songs/.test(status) && !/Training is running|under way/i.test(status)) {
      const answer = await asker.types('/playlist songs:5');
      if (answer.body.songs?.every((song) => song.sound.kind === 'spotify')) return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

describe('a new user', () => {
  const state = mkdtempSync(path.join(os.tmpdir(), 'reactune-app-'));
  afterAll(() => rmSync(state, { recursive: true, force: true }));

  it('finds songs to hear and gets a playlist at once; a vote survives kill -9', async () => {
    const first = await startBot(state);
    const ana = await first.member('Ana');
    const snippets = snippetsOf(ana.messages.values());
    expect(snippets).toHaveLength(3);
    const sound = await ana.gets(`/audio/${snippets[0].body.snippet?.songId}`);
    expect(sound.headers.get('content-type')).toBe('audio/wav');
    expect((await sound.arrayBuffer()).byteLength).toBeGreaterThan(500_000);

    const list = await ana.types('/playlist calm songs:8');
    expect(list.body.songs).toHaveLength(8);
    expect(list.onlyYou).toBe(true);
    expect(list.body.picture?.alt).toMatch(/\w/);
    for (const song of list.body.songs!) expect(song.why).toMatch(/\w/);

    await ana.reacts(snippets[0], '😢');
    await ana.reacts(snippets[0], '❤️');
    // The reply to a reaction is the acknowledgement; nothing more is waited for.
    expect(await first.ends('SIGKILL')).toBeNull();

    const second = await startBot(state);
    const bo = await second.member('Bo');
    const again = snippetsOf(bo.messages.values()).find((message) => message.id === snippets[0].id)!;
    expect(again.reactions.map((reaction) => reaction.emoji).sort()).toEqual(['❤️', '😢'].sort());
    const status = await bo.types('/status');
    expect(JSON.stringify(status.body)).toMatch(/55\d votes by 61 people/);
    expect(await second.ends('SIGINT')).toBe(0);
  });

  it('in a network gets files whose links lead others to this machine', async () => {
    const bot = await startBot(state, { HOST: '0.0.0.0', ROOM_PASSWORD: 'open sesame' });
    const own = bot.url;
    const entered = await fetch(`${own}/`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Origin: own },
      body: new URLSearchParams({ password: 'open sesame' }),
    });
    const ana = new RoomMember(own);
    ana.cookie = entered.headers.get('set-cookie')?.split(';')[0];
    await ana.connects();
    await ana.asks({ kind: 'rename', name: 'Ada' });
    const list = await ana.types('/playlist songs:3');
    const answer = await ana.presses(list, 'As a file');
    const file = await (await ana.gets(`/files/${answer.id}/0`)).text();
    // A machine without a network has its own address only.
    const share = /Share\s+(http:\S+)/.exec(bot.printed())?.[1] ?? own;
    expect(file).toContain(`${share}/audio/`);
    await ana.drops();
    expect(await bot.ends('SIGINT')).toBe(0);
  });

  it('becomes the moderator by the printed link, once, and retrains with live progress', async () => {
    const bot = await startBot(state);
    const ana = await bot.member('Operator');
    const refused = await ana.types('/retrain');
    expect(refused.body.tone).toBe('refusal');
    expect(await ana.claims(bot.claimUrl!)).toBe(true);
    const eve = await bot.member('Eve');
    expect(await eve.claims(bot.claimUrl!)).toBe(false);
    const answer = await ana.types('/retrain');
    const seen = new Set<number>();
    const done = await ana.until(() => {
      const now = ana.messages.get(answer.id)!;
      if (now.body.progress) seen.add(now.body.progress.percent);
      return !now.body.progress && now;
    });
    expect(seen.size).toBeGreaterThan(1);
    // Whether the new one is better is not the point here: it has ended well, and says how.
    expect(done.body.text).toMatch(/^Done/);
    expect(done.body.fields?.length).toBeGreaterThan(2);
    expect(await bot.ends('SIGTERM')).toBe(0);
  });

  it('becomes a moderator again after a restart, with another browser', async () => {
    const bot = await startBot(state);
    const elsewhere = await bot.member('Operator on a new laptop');
    expect(await elsewhere.claims(bot.claimUrl!)).toBe(true);
    expect(await bot.ends('SIGTERM')).toBe(0);
  });

  it('is told which process holds the folder, when started twice', async () => {
    const bot = await startBot(state);
    const second = await runToEnd({ STATE_DIR: state });
    expect(second.code).toBe(1);
    expect(second.printed).toContain(`process ${bot.process.pid}`);
    expect(second.printed).not.toContain('    at ');
    expect(await bot.ends('SIGINT')).toBe(0);
  });
});

describe('an operator', () => {
  it('may press Ctrl-C during the first training: it ends at once, and the next start makes the first whole', async () => {
    const state = stateFolder();
    const first = await interruptAt('Training the first model', { STATE_DIR: state });
    expect(first.code).toBe(0);
    expect(first.printed).not.toMatch(/ready|killed|ended from outside/);
    expect(readdirSync(state)).not.toContain('lock.json');
    const bot = await startBot(state);
    const ana = await bot.member('Ana');
    expect(snippetsOf(ana.messages.values())).toHaveLength(3);
    expect((await ana.types('/playlist calm songs:5')).body.songs).toHaveLength(5);
    expect(await bot.ends('SIGINT')).toBe(0);
    const again = await startBot(state);
    expect(snippetsOf((await again.member('Bo')).messages.values())).toHaveLength(3);
    expect(await again.ends('SIGINT')).toBe(0);
  });

  it.each(['models', 'room', 'store'])('is told about a file where the folder %s should be', async (name) => {
    const state = stateFolder();
    writeFileSync(path.join(state, name), '');
    const { code, printed } = await runToEnd({ STATE_DIR: state });
    expect(code).toBe(1);
    expect(printed).toMatch(new RegExp(`${name}\\): there is a file where a folder should be`));
    expect(printed).not.toContain('    at ');
  });

  it('is told once when the first training fails, and has a room all the same', async () => {
    const state = stateFolder();
    const bot = await startBot(state, {}, (printed) => {
      if (!printed.includes('Training the first model')) return;
      // The bot has read it; the training, a process of its own, has not.
      for (const version of readdirSync(path.join(state, 'catalogue'))) {
        if (version !== 'current.json') {
          rmSync(path.join(state, 'catalogue', version, 'columns.bin'), { force: true });
        }
      }
    });
    expect(bot.printed()).toMatch(/none yet: the training failed/);
    expect(snippetsOf((await bot.member('Ana')).messages.values())).toHaveLength(3);
    expect(await bot.ends('SIGINT')).toBe(0);
  });

  it('may import while the first model is being trained', async () => {
    const state = stateFolder();
    let imported: Promise<string> | undefined;
    const bot = await startBot(state, {}, (printed) => {
      if (printed.includes('Training the first model')) imported ??= importSongs(state);
    });
    expect(await imported).toMatch(/60 songs/);
    expect((await listOfImported(await bot.member('Ana'))).body.songs).toHaveLength(5);
    expect(await bot.ends('SIGINT')).toBe(0);
  }, 120_000);

  it('may import during a training: the new songs have their turn after it', async () => {
    const state = stateFolder();
    const bot = await startBot(state);
    const ana = await bot.member('Ana');
    await ana.claims(bot.claimUrl!);
    await ana.types('/retrain');
    await importSongs(state);
    await listOfImported(ana);
    const models = readdirSync(path.join(state, 'models')).filter((name) => name !== 'current.json');
    expect(models).toHaveLength(3);
    expect(await bot.ends('SIGINT')).toBe(0);
  }, 120_000);

  it('who stops the bot during a training finds in the room how it ended', async () => {
    const state = stateFolder();
    const bot = await startBot(state);
    const ana = await bot.member('Ana');
    await ana.claims(bot.claimUrl!);
    const { id } = await ana.types('/retrain');
    const before = performance.now();
    expect(await bot.ends('SIGINT')).toBe(0);
    expect(performance.now() - before).toBeLessThan(3000);
    expect(ana.messages.get(id)!.body.progress).toBeUndefined();
    expect(ana.messages.get(id)!.body.text).toContain('cancelled');
  });

  it('is told about a taken port before anything is trained, and about every wrong setting', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const port = String((server.address() as { port: number }).port);
    const taken = await runToEnd({ STATE_DIR: stateFolder(), PORT: port });
    expect(taken.code).toBe(1);
    expect(taken.printed).toMatch(new RegExp(`Port ${port} is already in use`));
    expect(taken.printed).not.toContain('Training');
    const wrong = await runToEnd({ STATE_DIR: stateFolder(), HOST: '0.0.0.0', LOG_LEVEL: 'loud' });
    expect(wrong.code).toBe(1);
    expect(wrong.printed).toMatch(/LOG_LEVEL must be/);
  });

  it('imports a catalogue while the bot runs: votes stay, training starts, playlists come from it', async () => {
    const state = stateFolder();
    const bot: RunningBot = await startBot(state);
    const ana = await bot.member('Ana');
    expect(await importSongs(state)).toMatch(/60 songs/);
    const list = await listOfImported(ana);
    expect(list.body.songs).toHaveLength(5);
    expect(await bot.ends('SIGINT')).toBe(0);
    expect(readdirSync(path.join(state, 'jobs'))).toEqual([]);
  }, 120_000);
});
