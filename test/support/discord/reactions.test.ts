import { type Client, Events } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { createBot, login, post } from './bot.ts';
import { RefusedByClient } from './command-input.ts';
import { type Discord, openDiscord } from './discord.ts';
import type { GuildHandle } from './guild-handle.ts';

let discord: Discord;
let guild: GuildHandle;
let client: Client<true>;
let general: string;

async function open(limits: 'off' | { speed: number } = 'off'): Promise<void> {
  discord = await openDiscord({ limits });
  guild = discord.guild();
  general = guild.channel('general').id;
  client = await login(createBot(discord), discord);
}

beforeEach(() => open());

afterEach(async () => {
  await client.destroy();
  await discord.close();
});

const TWENTY = [...'😀😃😄😁😆😅🤣😂🙂🙃😉😊😇🥰😍🤩😘😗😚😙'];

describe('reactions', () => {
  it('are seeded in order', async () => {
    const message = await post(client, general, 'react!');
    for (const emoji of ['😄', '⚡', '😠', '😨', '😢', '🕰️', '😌', '🥰']) await message.react(emoji);
    expect(
      guild
        .member('ana')
        .sees('general')[0]
        ?.reactions.map(({ emoji }) => emoji),
    ).toEqual(['😄', '⚡', '😠', '😨', '😢', '🕰️', '😌', '🥰']);
  });

  it('are the same emoji with and without a variation selector', async () => {
    const message = await post(client, general, 'react!');
    await message.react('❤');
    await guild.member('ana').reacts(message, '❤️');
    expect(guild.member('ana').sees('general')[0]?.reactions).toMatchObject([{ emoji: '❤️', count: 2 }]);
  });

  it('count twice for nobody', async () => {
    const message = await post(client, general, 'react!');
    await message.react('😄');
    await message.react('😄');
    expect(guild.member('ana').sees('general')[0]?.reactions).toMatchObject([
      { count: 1, people: ['Reactune'] },
    ]);
  });

  it('end at twenty different ones, which others may still join', async () => {
    const message = await post(client, general, 'react!');
    for (const emoji of TWENTY) await message.react(emoji);
    await expect(message.react('💀')).rejects.toMatchObject({ code: 30010 });
    const ana = guild.member('ana');
    await ana.reacts(message, '😀');
    await expect(ana.reacts(message, '💀')).rejects.toThrow(RefusedByClient);
  });

  it('are read back in pages, by user id', async () => {
    const message = await post(client, general, 'react!');
    const people = Array.from({ length: 120 }, (_, index) => guild.member(`member ${index}`));
    for (const person of [...people].reverse()) await person.reacts(message, '😄');
    const reaction = (await message.fetch(true)).reactions.cache.get('😄')!;
    expect(reaction.count).toBe(120);
    const first = await reaction.users.fetch({ limit: 100 });
    const rest = await reaction.users.fetch({ limit: 100, after: first.lastKey()! });
    expect([...first.keys(), ...rest.keys()]).toEqual(people.map(({ id }) => id));
  });

  it('with an emoji of the server keep their id', async () => {
    const mellow = guild.addsEmoji('mellow');
    const message = await post(client, general, 'react!');
    await message.react(`mellow:${mellow.id}`);
    await guild.member('ana').reacts(message, `<:mellow:${mellow.id}>`);
    expect(guild.member('ana').sees('general')[0]?.reactions).toMatchObject([
      { emoji: `<:mellow:${mellow.id}>`, count: 2 },
    ]);
  });

  it('with an emoji of another server need a permission', async () => {
    const foreign = discord.guild({ name: 'Band' }).addsEmoji('loud');
    const message = await post(client, general, 'react!');
    await message.react(foreign.id);
    guild.sets('general', 'everyone', 'deny', 'UseExternalEmojis');
    guild.sets('general', 'bot', 'deny', 'UseExternalEmojis');
    const other = await post(client, general, 'react!');
    await expect(other.react(foreign.id)).rejects.toMatchObject({ code: 50013 });
  });

  it('by the bot need ADD_REACTIONS only for the first of a kind', async () => {
    const message = await post(client, general, 'react!');
    await guild.member('ana').reacts(message, '😄');
    guild.sets('general', 'everyone', 'deny', 'AddReactions');
    guild.sets('general', 'bot', 'deny', 'AddReactions');
    await message.react('😄');
    await expect(message.react('😢')).rejects.toMatchObject({ code: 50013 });
    guild.sets('general', 'everyone', 'deny', 'ReadMessageHistory');
    guild.sets('general', 'bot', 'deny', 'ReadMessageHistory');
    await expect(message.react('😄')).rejects.toMatchObject({ code: 50001 });
  });

  it('of others are taken off by who may manage messages', async () => {
    const message = await post(client, general, 'react!');
    const ana = guild.member('ana');
    await ana.reacts(message, '😄');
    const user = `/channels/${general}/messages/${message.id}/reactions/${encodeURIComponent('😄')}/${ana.id}`;
    expect(await ask(discord, 'DELETE', user)).toMatchObject({ status: 403, body: { code: 50013 } });
    guild.permits('bot', ['ManageMessages']);
    const removed = new Promise((resolve) =>
      client.on(Events.MessageReactionRemove, (_r, { id }) => resolve(id)),
    );
    expect(await ask(discord, 'DELETE', user)).toMatchObject({ status: 204 });
    expect(await removed).toBe(ana.id);
  });

  it.each([
    ['text', 'smile', 10014],
    ['two emojis', '😄😢', 10014],
    ['a custom emoji that is none', 'x:1058897343287394304', 10014],
  ])('are refused for %s', async (_what, emoji, code) => {
    const message = await post(client, general, 'react!');
    const path = `/channels/${general}/messages/${message.id}/reactions/${encodeURIComponent(emoji)}/@me`;
    expect(await ask(discord, 'PUT', path)).toMatchObject({ status: 400, body: { code } });
  });

  it('are refused on a message that was deleted meanwhile', async () => {
    const message = await post(client, general, 'react!');
    await guild.moderator('mo').deletes(message);
    await expect(message.react('😄')).rejects.toMatchObject({ code: 10008 });
  });
});

describe('under Discord’s rate limits', () => {
  it('the client seeds without ever being refused, and in order', async () => {
    await client.destroy();
    await discord.close();
    await open({ speed: 10 });
    const message = await post(client, general, 'react!');
    const started = performance.now();
    await Promise.all(TWENTY.slice(0, 5).map((emoji) => message.react(emoji)));
    // A quarter of a second each, ten times as fast, after the first.
    expect(performance.now() - started).toBeGreaterThan(4 * 25);
    expect(
      guild
        .member('ana')
        .sees('general')[0]
        ?.reactions.map(({ emoji }) => emoji),
    ).toEqual(TWENTY.slice(0, 5));
    expect(discord.requests.filter(({ status }) => status === 429)).toEqual([]);
  });
});
