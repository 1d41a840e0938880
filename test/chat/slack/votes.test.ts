import { describe, expect, it, onTestFinished } from 'vitest';
import { openBot, seen } from './bot.ts';

async function withPost(options: Parameters<typeof openBot>[0] = {}) {
  const bot = await openBot(options);
  onTestFinished(() => bot.close());
  const ref = await bot.post({ text: 'react!' });
  const message = seen(bot.slack, ref);
  return { ...bot, bot, ref, message, ana: bot.choir.member('ana') };
}

const counted = (heard: { reactions: readonly unknown[] }, count: number) => () =>
  heard.reactions.length >= count;

describe('a reaction on Slack', () => {
  it('that is delivered three times means what it means once', async () => {
    const { slack, heard, ana, message, until, ref } = await withPost();
    ana.reacts(message, 'smile');
    await slack.deliveries.settled();
    const delivery = slack.latest('reaction_added');
    for (let i = 0; i < 3; i++) slack.deliveries.redeliver(delivery);
    await slack.deliveries.settled();
    await until(counted(heard, 4));
    const distinct = new Set(heard.reactions.map((event) => JSON.stringify(event)));
    expect([...distinct].map((text) => JSON.parse(text))).toEqual([
      expect.objectContaining({ message: ref, emoji: '😄', present: true }),
    ]);
  });

  it('that comes late undoes nothing newer', async () => {
    const { slack, heard, ana, message, until } = await withPost();
    ana.reacts(message, 'smile');
    await slack.deliveries.settled();
    const added = slack.latest('reaction_added');
    ana.unreacts(message, 'smile');
    await slack.deliveries.settled();
    await until(counted(heard, 2));
    slack.deliveries.redeliver(added);
    await slack.deliveries.settled();
    ana.reacts(message, 'cry');
    await until(() => heard.reactions.some(({ emoji }) => emoji === '😢'));
    expect(heard.reactions.map(({ emoji, present }) => [emoji, present])).toEqual([
      ['😄', true],
      ['😄', false],
      ['😢', true],
    ]);
  });

  it('loses its skin tone, and keeps the name of an emoji that only this workspace has', async () => {
    const { heard, ana, choir, message, until } = await withPost();
    choir.addsEmoji('zen');
    ana.reacts(message, 'thumbsup::skin-tone-2');
    ana.reacts(message, 'zen');
    await until(counted(heard, 2));
    expect(heard.reactions.map(({ emoji }) => emoji)).toEqual([':+1:', ':zen:']);
  });

  it('of a bot, of a closed account or under somebody else’s message is none', async () => {
    const { slack, choir, heard, ana, message, until, platform, ref } = await withPost();
    const robot = choir.otherBot('robot');
    robot.reacts(message, 'smile');
    const ben = choir.member('ben');
    ben.reacts(message, 'cry');
    await until(counted(heard, 1));
    choir.deactivates(ben);
    ana.reacts(ana.says(choir.channel('songs'), 'mine'), 'smile');
    ana.reacts(message, 'smile');
    await until(() => heard.reactions.some(({ identity }) => identity.endsWith(ana.id)));
    await slack.deliveries.settled();
    expect(heard.reactions.map(({ identity, emoji }) => [identity, emoji])).toEqual([
      [`slack:${choir.id}:${ben.id}`, '😢'],
      [`slack:${choir.id}:${ana.id}`, '😄'],
    ]);
    expect(await platform.reactions(ref)).toEqual([{ identity: `slack:${choir.id}:${ana.id}`, emoji: '😄' }]);
  });

  it('of a guest of another organisation counts as theirs, and they hear of it once', async () => {
    const { slack, choir, heard, message, until, songs, platform, ref } = await withPost();
    const other = slack.workspace({ name: 'Orchestra', installed: false, channels: ['hall'] });
    const zoe = other.member('zoe');
    const channel = choir.channel('songs');
    choir.shares(channel, other, [zoe]);
    zoe.reacts(message, 'smile');
    zoe.reacts(message, 'cry');
    await until(counted(heard, 2));
    expect(heard.reactions).toEqual([
      expect.objectContaining({ identity: `slack:${other.id}:${zoe.id}`, message: ref }),
      expect.objectContaining({ identity: `slack:${other.id}:${zoe.id}`, message: ref }),
    ]);
    expect(ref.communityId).toBe(songs.communityId);
    const told = await zoe.sight(channel, (sight) => sight.private);
    expect(told.text).toContain('guest of “Choir”');
    await slack.deliveries.settled();
    expect(zoe.sees(channel).filter((sight) => sight.private)).toHaveLength(1);
    const standing = await platform.reactions(ref);
    expect(standing?.map(({ identity }) => identity)).toEqual(Array(2).fill(`slack:${other.id}:${zoe.id}`));
  });

  it('in a channel that two workspaces with the bot share belongs to the one that posted', async () => {
    const bot = await openBot({ transport: 'http' });
    onTestFinished(() => bot.close());
    const { slack, choir, platform, heard, until } = bot;
    const other = slack.workspace({ name: 'Orchestra', installed: false, channels: ['hall'] });
    await other.member('olga').installsFrom(`${bot.url}/slack/install`);
    const hall = other.channel('hall');
    const ref = await platform.post(
      { communityId: `slack:${other.id}`, channel: hall.id },
      { text: 'react!' },
    );
    choir.shares(choir.channel('songs'), other);
    const ana = choir.member('ana');
    const shared = await bot.post({ text: 'shared' });
    ana.reacts(seen(slack, shared), 'smile');
    other.member('olga').reacts(seen(slack, ref), 'cry');
    await until(counted(heard, 2));
    expect(heard.reactions.map(({ message }) => message)).toEqual(expect.arrayContaining([shared, ref]));
  });

  it('is not lost when the socket is replaced in the middle of a burst', async () => {
    const { slack, choir, heard, message, until, songs } = await withPost();
    const people = Array.from({ length: 40 }, (_, i) => choir.member(`p${i}`));
    for (const [i, person] of people.entries()) {
      if (i === 15) slack.sockets.connections[0]?.disconnects('refresh_requested');
      person.reacts(message, 'smile');
      if (i % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => slack.sockets.opened >= 2 && heard.missed.length > 0, 'another socket');
    expect(heard.missed[0]).toEqual([songs.communityId]);
    await slack.deliveries.settled();
    slack.advance(60_000);
    await slack.deliveries.settled();
    await until(() => new Set(heard.reactions.map(({ identity }) => identity)).size === people.length);
  });

  it('is read back when the socket was gone for a while', async () => {
    const { slack, heard, until, songs, ana, message, platform, ref } = await withPost();
    slack.sockets.connections[0]?.drops();
    ana.reacts(message, 'smile');
    await until(() => heard.missed.length > 0, 'the bot to be back');
    expect(heard.missed).toEqual([[songs.communityId]]);
    expect(await platform.reactions(ref)).toMatchObject([{ emoji: '😄' }]);
  });

  it('of many people nobody has seen yet asks Slack for the list of them, not for each', async () => {
    const { slack, choir, heard, message, until } = await withPost();
    const people = Array.from({ length: 300 }, (_, i) => choir.member(`p${i}`));
    for (const person of people) person.reacts(message, 'smile');
    await until(counted(heard, people.length));
    const { 'users.list': lists = 0, 'users.info': single = 0 } = slack.counts();
    expect([lists, single <= 5]).toEqual([1, true]);
    expect(new Set(heard.reactions.map(({ identity }) => identity)).size).toBe(people.length);
  });

  it.each(['sockets', 'http'] as const)(
    'is read back when Slack held it back, over %s',
    async (transport) => {
      const { slack, choir, heard, until, songs, ana, message, platform, ref, logged } = await withPost({
        transport,
        bot: { floodOverMs: 300 },
      });
      slack.holdsBack(choir);
      ana.reacts(message, 'smile');
      slack.holdsBack(choir);
      await slack.deliveries.settled();
      expect(slack.latest('app_rate_limited').attempts).toHaveLength(1);
      slack.letsThrough(choir);
      await until(() => heard.missed.length > 0, 'the votes to be read back');
      expect(heard.missed).toEqual([[songs.communityId]]);
      expect(heard.reactions).toEqual([]);
      expect(await platform.reactions(ref)).toMatchObject([{ emoji: '😄' }]);
      // 40 is a warning.
      const warnings = logged.filter(({ level, msg }) => level === 40 && /30,000 events/.test(String(msg)));
      expect(warnings).toHaveLength(1);
    },
  );

  it('does not wait for long until Slack says who gave it', async () => {
    const { slack, choir, heard, ana, message, until } = await withPost({ bot: { votePatienceMs: 50 } });
    slack.limitNext('users.info', 60);
    ana.reacts(message, 'smile');
    await until(counted(heard, 1));
    expect(heard.reactions[0]).toMatchObject({ identity: `slack:${choir.id}:${ana.id}`, present: true });
  });

  it('that Slack names not everybody of leaves what is known as it is', async () => {
    const { slack, choir, message, platform, ref } = await withPost();
    for (const name of ['ana', 'ben', 'cleo']) choir.member(name).reacts(message, 'smile');
    await slack.deliveries.settled();
    slack.world.mostUsersListed = 2;
    const unread = platform.reactions(ref);
    await expect(unread).rejects.toMatchObject({ name: 'ChatError', code: 'limited' });
    await expect(unread).rejects.toThrow('Slack names only 2 of 3 people who reacted');
    slack.world.mostUsersListed = 3;
    expect(await platform.reactions(ref)).toHaveLength(3);
  });

  it('says that a message was deleted', async () => {
    const { choir, heard, message, until, ref } = await withPost();
    choir.admin('ada').deletes(message);
    await until(() => heard.removed.length === 1);
    expect(heard.removed).toEqual([ref]);
  });
});
