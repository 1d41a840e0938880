import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message, Sound } from '../../../src/chat/message.ts';
import { openBot, type TestBot } from './bot.ts';

const EMOJIS = ['😄', '⚡', '😠', '😨', '😢', '🕰️', '😌', '🥰', '❤️'];

/** Discord's limits, over shorter windows. */
const FAST = { server: { limits: { speed: 20 } } };

let bot: TestBot;
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-snippets-'));
});

afterEach(async () => {
  await bot.close();
  await rm(dir, { recursive: true });
});

const snippet = (sound: Sound, title = 'Été *à* la mer'): Message => ({
  text: 'How does this one feel to you?',
  snippet: { songId: 's1', title, artists: ['Ann', 'Bob'], sound, detail: 'Waves · 1999' },
});
const own = snippet({ kind: 'own', seconds: 10 });

async function withAudio(bytes: number): Promise<TestBot> {
  const wav = path.join(dir, 's1.wav');
  await writeFile(wav, Buffer.alloc(bytes));
  return openBot({ bot: { audio: async () => ({ path: wav, mediaType: 'audio/wav' }) } });
}

const seen = (id: string) =>
  bot.choir
    .member('ana')
    .sees('songs')
    .find((message) => message.id === id)!;

describe('a snippet on Discord', () => {
  it('of a song on Spotify is a link that unfolds, with title, artists and the invitation', async () => {
    bot = await openBot();
    const ref = await bot.post(snippet({ kind: 'spotify', uri: 'spotify:track:4uLU6hMCjMI75M1A2tKUQC' }));
    expect(seen(ref.message).text).toBe(
      [
        String.raw`**Été \*à\* la mer** — Ann, Bob`,
        '-# Waves · 1999',
        'How does this one feel to you?',
        'https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC',
      ].join('\n'),
    );
    expect(seen(ref.message).embeds).toEqual([]);
  });

  it('with a sound of its own carries it as a file that can be played', async () => {
    bot = await withAudio(1000);
    const ref = await bot.post(own);
    expect(seen(ref.message).attachments).toMatchObject([
      { filename: 'Ete-a-la-mer.wav', contentType: expect.stringMatching(/^audio\//) },
    ]);
    expect(seen(ref.message).attachments[0]?.data.length).toBe(1000);
  });

  it('with a title in another script still has a file with a name', async () => {
    bot = await withAudio(1000);
    const ref = await bot.post(snippet({ kind: 'own', seconds: 10 }, '夜に駆ける'));
    expect(seen(ref.message).attachments[0]?.filename).toBe('file.wav');
  });

  it('says so when its file is too large', async () => {
    bot = await withAudio(11 * 1024 * 1024);
    const ref = await bot.post(own);
    expect(seen(ref.message).attachments).toEqual([]);
    expect(seen(ref.message).text).toContain('Too large to attach here');
  });

  it('says so where files are not allowed', async () => {
    bot = await withAudio(1000);
    bot.choir.sets('songs', 'bot', 'deny', 'AttachFiles');
    const ref = await bot.post(own);
    expect(seen(ref.message).attachments).toEqual([]);
    expect(seen(ref.message).text).toContain('I may not attach files here');
  });

  it('is not posted without its sound when that cannot be made', async () => {
    bot = await openBot({
      bot: {
        audio: async () => {
          throw new Error('the disk is full');
        },
      },
    });
    await expect(bot.post(own)).rejects.toMatchObject({ name: 'ChatError', code: 'unreachable' });
    expect(bot.choir.member('ana').sees('songs')).toEqual([]);
  });

  it('says which permission is missing when it cannot be posted', async () => {
    bot = await openBot();
    bot.choir.sets('songs', 'bot', 'deny', 'SendMessages');
    await expect(bot.post(own)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/#songs of “Choir”.*“Send Messages”/),
    });
  });

  it('is posted once when the connection breaks before Discord’s answer', async () => {
    bot = await openBot();
    bot.discord.faults.hangUpNext('POST /channels/{channel_id}/messages');
    await bot.post({ text: 'once' });
    expect(bot.choir.member('ana').sees('songs').length).toBe(1);
  });
});

describe('the invitation to react', () => {
  it('stands under a snippet in order, one request per emoji', async () => {
    bot = await openBot();
    const ref = await bot.post({ text: 'react!' });
    const before = bot.discord.requests.length;
    await bot.platform.seedReactions(ref, EMOJIS);
    expect(seen(ref.message).reactions.map(({ emoji }) => emoji)).toEqual(EMOJIS);
    expect(bot.discord.requests.length - before).toBe(EMOJIS.length);
  });

  it('is completed after a restart with one look at what is there', async () => {
    bot = await openBot();
    const ref = await bot.post({ text: 'react!' });
    await bot.platform.seedReactions(ref, EMOJIS.slice(0, 3));
    const again = await bot.restart();
    const before = bot.discord.requests.length;
    await again.seedReactions(ref, EMOJIS);
    expect(seen(ref.message).reactions.map(({ emoji }) => emoji)).toEqual(EMOJIS);
    expect(bot.discord.requests.length - before).toBe(1 + EMOJIS.length - 3);
  });

  it('waits as long as Discord asks and then goes on', async () => {
    bot = await openBot(FAST);
    const ref = await bot.post({ text: 'react!' });
    bot.discord.faults.limitNext('PUT /channels', 0.2);
    await bot.platform.seedReactions(ref, EMOJIS);
    expect(seen(ref.message).reactions.map(({ emoji }) => emoji)).toEqual(EMOJIS);
  });

  it('ends kindly when the message is deleted in the middle', async () => {
    bot = await openBot(FAST);
    const ref = await bot.post({ text: 'react!' });
    bot.discord.faults.delayNext('PUT /channels', 50, 5);
    const seeding = bot.platform.seedReactions(ref, EMOJIS);
    const ended = expect(seeding).rejects.toMatchObject({ name: 'ChatError', code: 'gone' });
    await bot.discord.until(() => seen(ref.message).reactions.length === 2);
    await bot.choir.moderator('mo').deletes(ref.message);
    await ended;
  });

  it('leaves out an emoji of the server that was deleted', async () => {
    bot = await openBot(FAST);
    const zen = bot.choir.addsEmoji('zen');
    const ref = await bot.post({ text: 'react!' });
    await bot.platform.seedReactions(ref, ['😄', '<:gone:123456789012345678>', `<:zen:${zen.id}>`, '😢']);
    expect(seen(ref.message).reactions.map(({ emoji }) => emoji)).toEqual(['😄', `<:zen:${zen.id}>`, '😢']);
    expect(bot.logged.some(({ emoji }) => emoji === '<:gone:123456789012345678>')).toBe(true);
  });

  it('says which permission is missing', async () => {
    bot = await openBot(FAST);
    const ref = await bot.post({ text: 'react!' });
    bot.choir.sets('songs', 'bot', 'deny', 'AddReactions');
    await expect(bot.platform.seedReactions(ref, EMOJIS)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('“Add Reactions”'),
    });
  });

  it('says that a message can take no more than 20', async () => {
    bot = await openBot(FAST);
    const ref = await bot.post({ text: 'react!' });
    const many = Array.from({ length: 21 }, (_, index) => String.fromCodePoint(0x1f600 + index));
    await expect(bot.platform.seedReactions(ref, many)).rejects.toMatchObject({ code: 'limited' });
  });
});
