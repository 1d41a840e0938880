import { createServer } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createDiscord } from '../../../src/chat/discord/discord.ts';
import { hear } from '../hear.ts';
import { openBot, type TestBot } from './bot.ts';

let bot: TestBot | undefined;

afterEach(async () => {
  await bot?.close();
  bot = undefined;
});

const names = (places: readonly { readonly name: string }[]) => places.map(({ name }) => name).sort();

describe('connecting to Discord', () => {
  it('with a wrong token says what to do', async () => {
    bot = await openBot({ start: false, bot: { token: 'MTIz.wrong.token' } });
    await expect(bot.platform.start(bot.handlers)).rejects.toMatchObject({
      name: 'ChatError',
      code: 'forbidden',
      message: expect.stringMatching(/^DISCORD_TOKEN is not valid/),
    });
    expect(JSON.stringify(bot.logged)).not.toContain('MTIz.wrong.token');
  });

  it('that is not there says so', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const platform = createDiscord({
      token: 'x',
      apiUrl: `http://127.0.0.1:${port}/api`,
      log: pino({ level: 'silent' }),
      now: Date.now,
      audio: async () => undefined,
    });
    await expect(platform.start(hear().handlers)).rejects.toMatchObject({
      name: 'ChatError',
      code: 'unreachable',
    });
    await platform.stop();
  });

  it('whose gateway never lets it in gives up after a while', async () => {
    bot = await openBot({ start: false, bot: { patienceMs: 300 } });
    bot.discord.gateway.accepts = false;
    await expect(bot.platform.start(bot.handlers)).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('that failed can be tried again', async () => {
    bot = await openBot({ start: false, bot: { patienceMs: 2_000 } });
    bot.discord.gateway.accepts = false;
    await expect(bot.platform.start(bot.handlers)).rejects.toMatchObject({ code: 'unreachable' });
    bot.discord.gateway.accepts = true;
    await bot.platform.start(bot.handlers);
    expect(names(await bot.platform.places())).toEqual(['Choir']);
  });

  it('does not wait for ever for a server in an outage, and does not call it left', async () => {
    let over: () => void = () => {};
    bot = await openBot({
      before: (discord) => {
        over = discord.outage(discord.guild({ name: 'Broken' })).over;
      },
    });
    expect((await bot.platform.places()).length).toBe(2);
    over();
    await bot.until(() => bot?.heard.missed.length === 1);
    expect(names(await bot.platform.places())).toEqual(['Broken', 'Choir']);
    // Its name is known only now.
    expect(names(bot.heard.joined)).toEqual(['Broken']);
    expect(bot.heard.left).toEqual([]);
  });

  it('can be given up', async () => {
    bot = await openBot({ start: false });
    bot.discord.gateway.accepts = false;
    const started = expect(bot.platform.start(bot.handlers)).rejects.toMatchObject({ name: 'ChatError' });
    await bot.discord.until(() => bot?.discord.requests.some(({ path }) => path === '/gateway/bot'));
    await bot.platform.stop();
    await started;
  });

  it('whose gateway hears it and never answers gives up after a while, and can be tried again', async () => {
    bot = await openBot({ start: false, bot: { patienceMs: 300 } });
    const { gateway } = bot.discord;
    gateway.welcomes = false;
    await expect(bot.platform.start(bot.handlers)).rejects.toMatchObject({ code: 'unreachable' });
    gateway.welcomes = true;
    // A connection that was given up does not come back by itself (discord.js waits for half a second).
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(gateway.connected).toEqual([]);
    expect(names(await (await bot.restart()).places())).toEqual(['Choir']);
  });

  it('can be given up while the gateway keeps it waiting', async () => {
    bot = await openBot({ start: false });
    const { gateway } = bot.discord;
    gateway.welcomes = false;
    const started = expect(bot.platform.start(bot.handlers)).rejects.toMatchObject({ name: 'ChatError' });
    await bot.discord.until(() => gateway.identifies === 1);
    await bot.platform.stop();
    await started;
  });

  it('says nothing that is no sentence before it is connected', async () => {
    bot = await openBot({ start: false });
    expect(await bot.platform.places()).toEqual([]);
    await expect(bot.post({ text: 'x' })).rejects.toMatchObject({ name: 'ChatError', code: 'unreachable' });
  });
});

describe('a connection to Discord', () => {
  it('whose heartbeats are never acknowledged is replaced, and nothing is lost', async () => {
    bot = await openBot({ server: { heartbeatIntervalMs: 200 } });
    const { discord, choir, heard } = bot;
    const ref = await bot.post({ text: 'react!' });
    discord.gateway.acknowledgesHeartbeats = false;
    await bot.until(() => discord.gateway.resumes > 0, 'the zombie is noticed');
    discord.gateway.acknowledgesHeartbeats = true;
    await choir.member('ana').reacts(ref.message, '😄');
    await bot.until(() => heard.reactions.length === 1);
  });

  it('whose session is called invalid right after it was resumed is renewed, and nothing breaks', async () => {
    bot = await openBot();
    const { discord, choir, heard } = bot;
    const ref = await bot.post({ text: 'react!' });
    discord.gateway.drop();
    await discord.until(() => discord.gateway.resumes > 0);
    discord.gateway.invalidates({ resumable: false });
    // An unhandled rejection would fail this test.
    await bot.until(() => discord.gateway.identifies === 2, 'a new session');
    await bot.until(() => heard.missed.length === 1, 'what was missed is read back');
    await choir.member('ana').reacts(ref.message, '😄');
    await bot.until(() => heard.reactions.length === 1);
  });

  it('tells of servers that it came to and was removed from while it was away', async () => {
    bot = await openBot();
    const { discord, choir, heard } = bot;
    discord.gateway.forbidsResume();
    discord.gateway.accepts = false;
    discord.gateway.drop();
    discord.guild({ name: 'New' });
    discord.kicks(choir);
    discord.gateway.accepts = true;
    await bot.until(() => heard.joined.length === 1 && heard.left.length === 1);
    expect(names(heard.joined)).toEqual(['New']);
    expect(heard.left).toEqual([bot.songs.communityId]);
    expect(names(await bot.platform.places())).toEqual(['New']);
  });

  it('does not call an outage left', async () => {
    bot = await openBot();
    const { over } = bot.discord.outage(bot.choir);
    over();
    await bot.until(() => bot?.heard.missed.length === 1);
    expect(bot.heard.left).toEqual([]);
    expect(bot.heard.missed).toEqual([[bot.songs.communityId]]);
  });

  it('reads a server back that comes in after the session has begun', async () => {
    bot = await openBot();
    const { discord, choir, heard } = bot;
    discord.guild({ name: 'Other' });
    await bot.until(() => heard.joined.length === 1);
    const { over } = discord.outage(choir);
    discord.gateway.forbidsResume();
    discord.gateway.drop();
    await bot.until(() => heard.missed.length === 1, 'the session begins without the server');
    over();
    await bot.until(() => heard.missed.length === 2, 'the server comes in');
    expect(heard.missed.map((communities) => communities.includes(`discord:${choir.id}`))).toEqual([
      false,
      true,
    ]);
    expect(heard.left).toEqual([]);
  });

  it('is ended only when what is under way is finished', async () => {
    bot = await openBot();
    let finish: () => void = () => {};
    bot.heard.onCommand = async ({ answer }) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      await answer({ text: 'done', private: true });
    };
    const typed = bot.choir.member('ana').types('songs', 'status');
    await bot.until(() => bot?.heard.commands.length === 1);
    const stopped = bot.platform.stop();
    finish();
    await stopped;
    expect(typed.now?.text).toBe('done');
    expect(bot.discord.gateway.connected).toEqual([]);
  });
});

describe('the channel for a first word', () => {
  const greeting = async () => (await bot!.platform.places())[0]?.greetingChannel;

  it('is the one where Discord greets people', async () => {
    bot = await openBot();
    expect(await greeting()).toBe(bot.choir.channel('songs').id);
  });

  it('is the first where the bot may write, if not there', async () => {
    bot = await openBot({
      before: (_, choir) => choir.sets('songs', 'bot', 'deny', 'SendMessages'),
    });
    expect(await greeting()).toBe(bot.choir.channel('chatter').id);
  });

  it('is none where the bot may write nowhere', async () => {
    bot = await openBot({ before: (_, choir) => choir.permits('bot', []) });
    bot.choir.permits('everyone', ['ViewChannel']);
    await bot.restart();
    expect(await greeting()).toBeUndefined();
  });
});
