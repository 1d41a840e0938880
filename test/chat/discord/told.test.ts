import { describe, expect, it, onTestFinished } from 'vitest';
import type { Message } from '../../../src/chat/message.ts';
import { openBot, wordsOf } from './bot.ts';

const SECRET = 'https://example.org/link/one-time-secret';

async function open(options: Parameters<typeof openBot>[0] = {}) {
  const bot = await openBot(options);
  onTestFinished(() => bot.close());
  const ana = bot.choir.member('ana');
  const identity = `discord:${ana.id}`;
  return {
    ...bot,
    ana,
    identity,
    tell: (message: Message, about?: string) => bot.platform.tell(identity, message, about),
    /** The bot's newest direct message to Ana that fits. */
    told: (words: string) =>
      bot.discord.until(() => ana.dms().findLast((message) => wordsOf(message).includes(words)), words),
  };
}

const list: Message = {
  text: 'A list.',
  songs: Array.from({ length: 25 }, (_, index) => ({
    songId: `s${index + 1}`,
    title: `Song ${index + 1}`,
    artists: ['Ann'],
    sound: { kind: 'none' as const },
  })),
  reopen: 'playlist:show:7',
};

/** Another server that Ana and the bot are on, where she moderates and goes by another name. */
async function openWithBand() {
  const opened = await open();
  const band = opened.discord.guild({ name: 'Band' });
  await opened.until(() => opened.heard.joined.length === 1);
  const there = band.member('ana', { nick: 'Annie', permissions: ['ManageGuild'] });
  return { ...opened, band, there };
}

describe('what somebody is told alone on Discord', () => {
  it('has buttons that speak for its server, with the name, the rights and the roles there', async () => {
    const { tell, told, ana, band, there, choir, heard, until } = await openWithBand();
    const buttons = [{ action: 'playlist:show:7', label: 'Show' }];
    await tell({ text: 'from the choir', buttons }, `discord:${choir.id}`);
    await tell({ text: 'from the band', buttons }, `discord:${band.id}`);
    await ana.clicks(await told('from the band'), 'Show').acknowledged();
    await ana.clicks(await told('from the choir'), 'Show').acknowledged();
    await until(() => heard.actions.length === 2);
    expect(heard.actions).toMatchObject([
      {
        communityId: `discord:${band.id}`,
        action: 'playlist:show:7',
        asker: { name: 'Annie', platformModerator: true, groups: [...there.member.roles] },
      },
      {
        communityId: `discord:${choir.id}`,
        action: 'playlist:show:7',
        asker: { name: 'ana', platformModerator: false, groups: [] },
      },
    ]);
  });

  it('can be turned over, and still speaks for its server on the last page', async () => {
    const { tell, told, ana, band, heard, until, restart } = await openWithBand();
    heard.onAction = async ({ answer }) => void (await answer(list));
    await tell(list, `discord:${band.id}`);
    await restart();
    await ana.clicks(await told('Page 1 of 3'), '▶').acknowledged();
    await ana.clicks(await told('Page 2 of 3'), '▶').acknowledged();
    await told('Page 3 of 3');
    await until(() => heard.actions.length === 2);
    expect(heard.actions.map(({ action, communityId }) => [action, communityId])).toEqual(
      Array(2).fill(['playlist:show:7', `discord:${band.id}`]),
    );
    expect(ana.dms().length).toBe(1);
  });

  it('finds a server that both are on when a button has no room for it', async () => {
    const { tell, told, choir, ana, band, heard, until } = await openWithBand();
    choir.loses(ana);
    const action = `a:${'x'.repeat(98)}`;
    await tell({ text: 'long', buttons: [{ action, label: 'Go' }] }, `discord:${band.id}`);
    await ana.clicks(await told('long'), 'Go').acknowledged();
    await until(() => heard.actions.length === 1);
    expect(heard.actions).toMatchObject([{ action, communityId: `discord:${band.id}` }]);
  });

  it('does nothing for a server that the person has left, and says so', async () => {
    const { tell, told, ana, choir, discord, heard } = await openWithBand();
    await tell({ ...list, buttons: [{ action: 'a:b', label: 'Show' }] }, `discord:${choir.id}`);
    const message = await told('A list.');
    choir.loses(ana);
    const refusals = () => ana.dms().filter((one) => wordsOf(one).includes('I am not on the server'));
    for (const [index, label] of ['Show', '▶'].entries()) {
      ana.clicks(message, label);
      await discord.until(() => refusals().length === index + 1, 'a refusal');
    }
    expect(wordsOf(await told('A list.'))).toContain('Page 1 of 3');
    expect(heard.actions).toEqual([]);
  });

  it('asks for patience when Discord does not say who presses', async () => {
    const { tell, told, ana, discord, choir, heard } = await open();
    await tell({ text: 'x', buttons: [{ action: 'a:b', label: 'Show' }] }, `discord:${choir.id}`);
    discord.faults.failNext('GET /guilds/{guild_id}/members/{user_id}', 500, 4);
    ana.clicks(await told('x'), 'Show');
    await told('Please try again in a moment');
    expect(heard.actions).toEqual([]);
  });

  it('is not said to those who take no messages, share no server, are bots or nobody', async () => {
    const { platform, discord, choir } = await open();
    const [shy, away] = [choir.member('shy'), choir.member('away')];
    shy.acceptsDms(false);
    choir.loses(away);
    const robot = choir.member('robot', { bot: true });
    for (const id of [shy.id, away.id, robot.id, discord.world.bot.id, '123456789012345678']) {
      expect(await platform.tell(`discord:${id}`, { text: 'psst' })).toBe(false);
    }
    expect([...shy.dms(), ...away.dms()]).toEqual([]);
  });

  it('is a ChatError when Discord is broken or too busy for it', async () => {
    const { tell, discord } = await open();
    discord.faults.failNext('POST /users/@me/channels', 500, 4);
    await expect(tell({ text: 'x' })).rejects.toMatchObject({ name: 'ChatError', code: 'unreachable' });
    discord.faults.refuseNext('POST /users/@me/channels', 40003);
    await expect(tell({ text: 'x' })).rejects.toMatchObject({ name: 'ChatError', code: 'limited' });
  });

  it('keeps its buttons when it is a late answer', async () => {
    const { told, ana, choir, discord, heard, until } = await open();
    heard.onCommand = async ({ answer }) => {
      discord.clock.advance(16 * 60_000);
      const link = { url: SECRET, label: 'Link' };
      await answer({ text: 'late', private: true, buttons: [link, { action: 'a:b', label: 'Show' }] });
    };
    ana.types('songs', 'taste');
    const late = await told('late');
    expect(late.buttons.map(({ url }) => url)).toEqual([SECRET, undefined]);
    await ana.clicks(late, 'Show').acknowledged();
    await until(() => heard.actions.length === 1);
    expect(heard.actions).toMatchObject([{ action: 'a:b', communityId: `discord:${choir.id}` }]);
  });
});

describe('a link on Discord', () => {
  it('stands in the text if it is too long for a button, without a preview that would use it up', async () => {
    const { tell, told } = await open();
    const long = `${SECRET}?${'x'.repeat(512)}`;
    await tell({ text: 'Here:', buttons: [{ url: long, label: 'Link *now*' }] });
    const { text, buttons, embeds } = await told('Here:');
    expect(text).toBe(`Here:\nLink \\*now\\*: <${long}>`);
    expect([buttons, embeds]).toEqual([[], []]);
  });

  it('is never logged, whatever goes wrong', async () => {
    const { tell, discord, logged, post } = await open();
    const message = { text: 'x', buttons: [{ url: SECRET, label: 'Link' }] };
    discord.faults.failNext('POST /channels/{channel_id}/messages', 500, 4);
    await expect(tell(message)).rejects.toThrow();
    discord.faults.refuseNext('POST /channels/{channel_id}/messages', 50035);
    await expect(tell(message)).rejects.toThrow();
    discord.faults.refuseNext('POST /channels/{channel_id}/messages', 50013);
    await post({ ...message, title: 'with an embed' });
    expect(JSON.stringify(logged)).not.toContain('one-time-secret');
    expect(logged.length).toBeGreaterThan(0);
  });
});
