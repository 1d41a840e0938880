import { GatewayIntentBits } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import type { MessageRef } from '../../../src/domain/post.ts';
import { openBot, type TestBot } from './bot.ts';

let bot: TestBot;

async function open(...options: Parameters<typeof openBot>): Promise<MessageRef> {
  bot = await openBot(...options);
  return bot.post({ text: 'How does it feel?' });
}

afterEach(() => bot.close());

const told = () =>
  bot.heard.reactions.map(({ identity, emoji, present }) => `${present ? '+' : '-'}${emoji} ${identity}`);
const count = (number: number) =>
  bot.until(() => bot.heard.reactions.length >= number, `${number} reactions are told of`);

/** Waits until everything that came before is told of too. */
async function settled(ref: MessageRef): Promise<void> {
  const last = bot.choir.member('last');
  const flags = () => bot.heard.reactions.filter(({ emoji }) => emoji === '🏁');
  await last.reacts(ref.message, '🏁');
  await last.unreacts(ref.message, '🏁');
  await bot.until(() => flags().length === 2);
  for (const flag of flags()) bot.heard.reactions.splice(bot.heard.reactions.indexOf(flag), 1);
}

describe('a vote on Discord', () => {
  it('counts and is taken back, on a message that the bot has forgotten by people it never met', async () => {
    const ref = await open();
    const again = await bot.restart();
    const ana = bot.choir.member('ana');
    await ana.reacts(ref.message, '😄');
    await count(1);
    await ana.unreacts(ref.message, '😄');
    await count(2);
    expect(told()).toEqual([`+😄 discord:${ana.id}`, `-😄 discord:${ana.id}`]);
    expect(bot.heard.reactions[0]?.message).toEqual(ref);
    await again.stop();
  });

  it('costs no request', async () => {
    const ref = await open();
    const before = bot.discord.requests.length;
    for (let person = 0; person < 20; person++)
      await bot.choir.member(`p${person}`).reacts(ref.message, '😄');
    await count(20);
    expect(bot.discord.requests.length).toBe(before);
  });

  it('is not given by bots, nor under what others wrote', async () => {
    const ref = await open();
    await bot.choir.member('robot', { bot: true }).reacts(ref.message, '😄');
    const ana = bot.choir.member('ana');
    const chat = await ana.says('songs', 'hello');
    await ana.reacts(chat.id, '😄');
    await settled(ref);
    expect(told()).toEqual([]);
    expect(await bot.platform.reactions(ref)).toEqual([]);
  });

  it('may be an emoji of the server', async () => {
    const ref = await open();
    const zen = bot.choir.addsEmoji('zen');
    const calm = bot.choir.addsEmoji('calm', true);
    const ana = bot.choir.member('ana');
    await ana.reacts(ref.message, `<:zen:${zen.id}>`);
    await ana.reacts(ref.message, `<a:calm:${calm.id}>`);
    await count(2);
    expect(bot.heard.reactions.map(({ emoji }) => emoji)).toEqual([
      `<:zen:${zen.id}>`,
      `<a:calm:${calm.id}>`,
    ]);
    const standing = await bot.platform.reactions(ref);
    expect(standing?.map(({ emoji }) => emoji.replace(/^<a?/, ''))).toEqual([
      `:zen:${zen.id}>`,
      `:calm:${calm.id}>`,
    ]);
  });

  it('may be a super reaction', async () => {
    const ref = await open();
    const [ana, ben] = [bot.choir.member('ana'), bot.choir.member('ben')];
    await ana.reacts(ref.message, '😄');
    await ben.superReacts(ref.message, '😄');
    await settled(ref);
    expect(told()).toEqual([`+😄 discord:${ana.id}`, `+😄 discord:${ben.id}`]);
    expect((await bot.platform.reactions(ref))?.map(({ identity }) => identity)).toEqual([
      `discord:${ana.id}`,
      `discord:${ben.id}`,
    ]);
    await ben.unreacts(ref.message, '😄');
    await settled(ref);
    expect(told().at(-1)).toBe(`-😄 discord:${ben.id}`);
  });

  it('given normally and as a super reaction stands until both are taken back', async () => {
    const ref = await open();
    const { world } = bot.discord;
    const ana = bot.choir.member('ana');
    const event = (t: 'MESSAGE_REACTION_ADD' | 'MESSAGE_REACTION_REMOVE', burst: boolean) =>
      world.emit({
        t,
        d: {
          user_id: ana.id,
          message_id: ref.message,
          channel_id: ref.channel,
          guild_id: bot.choir.id,
          emoji: { id: null, name: '😄' },
          burst,
          type: burst ? 1 : 0,
        },
        intents: GatewayIntentBits.GuildMessageReactions,
        guild: bot.choir.data,
      });
    event('MESSAGE_REACTION_ADD', false);
    event('MESSAGE_REACTION_ADD', true);
    event('MESSAGE_REACTION_REMOVE', true);
    await settled(ref);
    expect(told().at(-1)).toBe(`+😄 discord:${ana.id}`);
    event('MESSAGE_REACTION_REMOVE', false);
    await settled(ref);
    expect(told().at(-1)).toBe(`-😄 discord:${ana.id}`);
  });

  it('is told with the emoji that a moderator took off, or with none for all', async () => {
    const ref = await open();
    const mo = bot.choir.moderator('mo');
    await mo.reacts(ref.message, '😄');
    await mo.reacts(ref.message, '😢');
    await mo.clearsReactions(ref.message, '😢');
    await mo.clearsReactions(ref.message);
    await bot.until(() => bot.heard.cleared.length === 2);
    expect(bot.heard.cleared.map(({ emoji }) => emoji)).toEqual(['😢', undefined]);
  });

  it('that arrives twice is told twice, and says the same', async () => {
    const ref = await open();
    bot.discord.gateway.repeatsNext('MESSAGE_REACTION_ADD');
    const ana = bot.choir.member('ana');
    await ana.reacts(ref.message, '😄');
    await count(2);
    expect(new Set(told())).toEqual(new Set([`+😄 discord:${ana.id}`]));
  });

  it('is not lost when the connection dies in the middle of 1,000', async () => {
    const ref = await open();
    for (let person = 0; person < 1000; person++) {
      if (person === 300) bot.discord.gateway.drop();
      if (person === 700) await bot.until(() => bot.discord.gateway.resumes > 0);
      await bot.choir.member(`p${person}`).reacts(ref.message, '😄');
    }
    await count(1000);
    expect(new Set(told()).size).toBe(1000);
    expect(bot.heard.missed).toEqual([]);
  });

  it('is said to be missed when the session could not be resumed, and stands when it is read back', async () => {
    const ref = await open();
    bot.discord.gateway.forbidsResume();
    bot.discord.gateway.drop();
    await bot.choir.member('ana').reacts(ref.message, '😄');
    await bot.until(() => bot.heard.missed.length === 1);
    expect(bot.heard.missed).toEqual([[bot.songs.communityId]]);
    expect(await bot.platform.reactions(ref)).toEqual([
      { identity: `discord:${bot.choir.member('ana').id}`, emoji: '😄' },
    ]);
  });

  it('is read back in pages when more than 100 gave it, those of bots left out', async () => {
    const ref = await open();
    const people = Array.from({ length: 250 }, (_, index) =>
      bot.choir.member(`p${index}`, { bot: index % 50 === 0 }),
    );
    for (const person of people) await person.reacts(ref.message, '😄');
    await bot.platform.seedReactions(ref, ['😄', '😢', '😌']);
    const before = bot.discord.requests.length;
    const standing = await bot.platform.reactions(ref);
    expect(standing?.length).toBe(245);
    expect(new Set(standing?.map(({ identity }) => identity)).size).toBe(245);
    // The message, and three pages of the one emoji that people gave.
    expect(bot.discord.requests.length - before).toBe(4);
  });

  it('cannot be read back from a message or a channel that is gone', async () => {
    const ref = await open();
    await bot.choir.moderator('mo').deletes(ref.message);
    expect(await bot.platform.reactions(ref)).toBeUndefined();
    const other = await bot.post({ text: 'another' });
    bot.choir.removesChannel('songs');
    expect(await bot.platform.reactions(other)).toBeUndefined();
    expect(await bot.platform.reactions({ ...other, message: 'nonsense' })).toBeUndefined();
  });

  it('cannot be read back without permission, which is named', async () => {
    const ref = await open();
    bot.choir.sets('songs', 'bot', 'deny', 'ReadMessageHistory');
    await bot.discord.until(() => true);
    await expect(bot.platform.reactions(ref)).rejects.toMatchObject({
      name: 'ChatError',
      code: 'forbidden',
      message: expect.stringContaining('“Read Message History”'),
    });
  });
});

describe('votes on several shards', () => {
  it('come from all of them, and only what a new session concerns is said to be missed', async () => {
    const ref = await open({
      server: { shards: 2 },
      before: (discord) => {
        for (let number = 0; number < 6; number++) discord.guild({ name: `Server ${number}` });
      },
    });
    const places = await bot.platform.places();
    expect(places.length).toBe(7);
    await bot.choir.member('ana').reacts(ref.message, '😄');
    await count(1);
    bot.discord.gateway.forbidsResume({ shard: 1 });
    bot.discord.gateway.drop({ shard: 1 });
    await bot.until(() => bot.heard.missed.length === 1);
    const onShard1 = places
      .map(({ communityId }) => communityId)
      .filter((id) => (BigInt(id.replace('discord:', '')) >> 22n) % 2n === 1n);
    expect(onShard1.length).toBeGreaterThan(0);
    expect(onShard1.length).toBeLessThan(7);
    expect(new Set(bot.heard.missed[0])).toEqual(new Set(onShard1));
    expect(bot.heard.joined).toEqual([]);
  });
});
