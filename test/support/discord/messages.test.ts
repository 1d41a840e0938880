import { AttachmentBuilder, type Client, EmbedBuilder, MessageFlags } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBot, login, post } from './bot.ts';
import { type Discord, openDiscord } from './discord.ts';
import type { GuildHandle } from './guild-handle.ts';

let discord: Discord;
let guild: GuildHandle;
let client: Client<true>;
let general: string;

beforeEach(async () => {
  discord = await openDiscord();
  guild = discord.guild();
  general = guild.channel('general').id;
  client = await login(createBot(discord), discord);
});

afterEach(async () => {
  await client.destroy();
  await discord.close();
});

describe('the bot', () => {
  it('posts, edits and deletes', async () => {
    const ana = guild.member('ana');
    const message = await post(client, general, 'first');
    expect(ana.sees('general')).toMatchObject([{ author: 'Reactune', text: 'first', edited: false }]);
    await message.edit({ content: 'second', embeds: [new EmbedBuilder().setTitle('Title')] });
    expect(ana.sees('general')).toMatchObject([
      { text: 'second', edited: true, embeds: [{ title: 'Title' }] },
    ]);
    expect(await message.fetch(true)).toMatchObject({ content: 'second' });
    await message.delete();
    expect(ana.sees('general')).toEqual([]);
    await expect(message.fetch(true)).rejects.toMatchObject({ code: 10008, status: 404 });
  });

  it('attaches files, and shows them in an embed', async () => {
    const picture = Buffer.from('a picture');
    const message = await post(client, general, {
      embeds: [new EmbedBuilder().setImage('attachment://course.png')],
      files: [
        new AttachmentBuilder(picture, { name: 'course.png', description: 'from calm to happy' }),
        new AttachmentBuilder(Buffer.from('RIFF'), { name: 'clip.wav' }),
      ],
    });
    const [seen] = guild.member('ana').sees('general');
    expect(seen?.attachments).toMatchObject([
      { filename: 'course.png', contentType: 'image/png', description: 'from calm to happy' },
      { filename: 'clip.wav' },
    ]);
    // A picture that an embed shows is not listed a second time.
    expect(message.attachments.map(({ name }) => name)).toEqual(['clip.wav']);
    const url = message.embeds[0]?.image?.url ?? '';
    expect(await (await fetch(url)).text()).toBe('a picture');
    await message.edit({ content: 'no picture', embeds: [], attachments: [] });
    expect(guild.member('ana').sees('general')).toMatchObject([{ embeds: [], attachments: [] }]);
    await expect(message.edit({ content: '' })).rejects.toMatchObject({ code: 50006 });
  });

  it('keeps its files unless an edit says otherwise', async () => {
    const message = await post(client, general, {
      content: 'x',
      files: [new AttachmentBuilder(Buffer.from('1'), { name: 'a.txt' })],
    });
    await message.edit('y');
    expect(guild.member('ana').sees('general')[0]?.attachments).toHaveLength(1);
    await message.edit({ attachments: [] });
    expect(guild.member('ana').sees('general')[0]?.attachments).toHaveLength(0);
  });

  it('sends a voice message', async () => {
    const voice = new AttachmentBuilder(Buffer.from('OggS'), { name: 'voice-message.ogg' })
      .setDuration(1.5)
      .setWaveform(Buffer.alloc(32).toString('base64'));
    const message = await post(client, general, { files: [voice], flags: MessageFlags.IsVoiceMessage });
    expect(message.attachments.first()).toMatchObject({
      duration: 1.5,
      contentType: expect.stringContaining('audio/'),
    });
    await expect(message.edit('words')).rejects.toMatchObject({ code: 50162 });
  });

  it('writes once what it sends twice with the same nonce', async () => {
    const again = { content: 'once', nonce: 'n1', enforceNonce: true };
    const first = await post(client, general, again);
    expect((await post(client, general, again)).id).toBe(first.id);
    expect(guild.member('ana').sees('general')).toHaveLength(1);
  });

  it('writes to somebody who takes direct messages', async () => {
    const ana = guild.member('ana');
    const user = await client.users.fetch(ana.id);
    await user.send('psst');
    expect(ana.dms()).toMatchObject([{ text: 'psst' }]);
    ana.acceptsDms(false);
    await expect(user.send('psst')).rejects.toMatchObject({ code: 50007, status: 403 });
  });

  it('writes to no bot, and to nobody whom it meets on no server', async () => {
    const robot = await client.users.fetch(guild.member('robot', { bot: true }).id);
    await expect(robot.send('psst')).rejects.toMatchObject({ code: 50007, status: 403 });
    const ana = guild.member('ana');
    const user = await client.users.fetch(ana.id);
    await user.send('psst');
    guild.loses(ana);
    await expect(user.send('psst')).rejects.toMatchObject({ code: 50278, status: 403 });
  });

  it('reads what is there, newest first, in pages', async () => {
    for (const text of ['1', '2', '3', '4', '5']) await post(client, general, text);
    const channel = await client.channels.fetch(general);
    if (channel === null || !channel.isTextBased()) throw new Error('not a text channel');
    const page = await channel.messages.fetch({ limit: 2 });
    expect(page.map(({ content }) => content)).toEqual(['5', '4']);
    const before = await channel.messages.fetch({ limit: 2, before: page.last()!.id });
    expect(before.map(({ content }) => content)).toEqual(['3', '2']);
    const after = await channel.messages.fetch({ limit: 2, after: before.last()!.id });
    expect(after.map(({ content }) => content)).toEqual(['4', '3']);
  });

  it('deletes its own messages, other people’s only with the permission', async () => {
    const theirs = await guild.member('ana').says('general', 'mine');
    const channel = await client.channels.fetch(general);
    if (channel === null || !channel.isTextBased()) throw new Error('not a text channel');
    await expect(channel.messages.delete(theirs.id)).rejects.toMatchObject({ code: 50013 });
    guild.permits('bot', ['ManageMessages']);
    await channel.messages.delete(theirs.id);
    expect(guild.member('ana').sees('general')).toEqual([]);
  });
});

describe('what the bot may do in a channel decides what is refused', () => {
  it.each([
    ['seeing the channel', ['ViewChannel'], { content: 'hello' }, 50001],
    ['writing', ['SendMessages'], { content: 'hello' }, 50013],
    ['embeds', ['EmbedLinks'], { embeds: [{ title: 'x' }] }, 50013],
    [
      'files',
      ['AttachFiles'],
      { files: [new AttachmentBuilder(Buffer.from('x'), { name: 'x.txt' })] },
      50013,
    ],
  ] as const)('without %s', async (_what, denied, message, code) => {
    const channel = await client.channels.fetch(general);
    if (channel === null || !channel.isSendable()) throw new Error('not a channel to write in');
    guild.sets('general', 'everyone', 'deny', ...denied);
    guild.sets('general', 'bot', 'deny', ...denied);
    await expect(channel.send(message)).rejects.toMatchObject({ code, status: 403 });
  });

  it('but an allowed role outweighs what is denied to all, and administrators may do everything', async () => {
    const channel = await client.channels.fetch(general);
    if (channel === null || !channel.isSendable()) throw new Error('not a channel to write in');
    guild.sets('general', 'everyone', 'deny', 'SendMessages');
    guild.sets('general', 'bot', 'allow', 'SendMessages');
    await channel.send('allowed');
    guild.sets('general', 'bot', 'deny', 'SendMessages');
    guild.permits('bot', ['Administrator']);
    await channel.send('allowed');
  });
});
