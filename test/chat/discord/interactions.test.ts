import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBot, type TestBot, wordsOf } from './bot.ts';

let bot: TestBot;

beforeEach(async () => {
  bot = await openBot();
});

afterEach(() => bot.close());

const commands = (number: number) => bot.until(() => bot.heard.commands.length === number);

describe('a command on Discord', () => {
  it('hands options over as ids: people as identities, channels and roles as they are', async () => {
    const [ana, ben] = [bot.choir.moderator('ana'), bot.choir.member('ben')];
    const role = bot.choir.role('DJs');
    const channel = bot.choir.channel('chatter');
    await ana
      .types('songs', 'settings', { channel: 'chatter', 'add-moderator': 'ben', 'add-role': 'DJs' })
      .acknowledged();
    await commands(1);
    expect(bot.heard.commands[0]).toMatchObject({
      communityId: bot.songs.communityId,
      channel: bot.songs.channel,
      options: { channel: channel.id, 'add-moderator': `discord:${ben.id}`, 'add-role': role.id },
    });
  });

  it('says who asks: the name in this server, the roles, and whether Discord lets them manage it', async () => {
    const ana = bot.choir.member('ana', { nick: 'Ana Banana', roles: ['DJs'] });
    const ada = bot.choir.member('ada', { permissions: ['Administrator'] });
    await ana.types('songs', 'status').acknowledged();
    await commands(1);
    await ada.types('songs', 'status').acknowledged();
    await commands(2);
    expect(bot.heard.commands.map(({ asker }) => asker)).toEqual([
      {
        identity: `discord:${ana.id}`,
        name: 'Ana Banana',
        platformModerator: false,
        groups: [bot.choir.role('DJs').id],
      },
      expect.objectContaining({ name: 'ada', platformModerator: true }),
    ]);
  });

  it('that arrives twice runs once', async () => {
    bot.discord.gateway.repeatsNext('INTERACTION_CREATE');
    bot.heard.onCommand = async ({ answer }) => void (await answer({ text: 'once' }));
    const ana = bot.choir.member('ana');
    await ana.types('songs', 'status').followUp();
    await ana.types('songs', 'status').followUp();
    expect(bot.heard.commands.length).toBe(2);
    expect(bot.choir.member('ben').sees('songs').map(wordsOf)).toEqual(['once', 'once']);
  });

  it('that reaches the bot too late is not run, and the bot goes on', async () => {
    const held = bot.discord.gateway.holds('INTERACTION_CREATE');
    const ana = bot.choir.member('ana');
    ana.types('songs', 'status');
    bot.discord.clock.advance(4_000);
    held.release();
    await ana.types('songs', 'taste').acknowledged();
    await commands(1);
    expect(bot.heard.commands.map(({ command }) => command)).toEqual(['taste']);
    expect(bot.logged.some(({ msg }) => String(msg).includes('could not be acknowledged'))).toBe(true);
  });

  it('whose acknowledgement arrived although its answer was lost is run', async () => {
    bot.discord.faults.hangUpNext('/callback');
    bot.heard.onCommand = async ({ answer }) => void (await answer({ text: 'here', private: true }));
    expect(await bot.choir.member('ana').types('songs', 'taste').response()).toMatchObject({ text: 'here' });
  });

  it('in a direct message sends people to a server', async () => {
    const ana = bot.choir.member('ana');
    await bot.platform.tell(`discord:${ana.id}`, { text: 'psst' });
    const direct = bot.discord.world.dms.get(ana.id)!;
    expect(await ana.types(direct, 'status').response()).toMatchObject({
      text: expect.stringContaining('I work in servers'),
    });
    expect(bot.heard.commands).toEqual([]);
  });

  it('never logs the tokens', async () => {
    const typed = bot.choir.member('ana').types('songs', 'status');
    await typed.acknowledged();
    bot.discord.faults.failNext('/callback', 500, 4);
    bot.choir.member('ana').types('songs', 'status');
    await bot.until(() => bot.logged.some(({ msg }) => String(msg).includes('could not be acknowledged')));
    const text = JSON.stringify(bot.logged);
    expect(text).not.toContain(bot.discord.token);
    expect(text).not.toContain('aW50ZXJhY3Rpb246');
  });
});

describe('an option on Discord', () => {
  it('is completed with what was typed, within Discord’s limits', async () => {
    bot.heard.onComplete = async () =>
      Array.from({ length: 40 }, (_, index) => ({
        name: `${index} ${'long'.repeat(40)}`,
        value: `v${index}`,
      }));
    const choices = await bot.choir.member('ana').completes('songs', 'song', 'name', 'blu');
    expect(bot.heard.completions).toMatchObject([{ command: 'song', option: 'name', typed: 'blu' }]);
    expect(choices.length).toBe(25);
    expect(choices[0]?.name.length).toBe(100);
  });

  it('leaves out what Discord would refuse', async () => {
    bot.heard.onComplete = async () => [
      { name: '', value: 'nameless' },
      { name: 'far', value: 'x'.repeat(101) },
      { name: 'empty', value: '' },
    ];
    expect(await bot.choir.member('ana').completes('songs', 'song', 'name', '')).toEqual([
      { name: 'nameless', value: 'nameless' },
    ]);
  });

  it('may be completed too late without harm', async () => {
    const held = bot.discord.gateway.holds('INTERACTION_CREATE');
    const late = bot.choir.member('ana').completes('songs', 'song', 'name', 'b');
    const failed = expect(late).rejects.toThrow('did not respond');
    bot.discord.clock.advance(4_000);
    held.release();
    await failed;
    expect(await bot.choir.member('ana').completes('songs', 'song', 'name', 'bl')).toEqual([]);
  });
});

describe('a button on Discord', () => {
  it('answers after a restart, for whoever pressed only', async () => {
    const ref = await bot.post({ text: 'x', buttons: [{ action: 'playlist:keep:42', label: 'Keep' }] });
    await bot.restart();
    bot.heard.onAction = async ({ answer }) => void (await answer({ text: 'kept', private: true }));
    expect(await bot.choir.member('ana').clicks(ref.message, 'Keep').response()).toMatchObject({
      text: 'kept',
      ephemeral: true,
    });
    expect(bot.heard.actions).toMatchObject([{ action: 'playlist:keep:42' }]);
    expect(bot.choir.member('ben').sees('songs').map(wordsOf)).toEqual(['x']);
  });
});
