import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Message, Sound } from '../../../src/chat/message.ts';
import { USUAL_SCOPES } from '../../support/slack/installing.ts';
import { openBot, seen } from './bot.ts';

const snippet = (sound: Sound): Message => ({
  text: 'How does this one feel?',
  snippet: { songId: 's1', title: 'Low *Sun*', artists: ['Ann', 'Bo'], sound, detail: 'Album · 1999' },
});
const onSpotify = snippet({ kind: 'spotify', uri: 'spotify:track:4444444444444444444444' });

async function open(options: Parameters<typeof openBot>[0] = {}) {
  const bot = await openBot(options);
  onTestFinished(() => bot.close());
  return bot;
}

async function soundFile(): Promise<{ path: string; mediaType: string }> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-slack-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = path.join(dir, 's1.wav');
  await writeFile(file, Buffer.alloc(1000, 7));
  return { path: file, mediaType: 'audio/wav' };
}

const without = (...scopes: string[]) => USUAL_SCOPES.filter((scope) => !scopes.includes(scope));

describe('a snippet on Slack', () => {
  it('has title, artists and a link that unfolds', async () => {
    const bot = await open();
    const ref = await bot.post(onSpotify);
    const message = seen(bot.slack, ref);
    expect(message.unfurlLinks).toBe(true);
    const [sight] = bot.choir.member('ana').sees(bot.choir.channel('songs')).slice(-1);
    expect(sight?.text).toContain('*Low ∗Sun∗* — Ann, Bo');
    expect(sight?.text).toContain('<https://open.spotify.com/track/4444444444444444444444>');
    expect(sight?.fallback).toContain('Low ∗Sun∗');
  });

  it('of the bot’s own plays in the thread, where the reactions do not go', async () => {
    const file = await soundFile();
    const bot = await open({ bot: { audio: async () => file } });
    const ref = await bot.post(snippet({ kind: 'own', seconds: 20 }));
    const [reply] = seen(bot.slack, ref).replies;
    expect(reply?.files.map(({ name, size }) => [name, size])).toEqual([['Low-Sun.wav', 1000]]);
    await bot.platform.seedReactions(ref, ['😄']);
    expect([...seen(bot.slack, ref).reactions.keys()]).toEqual(['smile']);
  });

  it('says that it cannot be heard where the bot may not upload', async () => {
    const file = await soundFile();
    const scopes = without('files:write');
    const bot = await open({ workspace: { scopes }, bot: { audio: async () => file } });
    await bot.post(snippet({ kind: 'own', seconds: 20 }));
    const [sight] = bot.choir.member('ana').sees(bot.choir.channel('songs')).slice(-1);
    expect(sight?.text).toContain('files:write');
  });

  it('has its emoji in order; one that the workspace does not have is left out', async () => {
    const bot = await open();
    bot.choir.addsEmoji('zen');
    const ref = await bot.post(onSpotify);
    await bot.platform.seedReactions(ref, ['😄', ':zen:', ':gone:', '❤️']);
    await bot.platform.seedReactions(ref, ['😄', ':zen:', ':thumbsup:']);
    expect([...seen(bot.slack, ref).reactions.keys()]).toEqual(['smile', 'zen', 'heart', '+1']);
    expect(bot.logged.some(({ emoji }) => emoji === ':gone:')).toBe(true);
  });

  it('that is gone, locked or full says so', async () => {
    const { slack, platform, post } = await open();
    const gone = await post(onSpotify);
    await platform.remove(gone);
    await expect(platform.seedReactions(gone, ['😄'])).rejects.toMatchObject({ code: 'gone' });
    const full = await post(onSpotify);
    slack.failNext('reactions.add', 'too_many_emoji');
    await expect(platform.seedReactions(full, ['😄'])).rejects.toMatchObject({ code: 'limited' });
    seen(slack, full).threadLocked = true;
    await expect(platform.seedReactions(full, ['😄'])).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('makes the bot enter a public channel, and say what to do about a private one', async () => {
    const bot = await open({
      workspace: {
        channels: [
          'songs',
          'chatter',
          { name: 'stage', bot: false },
          { name: 'backstage', bot: false, private: true },
          { name: 'attic', archived: true },
        ],
      },
    });
    const { platform, songs, choir } = bot;
    const at = (name: string) => ({ ...songs, channel: choir.channel(name).id });
    await platform.post(at('stage'), onSpotify);
    expect(choir.channel('stage').members.has(choir.bot.id)).toBe(true);
    await expect(platform.post(at('backstage'), onSpotify)).rejects.toThrow(/\/invite/);
    await expect(platform.post(at('attic'), onSpotify)).rejects.toMatchObject({ code: 'gone' });
  });

  it('names the scope that is missing', async () => {
    const bot = await open({
      workspace: {
        scopes: without('channels:join', 'reactions:write'),
        channels: ['songs', { name: 'stage', bot: false }],
      },
      before: (_slack, choir) => void choir.addChannel('chatter'),
    });
    const { platform, songs, choir } = bot;
    await expect(platform.post({ ...songs, channel: choir.channel('stage').id }, onSpotify)).rejects.toThrow(
      /not in that channel/,
    );
    const ref = await bot.post(onSpotify);
    await expect(platform.seedReactions(ref, ['😄'])).rejects.toThrow(/reactions:write/);
  });

  it('waits where Slack asks for it, while another channel goes on', async () => {
    const { slack, choir, songs, platform } = await open();
    slack.limitNext('chat.postMessage', 2, { channel: songs.channel });
    const began = performance.now();
    let waited = 0;
    const limited = platform.post(songs, { text: 'slow' }).then(() => {
      waited = performance.now() - began;
    });
    await platform.post({ ...songs, channel: choir.channel('chatter').id }, { text: 'quick' });
    expect(performance.now() - began).toBeLessThan(1000);
    await limited;
    expect(waited).toBeGreaterThan(1900);
  });

  it('waits by itself for as long as Slack would make it wait, each channel for itself', async () => {
    const { slack, choir, songs, platform } = await open({ server: { limits: 'on' } });
    const chatter = { ...songs, channel: choir.channel('chatter').id };
    const texts = ['first', 'second', 'third'];
    const posted = texts.flatMap((text) => [
      platform.post(songs, { text }),
      platform.post(chatter, { text }),
    ]);
    await Promise.all(posted);
    const posts = slack.requests.filter(({ method }) => method === 'chat.postMessage');
    expect(posts.map(({ status }) => status)).toEqual(Array(6).fill(200));
    const inSongs = posts.filter(({ args }) => args.channel === songs.channel);
    expect(inSongs.map(({ args }) => args.text)).toEqual(texts);
  });

  it('survives Slack’s bad moments, and is never there twice', async () => {
    const { slack, choir, platform, post } = await open();
    slack.failNext('chat.update', 503, { times: 2 });
    const ref = await post({ text: 'first' });
    await platform.edit(ref, { text: 'second' });
    expect(seen(slack, ref).text).toBe('second');
    slack.hangUpNext('chat.postMessage');
    await expect(post({ text: 'once' })).rejects.toMatchObject({ code: 'unreachable' });
    const sights = choir.member('ana').sees(choir.channel('songs'));
    expect(sights.filter(({ text }) => text === 'once')).toHaveLength(1);
  });
});
