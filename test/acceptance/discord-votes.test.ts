import { GatewayDispatchEvents } from 'discord.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { taxonomy } from '../playlists/planted-model.ts';
import type { Person } from '../support/discord/person.ts';
import {
  CHANNEL,
  expectEqual,
  firstAnswer,
  openHouse,
  people,
  postsSnippet,
  untilEqual,
} from './discord-house.ts';

const EMOJIS = taxonomy.invitation;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Reactions of everybody, one after the other, the `n`th person with the `n`th emoji and so on. */
function* reactions(of: readonly Person[], messages: readonly string[], count: number) {
  for (let n = 0; n < count; n++) {
    const round = Math.floor(n / (of.length * messages.length));
    const person = of[Math.floor(n / messages.length) % of.length];
    yield { person, message: messages[n % messages.length], emoji: EMOJIS[(n + round) % EMOJIS.length] };
  }
}

const breathe = () => new Promise((resolve) => setImmediate(resolve));

describe('votes on Discord', () => {
  it('are those that stand, where ten servers label at once', async () => {
    const { discord, guilds, starts } = await openHouse({ guilds: 10 });
    const { store } = await starts();
    const messages = await Promise.all(guilds.map((guild) => postsSnippet(guild)));
    await Promise.all(
      guilds.map(async (guild, g) => {
        const here = people(guild, 20 + g);
        for (const { person, message, emoji } of reactions(here, [messages[g].id], 60)) {
          await person.reacts(message, emoji);
          await breathe();
        }
        // Every third thinks better of it.
        for (const { person, message, emoji } of [...reactions(here, [messages[g].id], 60)].slice(g, 45)) {
          if ((Number(person.name.slice(8)) + g) % 3 === 0) await person.unreacts(message, emoji);
        }
      }),
    );
    await untilEqual(store, discord);
    await expectEqual(store, discord);
    expect((await store.totals()).voters).toBe(29);
  });

  it.each([
    ['is resumed', (discord: { gateway: { forbidsResume(): void } }) => void discord],
    ['begins anew', (discord: { gateway: { forbidsResume(): void } }) => discord.gateway.forbidsResume()],
  ])('are all there when the connection dies in the middle of 1,000 of them and %s', async (_, breaks) => {
    const { discord, guilds, starts } = await openHouse({ guilds: 2 });
    const { store } = await starts();
    const messages = await Promise.all(guilds.map((guild) => postsSnippet(guild)));
    const crowd = guilds.map((guild) => people(guild, 100));
    let n = 0;
    for (const g of [0, 1]) {
      for (const { person, message, emoji } of reactions(crowd[g], [messages[g].id], 500)) {
        await person.reacts(message, emoji);
        if (n % 7 === 3) await person.unreacts(message, emoji);
        n++;
        if (n === 300 || n === 700) {
          breaks(discord);
          discord.gateway.drop();
        }
        if (n % 20 === 0) await breathe();
      }
    }
    expect(n).toBe(1000);
    await untilEqual(store, discord);
    await expectEqual(store, discord);
    expect(discord.gateway.resumes).toBeGreaterThan(0);
  });

  it('are all there when the gateway acknowledges no heartbeat any more', async () => {
    const { discord, guilds, starts } = await openHouse({ heartbeatIntervalMs: 300 });
    const { store } = await starts();
    const { id } = await postsSnippet(guilds[0]);
    discord.gateway.acknowledgesHeartbeats = false;
    for (const { person, message, emoji } of reactions(people(guilds[0], 20), [id], 100)) {
      await person.reacts(message, emoji);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await discord.until(() => discord.gateway.resumes > 0, 'the zombie is noticed');
    await people(guilds[0], 1)[0].reacts(id, '❤️');
    discord.gateway.acknowledgesHeartbeats = true;
    await untilEqual(store, discord);
    await expectEqual(store, discord);
  });

  it('count once where events arrive twice', async () => {
    const { discord, guilds, starts } = await openHouse();
    const { store } = await starts();
    const { id } = await postsSnippet(guilds[0]);
    const [ana, ben] = people(guilds[0], 2);
    discord.gateway.repeatsNext(GatewayDispatchEvents.MessageReactionAdd, 2);
    discord.gateway.repeatsNext(GatewayDispatchEvents.MessageReactionRemove, 1);
    await ana.reacts(id, '😌');
    await ben.reacts(id, '😌');
    await ben.unreacts(id, '😌');
    await ana.reacts(id, '😢');
    await untilEqual(store, discord);
    await expectEqual(store, discord);
  });

  it('follow what people do whatever the clock of this machine does', async () => {
    const real = Date.now.bind(Date);
    let offset = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => real() + offset);
    const { discord, guilds, starts } = await openHouse({ now: real });
    let app = await starts();
    const { id } = await postsSnippet(guilds[0]);
    const [ana, ben, cleo] = people(guilds[0], 3);
    await ana.reacts(id, '😌');
    await ben.reacts(id, '😢');
    await untilEqual(app.store, discord);
    for (const hours of [1, -1]) {
      offset = hours * 3_600_000;
      await ben.unreacts(id, '😢');
      await cleo.reacts(id, '❤️');
      await untilEqual(app.store, discord);
      const told = await firstAnswer(ana.types(CHANNEL, 'status'));
      expect(told.ephemeral).toBe(true);
      await ben.reacts(id, '😢');
      await cleo.unreacts(id, '❤️');
      await untilEqual(app.store, discord);
    }
    // Read back by a clock that is an hour behind what was written.
    await app.stop();
    await ben.unreacts(id, '😢');
    await cleo.reacts(id, '🥰');
    offset = -2 * 3_600_000;
    app = await starts();
    await untilEqual(app.store, discord);
    await expectEqual(app.store, discord);
  });

  it('of a custom emoji count for its emotion, live and when read back', async () => {
    const { discord, guilds, starts } = await openHouse();
    const [guild] = guilds;
    const zen = guild.addsEmoji('zen');
    const text = `<:zen:${zen.id}>`;
    let app = await starts();
    const mo = guild.moderator('mo');
    await firstAnswer(mo.types(CHANNEL, 'settings', { emotion: 'calm', emoji: text }));
    const { id, reactions: seeds } = await postsSnippet(guild, { song: 'Calm song 3' });
    expect(seeds.map(({ emoji }) => emoji)).toContain(text);
    const [ana, ben, cleo] = people(guild, 3);
    await ana.reacts(id, text);
    await ben.reacts(id, text);
    await eventuallyCalm(app, 2);
    await app.stop();
    await ben.unreacts(id, text);
    await cleo.reacts(id, text);
    await ana.reacts(id, '😄');
    app = await starts();
    await vi.waitFor(async () => {
      expect(await app.store.voteCounts('calm-3')).toEqual({ calm: 2, happy: 1 });
    });
    expect(discord.violations).toEqual([]);
  });

  it('of whoever had them deleted are not read back', async () => {
    const { discord, guilds, starts } = await openHouse();
    let app = await starts();
    const { id } = await postsSnippet(guilds[0], { song: 'Calm song 3' });
    const [ana, ben, cleo] = people(guilds[0], 3);
    await ana.reacts(id, '😌');
    await ben.reacts(id, '😌');
    await eventuallyCalm(app, 2);
    const asked = await firstAnswer(ana.types(CHANNEL, 'my-data', { do: 'delete' }));
    const told = await firstAnswer(ana.clicks(asked, 'Yes, forget me'));
    expect(told.ephemeral).toBe(true);
    await eventuallyCalm(app, 1);
    await app.stop();
    await cleo.reacts(id, '😌');
    app = await starts();
    await eventuallyCalm(app, 2);
    expect(await app.store.findMember(`discord:${ana.id}`)).toBeUndefined();
    // A new session, a new reading.
    discord.gateway.forbidsResume();
    discord.gateway.drop();
    await discord.until(() => discord.gateway.connected.length === 0);
    await ben.unreacts(id, '😌');
    await eventuallyCalm(app, 1);
    expect(await app.store.findMember(`discord:${ana.id}`)).toBeUndefined();
  });
});

async function eventuallyCalm(
  { store }: { store: { voteCounts(song: string): Promise<object> } },
  count: number,
): Promise<void> {
  await vi.waitFor(async () => expect(await store.voteCounts('calm-3')).toEqual({ calm: count }), {
    timeout: 60_000,
    interval: 10,
  });
}
