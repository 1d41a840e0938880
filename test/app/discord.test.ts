import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import {
  CHANNEL,
  expectEqual,
  firstAnswer,
  type House,
  openHouse,
  people,
  postsSnippet,
} from '../acceptance/discord-house.ts';
import { eventually } from '../acceptance/stage.ts';
import { taxonomy } from '../playlists/planted-model.ts';
import { interruptAt, startBot } from './bot.ts';

/** The built bot, connected to Discord, with its room as by default. */
const start = ({ stateDir, env: { ROOM: _off, ...env } }: House) =>
  startBot(stateDir, { ...env, LOG_LEVEL: 'info' });

/** What the bot that was stopped has on its disk. */
async function expectDiskEqual({ stateDir, discord }: House): Promise<void> {
  const log = pino({ level: 'silent' });
  const store = await openLowdbStore({ dir: `${stateDir}/store`, log, now: Date.now });
  try {
    await expectEqual(store, discord);
  } finally {
    await store.close();
  }
}

describe('the bot on Discord', () => {
  it('that was killed has every vote after its start: 300 reactions added and 100 removed meanwhile', async () => {
    const house = await openHouse({ guilds: 3 });
    const { discord, guilds } = house;
    const bot = await start(house);
    const posts: { guild: number; id: string }[] = [];
    for (const [g, guild] of guilds.entries()) {
      for (let i = 0; i < 2; i++) posts.push({ guild: g, id: (await postsSnippet(guild)).id });
    }
    const emoji = (n: number) => taxonomy.invitation[n % taxonomy.invitation.length];
    const crowd = guilds.map((guild) => people(guild, 50));
    // 600 while it runs, and it is killed in the middle of them.
    for (let n = 0; n < 600; n++) {
      const { guild, id } = posts[n % posts.length];
      await crowd[guild][Math.floor(n / posts.length) % 50].reacts(id, emoji(n + Math.floor(n / 300)));
      if (n % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
      if (n === 400) bot.process.kill('SIGKILL');
    }
    await bot.ends('SIGKILL');
    let added = 0;
    let removed = 0;
    for (let n = 0; removed < 100; n++) {
      const { guild, id } = posts[n % posts.length];
      await crowd[guild][Math.floor(n / posts.length) % 50].unreacts(id, emoji(n));
      removed++;
    }
    for (let n = 0; added < 300; n++) {
      const { guild, id } = posts[n % posts.length];
      await crowd[guild][Math.floor(n / posts.length) % 50].reacts(id, emoji(n + 4));
      added++;
    }
    const again = await start(house);
    await eventually(() => again.printed().includes('caught up on reactions'));
    expect(await again.ends('SIGINT')).toBe(0);
    await expectDiskEqual(house);
    expect(discord.violations).toEqual([]);
  });

  it('outlives a session that is called invalid right after it was resumed', async () => {
    const house = await openHouse();
    const { discord, guilds } = house;
    const bot = await start(house);
    const { id } = await postsSnippet(guilds[0]);
    discord.gateway.drop();
    await discord.until(() => discord.gateway.resumes > 0);
    discord.gateway.invalidates({ resumable: false });
    const [ana, ben] = people(guilds[0], 2);
    await ana.reacts(id, '😌');
    await discord.until(() => discord.gateway.identifies === 2, 'a new session');
    await ben.reacts(id, '😌');
    expect((await firstAnswer(ben.types(CHANNEL, 'status'))).ephemeral).toBe(true);
    await eventually(() => bot.printed().includes('caught up on reactions'));
    expect(bot.printed()).not.toContain('something unexpected broke');
    expect(await bot.ends('SIGINT')).toBe(0);
    await expectDiskEqual(house);
  });
});

describe('Ctrl-C on Discord', () => {
  it.each([
    ['does not answer', ({ discord }: House) => discord.faults.delayNext('GET /gateway/bot', 5_000)],
    [
      'hears the bot and keeps it waiting',
      ({ discord }: House) => Object.assign(discord.gateway, { welcomes: false }),
    ],
    ['lets nobody in', ({ discord }: House) => Object.assign(discord.gateway, { accepts: false })],
  ])('ends a start at once while Discord %s', async (_, arrange) => {
    const house = await openHouse();
    arrange(house);
    const asked = house.discord.until(() => {
      const { requests, gateway } = house.discord;
      return gateway.identifies > 0 || requests.some(({ path }) => path === '/gateway/bot');
    });
    // A moment later it has opened whatever it can.
    const connecting = asked.then(() => new Promise((resolve) => setTimeout(resolve, 300)));
    const { code, printed, tookMs } = await interruptAt(connecting, {
      ...house.env,
      STATE_DIR: house.stateDir,
    });
    expect(tookMs).toBeLessThan(4_000);
    expect(code).toBe(0);
    expect(printed).not.toContain('is ready');
  });

  it('does not wait for what Discord keeps it from reading back or posting', async () => {
    const house = await openHouse();
    const { discord, guilds } = house;
    const first = await start(house);
    const { id } = await postsSnippet(guilds[0]);
    expect(await first.ends('SIGINT')).toBe(0);
    await guilds[0].member('ana').reacts(id, '😌');
    discord.faults.limitNext('GET /channels/{channel_id}/messages/{message_id}', 60);
    const limited = discord.until(() => discord.requests.some(({ status }) => status === 429));
    const { code, printed, tookMs } = await interruptAt(limited, {
      ...house.env,
      STATE_DIR: house.stateDir,
    });
    expect(code).toBe(0);
    expect(printed).not.toContain('unexpected');
    expect(tookMs).toBeLessThan(10_000);
    const again = await start(house);
    await eventually(() => again.printed().includes('caught up on reactions'));
    expect(await again.ends('SIGINT')).toBe(0);
    await expectDiskEqual(house);
  });
});
