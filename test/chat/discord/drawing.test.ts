import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/chat/message.ts';
import { anyMessage as message, SVG } from '../any-message.ts';
import { openBot, type TestBot, wordsOf } from './bot.ts';

let bot: TestBot;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-drawing-'));
  const wav = path.join(dir, 's1.wav');
  await writeFile(wav, Buffer.alloc(64));
  bot = await openBot({ bot: { audio: async () => ({ path: wav, mediaType: 'audio/wav' }) } });
});

afterAll(async () => {
  await bot.close();
  await rm(dir, { recursive: true });
});

async function shown(drawn: Message) {
  const ref = await bot.post(drawn);
  return bot.choir
    .member('ana')
    .sees('songs')
    .find(({ id }) => id === ref.message)!;
}

describe('a message on Discord', () => {
  it('is within every limit, whatever is in it, new and changed', async () => {
    const ref = await bot.post({ text: 'to be changed' });
    await fc.assert(
      fc.asyncProperty(message, async (any) => {
        await bot.post(any);
        await bot.platform.edit(ref, any);
      }),
      { seed: 20261124, numRuns: 80 },
    );
    expect(bot.discord.violations).toEqual([]);
  });

  it('is drawn within every limit where neither embeds nor files are allowed', async () => {
    bot.choir.addsChannel('bare');
    bot.choir.sets('bare', 'bot', 'deny', 'EmbedLinks', 'AttachFiles');
    const bare = { ...bot.songs, channel: bot.choir.channel('bare').id };
    await fc.assert(
      fc.asyncProperty(message, async (any) => {
        await bot.platform.post(bare, any);
      }),
      { seed: 20261124, numRuns: 40 },
    );
    const posted = bot.choir.member('ana').sees('bare');
    expect(posted.flatMap(({ embeds, attachments }) => [...embeds, ...attachments])).toEqual([]);
  });

  it('has our bold, and nobody else’s markup', async () => {
    const { text } = await shown({ text: '*Calm* is _not_ ~~loud~~\n# Song by <@1> & [x](https://y.z/a_b)' });
    expect(text).toBe(
      String.raw`**Calm** is \_not\_ \~\~loud\~\~` +
        '\n' +
        String.raw`\# Song by \<@1> & \[x\](https://y.z/a_b)`,
    );
  });

  it('lets Discord draw channels, people and emoji of the server', async () => {
    const text =
      'Snippets go to <#123456789012345678>, <:zen:123456789012345678> *for <@&123456789012345678>*';
    expect((await shown({ text })).text).toBe(
      'Snippets go to <#123456789012345678>, <:zen:123456789012345678> **for <@&123456789012345678>**',
    );
  });

  it('shows songs as a numbered list, with links, emotions and reasons', async () => {
    const { embeds } = await shown({
      text: 'Two songs.',
      title: 'Calm',
      songs: [
        {
          songId: 's1',
          title: 'Stars *and* [stripes]',
          artists: ['Ann', 'Bob'],
          sound: { kind: 'spotify', uri: 'spotify:track:4uLU6hMCjMI75M1A2tKUQC' },
          emotions: [{ key: 'calm', name: 'Calm', emoji: '😌', share: 0.624 }],
          why: 'Close to Rain, which you like',
        },
        { songId: 's2', title: 'Rain', artists: [], sound: { kind: 'none' } },
      ],
    });
    expect(embeds[0]?.title).toBe('Calm');
    expect(embeds[0]?.description).toBe(
      [
        'Two songs.',
        '',
        String.raw`**1.** [**Stars \*and\* \[stripes\]**](https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC) — Ann, Bob · 😌 Calm 62%`,
        '-# Close to Rain, which you like',
        '**2.** **Rain**',
      ].join('\n'),
    );
  });

  it('shows an emoji of the server in the name of a field, and a single song without a number', async () => {
    const { embeds } = await shown({
      text: 'x',
      fields: [{ name: '<:zen:123456789012345678> Calm', value: 'quiet' }],
      songs: [{ songId: 's2', title: 'Rain', artists: [], sound: { kind: 'none' } }],
    });
    expect(embeds[0]?.fields?.[0]?.name).toBe('<:zen:123456789012345678> Calm');
    expect(embeds[0]?.description).toBe('x\n\n**Rain**');
  });

  it('shows how far it is', async () => {
    const progress = { percent: 42, label: 'Learning what you like', secondsLeft: 61 };
    expect(wordsOf(await shown({ text: 'Training.', progress }))).toBe(
      'Training.\n\n▰▰▰▰▰▱▱▱▱▱▱▱ 42% · Learning what you like · about 1 min left',
    );
  });

  it('shows a picture with its words for those who do not see it', async () => {
    const picture = { svg: SVG('course'), width: 40, height: 20, alt: 'The mood stays bright.' };
    const { embeds, attachments } = await shown({ text: 'x', picture });
    expect(attachments).toMatchObject([
      { filename: 'picture.png', contentType: 'image/png', description: 'The mood stays bright.' },
    ]);
    expect(attachments[0]?.data.subarray(1, 4).toString()).toBe('PNG');
    expect(embeds[0]?.image?.url).toContain('picture.png');
  });

  it('says the words of a picture that cannot be drawn', async () => {
    const picture = { svg: 'no drawing at all', width: 40, height: 20, alt: 'The mood stays bright.' };
    expect(wordsOf(await shown({ text: 'x', picture }))).toBe('x\n\n-# The mood stays bright.');
  });

  it('tells apart what went well and what did not', async () => {
    const colour = async (tone: 'success' | 'refusal') =>
      (await shown({ text: tone, tone })).embeds[0]?.color;
    expect(await colour('success')).not.toBe(await colour('refusal'));
  });

  it('notifies nobody but whom it addresses', async () => {
    const before = bot.discord.requests.length;
    await bot.post({ text: '@everyone <@123456789012345678>' });
    await bot.post({ text: 'the training is over', addressee: 'discord:123456789012345678' });
    const bodies = bot.discord.requests
      .slice(before)
      .map(({ body }) => body as { allowed_mentions: unknown });
    expect(bodies.map(({ allowed_mentions }) => allowed_mentions)).toEqual([
      { parse: [] },
      { parse: [], users: ['123456789012345678'] },
    ]);
    expect(bot.choir.member('ana').sees('songs').at(-1)?.text).toBe(
      '<@123456789012345678> the training is over',
    );
  });
});
