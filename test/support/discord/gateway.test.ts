import { once } from 'node:events';
import { type Client, Events, GatewayDispatchEvents, GatewayIntentBits, GatewayOpcodes } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { AT_ONCE, createBot, login, post } from './bot.ts';
import { type Discord, type DiscordOptions, openDiscord } from './discord.ts';
import type { GuildHandle } from './guild-handle.ts';

let discord: Discord;
let guild: GuildHandle;
let clients: Client[] = [];
/** `emoji user +/-`, as the bot heard them. */
let heard: string[] = [];

async function open(options: DiscordOptions = {}): Promise<void> {
  discord = await openDiscord(options);
  guild = discord.guild({ name: 'Choir' });
}

async function bot(options: Parameters<typeof createBot>[1] = {}): Promise<Client<true>> {
  const client = createBot(discord, options);
  clients.push(client);
  client.on(Events.MessageReactionAdd, ({ emoji }, user) => {
    heard.push(`${emoji.name} ${user.id} +`);
  });
  client.on(Events.MessageReactionRemove, ({ emoji }, user) => {
    heard.push(`${emoji.name} ${user.id} -`);
  });
  return login(client, discord);
}

/** The bot's handlers run after the server's, so a wait looks again on every turn of the event loop. */
async function hears(count: number): Promise<string[]> {
  while (heard.length < count) await new Promise((resolve) => setImmediate(resolve));
  return heard;
}

afterEach(async () => {
  for (const client of clients) await client.destroy();
  clients = [];
  heard = [];
  await discord.close();
});

describe('the gateway delivers', () => {
  it('guilds with their channels and roles when the bot logs in', async () => {
    await open();
    const client = await bot();
    const cached = client.guilds.cache.get(guild.id);
    expect(cached?.name).toBe('Choir');
    expect(cached?.channels.cache.map(({ name }) => name)).toEqual(['general']);
    expect(cached?.members.me?.permissions.has('AddReactions')).toBe(true);
  });

  it('reactions on messages the bot has cached and on those it has not', async () => {
    await open();
    const before = await guild.member('ana').says('general', 'written before the bot was there');
    const client = await bot();
    const after = await post(client, guild.channel('general').id, 'hello');
    const ana = guild.member('ana');
    for (const message of [before, after]) {
      await ana.reacts(message, '😄');
      await ana.unreacts(message, '😄');
    }
    expect(await hears(4)).toEqual([`😄 ${ana.id} +`, `😄 ${ana.id} -`, `😄 ${ana.id} +`, `😄 ${ana.id} -`]);
  });

  it('super reactions as such', async () => {
    await open();
    const client = await bot();
    const message = await post(client, guild.channel('general').id, 'hello');
    const burst = new Promise((resolve) =>
      client.on(Events.MessageReactionAdd, (_reaction, _user, { burst }) => resolve(burst)),
    );
    const ana = guild.member('ana');
    await ana.superReacts(message, '🥰');
    expect(await burst).toBe(true);
    expect([...(await message.reactions.cache.get('🥰')!.users.fetch({ type: 0 })).keys()]).toEqual([]);
    expect([...(await message.reactions.cache.get('🥰')!.users.fetch({ type: 1 })).keys()]).toEqual([ana.id]);
  });

  it('removals of all reactions, of an emoji, of messages, one by one and in bulk', async () => {
    await open();
    const client = await bot({
      intents: [
        GatewayIntentBits.Guilds,
        GatewayIntentBits.GuildMessages,
        GatewayIntentBits.GuildMessageReactions,
      ],
    });
    const mo = guild.moderator('mo');
    const channel = guild.channel('general').id;
    const messages = [
      await post(client, channel, '1'),
      await post(client, channel, '2'),
      await post(client, channel, '3'),
    ];
    const [first, second, third] = messages as [
      (typeof messages)[0],
      (typeof messages)[0],
      (typeof messages)[0],
    ];
    const events: string[] = [];
    client.on(Events.MessageReactionRemoveAll, ({ id }) => events.push(`all of ${id}`));
    client.on(Events.MessageReactionRemoveEmoji, ({ emoji }) => events.push(`emoji ${emoji.name}`));
    client.on(Events.MessageDelete, ({ id }) => events.push(`deleted ${id}`));
    const bulk = once(client, Events.MessageBulkDelete);
    await mo.reacts(first, '😄');
    await mo.reacts(first, '😢');
    await mo.clearsReactions(first, '😄');
    await mo.clearsReactions(first);
    await mo.deletes(first);
    await mo.deletesAll([second, third]);
    await bulk;
    expect(events).toEqual(['emoji 😄', `all of ${first.id}`, `deleted ${first.id}`]);
  });

  it('joining, leaving and outages of guilds, told apart', async () => {
    await open();
    const client = await bot();
    const events: string[] = [];
    client.on(Events.GuildCreate, ({ name }) => events.push(`joined ${name}`));
    client.on(Events.GuildDelete, ({ name }) => events.push(`left ${name}`));
    client.on(Events.GuildUnavailable, ({ name }) => events.push(`outage of ${name}`));
    const other = discord.guild({ name: 'Band', joined: false });
    discord.joins(other);
    const outage = discord.outage(guild);
    outage.over();
    discord.kicks(other);
    while (!events.includes('left Band')) await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual(['joined Band', 'outage of Choir', 'left Band']);
    expect(client.guilds.cache.get(guild.id)?.available).toBe(true);
  });

  it('changes of channels, roles, members and emojis', async () => {
    await open();
    const client = await bot();
    const cached = client.guilds.cache.get(guild.id)!;
    guild.addsChannel('music');
    const mellow = guild.addsEmoji('mellow');
    guild.addsEmoji('loud');
    guild.removesEmoji(mellow);
    guild.sets('general', 'bot', 'deny', 'AddReactions');
    guild.role('DJ');
    guild.renames('Orchestra');
    const done = once(client, Events.GuildUpdate);
    await done;
    expect(cached.channels.cache.map(({ name }) => name)).toEqual(['general', 'music']);
    expect(cached.emojis.cache.map(({ name }) => name)).toEqual(['loud']);
    expect(cached.roles.cache.some(({ name }) => name === 'DJ')).toBe(true);
    const me = cached.members.me!;
    expect(
      cached.channels.cache
        .find(({ name }) => name === 'general')
        ?.permissionsFor(me)
        .has('AddReactions'),
    ).toBe(false);
  });

  it('nothing from channels that the bot cannot see, nothing it has no intent for', async () => {
    await open();
    guild.addsChannel({ name: 'staff', deny: { bot: ['ViewChannel'] } });
    const client = await bot({ intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages] });
    const created: string[] = [];
    client.on(Events.MessageCreate, ({ channelId, content }) => created.push(`${channelId} ${content}`));
    const ana = guild.member('ana');
    await ana.says('staff', 'secret');
    const open_ = await ana.says('general', 'hello');
    await ana.reacts(open_, '😄');
    while (created.length < 1) await new Promise((resolve) => setImmediate(resolve));
    // Without MESSAGE_CONTENT other people's words are withheld.
    expect(created).toEqual([`${guild.channel('general').id} `]);
    expect(heard).toEqual([]);
  });

  it('events to the shard whose guild it is', async () => {
    await open({ shards: 2 });
    const other = discord.guild({ name: 'Band' });
    const client = await bot({ shards: 'auto' });
    expect(discord.gateway.connected.map(({ shard }) => shard).sort()).toEqual([0, 1]);
    const shards = [guild, other].map(({ id }) => client.guilds.cache.get(id)?.shardId);
    expect([...shards].sort()).toEqual([0, 1]);
    discord.gateway.drop({ shard: shards[1] ?? 0 });
    const ana = guild.member('ana');
    const message = await ana.says('general', 'hello');
    await ana.reacts(message, '😄');
    expect(await hears(1)).toEqual([`😄 ${ana.id} +`]);
  });
});

describe('a connection that', () => {
  it('dies in the middle of many reactions loses none of them', async () => {
    await open();
    await bot();
    const message = await guild.member('ana').says('general', 'hello');
    const people = Array.from({ length: 300 }, (_, index) => guild.member(`member ${index}`));
    for (const [index, person] of people.entries()) {
      await person.reacts(message, '😄');
      if (index % 100 === 50) {
        discord.gateway.drop();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    expect(new Set(await hears(300))).toEqual(new Set(people.map(({ id }) => `😄 ${id} +`)));
    expect(discord.gateway.resumes).toBeGreaterThan(0);
    expect(discord.gateway.identifies).toBe(1);
  });

  it.each([4000, 4009, 1006])('is closed with %i resumes', async (code) => {
    await open();
    await bot();
    const message = await guild.member('ana').says('general', 'hello');
    discord.gateway.drop(code === 1006 ? {} : { code });
    await guild.member('ana').reacts(message, '😄');
    expect(await hears(1)).toHaveLength(1);
    expect(discord.gateway).toMatchObject({ identifies: 1, resumes: 1 });
  });

  it('may not be resumed is begun anew, and what happened meanwhile is lost', async () => {
    await open();
    const client = await bot(AT_ONCE);
    const message = await guild.member('ana').says('general', 'hello');
    discord.gateway.forbidsResume();
    discord.gateway.drop();
    await guild.member('ana').reacts(message, '😄');
    await once(client, Events.ShardReady);
    await guild.member('ben').reacts(message, '😄');
    expect(await hears(1)).toEqual([`😄 ${guild.member('ben').id} +`]);
    expect(discord.gateway).toMatchObject({ identifies: 2, resumes: 1 });
  });

  it('is declared invalid is resumed or begun anew, as the gateway says', async () => {
    await open();
    const client = await bot(AT_ONCE);
    discord.gateway.invalidates({ resumable: true });
    await once(client, Events.ShardResume);
    expect(discord.gateway).toMatchObject({ identifies: 1, resumes: 1 });
    discord.gateway.invalidates({ resumable: false });
    await once(client, Events.ShardReady);
    expect(discord.gateway).toMatchObject({ identifies: 2, resumes: 1 });
  });

  it('is asked to reconnect resumes', async () => {
    await open();
    const client = await bot();
    discord.gateway.asksToReconnect();
    await once(client, Events.ShardResume);
  });

  it('is never acknowledged is noticed and replaced', async () => {
    await open({ heartbeatIntervalMs: 30 });
    await bot();
    const message = await guild.member('ana').says('general', 'hello');
    discord.gateway.acknowledgesHeartbeats = false;
    await discord.until(() => discord.gateway.resumes > 0, 'the zombie is noticed');
    discord.gateway.acknowledgesHeartbeats = true;
    await guild.member('ana').reacts(message, '😄');
    expect(await hears(1)).toHaveLength(1);
  });

  it('delivers twice or late when a test wants it', async () => {
    await open();
    await bot();
    const message = await guild.member('ana').says('general', 'hello');
    discord.gateway.repeatsNext(GatewayDispatchEvents.MessageReactionAdd);
    await guild.member('ana').reacts(message, '😄');
    await hears(2);
    const held = discord.gateway.holds(GatewayDispatchEvents.MessageReactionAdd);
    await guild.member('ben').reacts(message, '😄');
    await guild.member('ana').unreacts(message, '😄');
    await hears(3);
    held.release();
    const [ana, ben] = [guild.member('ana').id, guild.member('ben').id];
    expect(await hears(4)).toEqual([`😄 ${ana} +`, `😄 ${ana} +`, `😄 ${ana} -`, `😄 ${ben} +`]);
  });
});

describe('the gateway closes on', () => {
  const identity = { intents: 1, properties: { os: 'linux', browser: 'test', device: 'test' } };

  it.each([
    ['a wrong token', 4004, { ...identity, token: 'wrong' }],
    ['intents that do not exist', 4013, { ...identity, intents: 1 << 30 }],
    [
      'privileged intents that are not switched on',
      4014,
      { ...identity, intents: GatewayIntentBits.MessageContent },
    ],
    ['a shard out of range', 4010, { ...identity, shard: [2, 2] }],
    ['one shard where sharding is required', 4011, { ...identity, shard: [0, 1] }],
    ['an identify that is none', 4002, { intents: 'all' }],
  ])('%s: %i', async (_what, code, d) => {
    await open({ shardingFrom: 1 });
    const socket = new WebSocket(
      `${discord.api.replace('http', 'ws').replace('/api', '')}/?v=10&encoding=json`,
    );
    await once(socket, 'message');
    socket.send(JSON.stringify({ op: GatewayOpcodes.Identify, d: { token: discord.token, ...d } }));
    expect((await once(socket, 'close'))[0]).toBe(code);
  });

  it('anything before identify, and on what is no JSON', async () => {
    await open();
    for (const [text, code] of [
      ['{"op":8,"d":{}}', 4003],
      ['hello', 4002],
    ] as const) {
      const socket = new WebSocket(
        `${discord.api.replace('http', 'ws').replace('/api', '')}/?v=10&encoding=json`,
      );
      await once(socket, 'message');
      socket.send(text);
      expect((await once(socket, 'close'))[0]).toBe(code);
    }
  });
});
