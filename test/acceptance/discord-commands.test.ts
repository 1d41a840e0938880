import { GatewayDispatchEvents } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { wordsOf } from '../chat/discord/bot.ts';
import type { Person } from '../support/discord/person.ts';
import type { SeenMessage } from '../support/discord/seen.ts';
import { CHANNEL, firstAnswer, type House, openHouse, people, postsSnippet } from './discord-house.ts';
import { eventually } from './stage.ts';

/** A message as somebody sees it now. */
const now = (person: Person, { id }: { id: string }) => person.sees(CHANNEL).find((one) => one.id === id);
const titles = (message: SeenMessage): string[] =>
  wordsOf(message).match(/(?<!Close to )\b[A-Z]\w+ song \d+/g) ?? [];
const greetingsIn = ({ guilds }: House, guild = 0, channel = CHANNEL) =>
  guilds[guild]
    .member('reader')
    .sees(channel)
    .filter((message) => wordsOf(message).includes('Hello, '));

describe('while Discord makes a route wait for 30 seconds', () => {
  it('a member has the answer to a command at once, and the bot stops without waiting', async () => {
    const { discord, guilds, starts } = await openHouse({ guilds: 2 });
    const app = await starts();
    await postsSnippet(guilds[1]);
    const mo = guilds[0].moderator('mo');
    await firstAnswer(mo.types(CHANNEL, 'settings', { channel: CHANNEL }));
    discord.faults.limitNext('PUT /channels/{channel_id}/messages/{message_id}/reactions', 30);
    const seeding = mo.types(CHANNEL, 'snippet');
    await discord.until(() => discord.requests.some(({ status }) => status === 429), 'the limit is met');
    const began = performance.now();
    const answer = guilds[0].member('ana').types(CHANNEL, 'playlist', { emotion: 'calm', songs: 5 });
    expect(titles(await answer.response())).toHaveLength(5);
    // The other server's snippet is not concerned either.
    await postsSnippet(guilds[1]);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(seeding.acknowledgedAfterMs).toBeLessThan(3_000);
    const stopping = performance.now();
    await app.stop();
    expect(performance.now() - stopping).toBeLessThan(8_000);
  });

  it('an answer that has to wait itself arrives all the same', async () => {
    const { discord, guilds, starts } = await openHouse();
    await starts();
    discord.faults.limitNext('PATCH /webhooks', 2);
    const answer = guilds[0].member('ana').types(CHANNEL, 'playlist', { emotion: 'calm', songs: 5 });
    expect(await answer.acknowledged()).toBeLessThan(3_000);
    expect(titles(await answer.response())).toHaveLength(5);
  });
});

describe('an interaction that arrives twice', () => {
  it('is answered once', async () => {
    const { discord, guilds, starts } = await openHouse();
    const app = await starts();
    const mo = guilds[0].moderator('mo');
    await firstAnswer(mo.types(CHANNEL, 'settings', { channel: CHANNEL }));
    discord.gateway.repeatsNext(GatewayDispatchEvents.InteractionCreate);
    await firstAnswer(mo.types(CHANNEL, 'snippet'));
    discord.gateway.repeatsNext(GatewayDispatchEvents.InteractionCreate);
    const list = mo.types(CHANNEL, 'playlist', { songs: 3 });
    await list.response();
    // Whatever the second one began comes before the answer to a third.
    await firstAnswer(mo.types(CHANNEL, 'status'));
    expect(list.followUps).toEqual([]);
    const [community] = await app.store.communities();
    expect(await app.store.recentPosts(community.id, 10)).toHaveLength(1);
    expect(discord.requests.filter(({ code }) => code === 40060)).toEqual([]);
  });
});

describe('a server', () => {
  it('is greeted once, in one channel, and the others are not', async () => {
    const house = await openHouse({ guilds: 2 });
    let app = await house.starts();
    const settled = (count: number) =>
      eventually(async () => (await app.store.communities()).length === count);
    await eventually(() => greetingsIn(house).length === 1 && greetingsIn(house, 1).length === 1);
    const late = house.discord.guild({ name: 'Late', channels: [CHANNEL, 'general'] });
    await settled(3);
    await eventually(() => late.member('x').sees(CHANNEL).length === 1);
    await app.stop();
    app = await house.starts();
    house.discord.gateway.forbidsResume();
    house.discord.gateway.drop();
    await house.discord.until(() => house.discord.gateway.connected.length === 1);
    await firstAnswer(late.member('x').types(CHANNEL, 'status'));
    for (const guild of [0, 1]) {
      expect(greetingsIn(house, guild)).toHaveLength(1);
      expect(greetingsIn(house, guild, 'general')).toEqual([]);
    }
    expect(late.member('y').sees(CHANNEL)).toHaveLength(1);
  });

  it('that the bot was removed from and comes back to keeps its settings and hears no second greeting', async () => {
    const house = await openHouse();
    const [guild] = house.guilds;
    const app = await house.starts();
    await eventually(() => greetingsIn(house).length === 1);
    const mo = guild.moderator('mo');
    await firstAnswer(mo.types(CHANNEL, 'settings', { 'snippets-per-day': 9, 'time-zone': 'Asia/Tokyo' }));
    const [{ id }] = await app.store.communities();
    house.discord.kicks(guild);
    await eventually(async () => (await app.store.community(id))?.leftAt !== undefined);
    house.discord.joins(guild);
    await eventually(async () => (await app.store.community(id))?.leftAt === undefined);
    const shown = wordsOf(await firstAnswer(mo.types(CHANNEL, 'settings')));
    expect(shown).toContain('Asia/Tokyo');
    expect(shown).toMatch(/Snippets per day: 9/);
    expect(greetingsIn(house)).toHaveLength(1);
  });
});

describe('a moderator by role', () => {
  it('may do what moderators may, for as long as the role lasts', async () => {
    const { discord, guilds, starts } = await openHouse();
    const [guild] = guilds;
    await starts();
    const dj = guild.role('DJ');
    const [ana, ben, mo] = [guild.member('ana'), guild.member('ben'), guild.moderator('mo')];
    guild.gives(ana, 'DJ');
    // As an administrator shows a command to others in Discord's own settings.
    const offered = discord.world.commands.get('')!;
    for (const [id, command] of offered) offered.set(id, { ...command, default_member_permissions: null });
    const refused = async () => wordsOf(await firstAnswer(ana.types(CHANNEL, 'settings')));
    expect(await refused()).toContain('for moderators');
    const saved = await firstAnswer(mo.types(CHANNEL, 'settings', { 'add-role': dj.id }));
    expect(wordsOf(saved)).toContain(`<@&${dj.id}>`);
    const changed = await firstAnswer(ana.types(CHANNEL, 'settings', { 'open-days': 3 }));
    expect(wordsOf(changed)).toContain('3 days');
    expect(wordsOf(await firstAnswer(ana.types(CHANNEL, 'help')))).toContain('/retrain');
    expect(wordsOf(await firstAnswer(ben.types(CHANNEL, 'help')))).not.toContain('/retrain');
    guild.takes(ana, 'DJ');
    expect(await refused()).toContain('for moderators');
  });
});

describe('an old playlist', () => {
  it('has buttons that all work after a restart, page turning too', async () => {
    const { guilds, starts } = await openHouse();
    let app = await starts();
    const ana = guilds[0].member('ana');
    await firstAnswer(ana.types(CHANNEL, 'taste', { add: 'Sad song 1' }));
    const list = await firstAnswer(ana.types(CHANNEL, 'playlist', { emotion: 'calm', songs: 25 }));
    expect(list.buttons.map(({ label }) => label)).toEqual([
      '◀',
      '▶',
      'Another one',
      'Keep',
      'Share',
      'As a file',
    ]);
    const first = titles(list);
    const intro = (message: SeenMessage) => wordsOf(message).split('\n')[1];
    await app.stop();
    app = await starts();
    await ana.clicks(list, '▶').acknowledged();
    const second = await eventually(() => {
      const shown = now(ana, list);
      return shown && wordsOf(shown).includes('Page 2 of 3') && titles(shown);
    });
    expect(second.filter((title) => first.includes(title))).toEqual([]);
    // Whether neighbours were taken in is told once.
    expect(intro(list)).toContain(intro(now(ana, list)!));
    await ana.clicks(list, '▶').acknowledged();
    await eventually(() => wordsOf(now(ana, list)!).includes('Page 3 of 3'));
    await ana.clicks(list, '◀').acknowledged();
    await eventually(() => JSON.stringify(titles(now(ana, list)!)) === JSON.stringify(second));
    expect(wordsOf(await firstAnswer(ana.clicks(list, 'Keep')))).toContain('Kept');
    const files = await firstAnswer(ana.clicks(list, 'As a file'));
    expect(files.attachments.length).toBeGreaterThan(0);
    const shared = await firstAnswer(ana.clicks(list, 'Share'));
    expect(shared.ephemeral).toBe(false);
    const another = await firstAnswer(ana.clicks(list, 'Another one'));
    expect(wordsOf(another)).toContain('Page 1 of 3');
    // Under the list that was shared, for somebody else.
    await app.stop();
    app = await starts();
    const ben = guilds[0].member('ben');
    await ben.clicks(shared, '▶').acknowledged();
    await eventually(() => wordsOf(now(ben, shared)!).includes('Page 2 of 3'));
    expect(titles(now(ben, shared)!)).toEqual(second);
    const own = await firstAnswer(ben.clicks(shared, 'One like it for me'));
    expect(own.ephemeral).toBe(true);
    expect(wordsOf(own)).toContain('Page 1 of 3');
  });
});

describe('/retrain', () => {
  it('comes to its end, and says so, when its progress is dismissed meanwhile', async () => {
    const { discord, guilds, starts } = await openHouse();
    const app = await starts();
    const { id } = await postsSnippet(guilds[0], { song: 'Calm song 3' });
    for (const person of people(guilds[0], 6)) await person.reacts(id, '😌');
    const mo = guilds[0].moderator('mo');
    const asked = mo.types(CHANNEL, 'retrain');
    const progress = await firstAnswer(asked);
    await mo.deletes(progress);
    const told = await eventually(() =>
      mo.sees(CHANNEL).find((message) => /Done|did not work out/.test(wordsOf(message))),
    );
    expect(told.id).not.toBe(progress.id);
    expect(told.ephemeral).toBe(true);
    expect(app.training.current()).toBeUndefined();
    expect(discord.requests.filter(({ status }) => status === 429)).toEqual([]);
  });
});

describe('a channel that the bot may not write in', () => {
  it('is told to whoever posts a snippet, with the permission that is missing', async () => {
    const { guilds, starts } = await openHouse();
    const [guild] = guilds;
    await starts();
    guild.addsChannel({ name: 'quiet', deny: { bot: ['SendMessages'] } });
    const mo = guild.moderator('mo');
    await firstAnswer(mo.types(CHANNEL, 'settings', { channel: guild.channel('quiet').id }));
    const told = await firstAnswer(mo.types(CHANNEL, 'snippet'));
    expect(told.ephemeral).toBe(true);
    expect(wordsOf(told)).toContain('“Send Messages”');
    expect(wordsOf(told)).toContain('#quiet');
    // Others cannot help it, and need no names of permissions.
    const member = await firstAnswer(guild.member('ana').types(CHANNEL, 'snippet'));
    expect(wordsOf(member)).not.toContain('“Send Messages”');
    expect(wordsOf(member)).toContain('moderator');
  });
});
