import type { Client } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { createBot, login, post } from './bot.ts';
import { type Discord, type DiscordOptions, openDiscord } from './discord.ts';

let discord: Discord;
let client: Client | undefined;
let general: string;

async function open(options: DiscordOptions = {}): Promise<void> {
  discord = await openDiscord(options);
  general = discord.guild().channel('general').id;
}

afterEach(async () => {
  await client?.destroy();
  client = undefined;
  await discord.close();
});

describe('limits', () => {
  it('are told with every answer, and kept per channel', async () => {
    let now = Date.now();
    await open({ limits: 'on', now: () => now });
    const messages = `/channels/${general}/messages`;
    const first = await ask(discord, 'POST', messages, { content: 'x' });
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '4',
      'x-ratelimit-reset-after': '5.000',
      'x-ratelimit-bucket': expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    for (const _ of [1, 2, 3, 4]) await ask(discord, 'POST', messages, { content: 'x' });
    now += 1000;
    const refused = await ask(discord, 'POST', messages, { content: 'x' });
    expect(refused).toMatchObject({
      status: 429,
      body: { message: 'You are being rate limited.', retry_after: 4, global: false },
    });
    expect(refused.headers.get('x-ratelimit-scope')).toBe('user');
    const elsewhere = discord.guild().channel('general').id;
    expect((await ask(discord, 'POST', `/channels/${elsewhere}/messages`, { content: 'x' })).status).toBe(
      200,
    );
    now += 4000;
    expect((await ask(discord, 'POST', messages, { content: 'x' })).status).toBe(200);
  });

  it('are 50 requests a second over everything', async () => {
    const now = Date.now();
    await open({ limits: 'on', now: () => now });
    const statuses: number[] = [];
    // Different routes, so that only the global limit is met.
    const paths = ['/users/@me', '/gateway/bot', `/channels/${general}`, '/users/@me/guilds'];
    for (let index = 0; index < 52; index++)
      statuses.push((await ask(discord, 'GET', paths[index % paths.length]!)).status);
    expect(statuses.slice(0, 50).every((status) => status === 200)).toBe(true);
    expect(statuses.slice(50)).toEqual([429, 429]);
    const { headers } = await ask(discord, 'GET', '/users/@me');
    expect(headers.get('x-ratelimit-global')).toBe('true');
    expect(headers.get('x-ratelimit-scope')).toBe('global');
  });

  it('are waited out by discord.js', async () => {
    await open();
    client = createBot(discord);
    const ready = await login(client, discord);
    discord.faults.limitNext('POST /channels', 0.05, 'shared');
    await post(ready, general, 'hello');
    expect(discord.requests.filter(({ route }) => route === '/channels/{channel_id}/messages')).toMatchObject(
      [{ status: 429 }, { status: 200 }],
    );
  });
});

describe('bad days', () => {
  it('are retried by discord.js, and every request is counted', async () => {
    await open();
    client = createBot(discord);
    const ready = await login(client, discord);
    const since = discord.requests.length;
    discord.faults.failNext('POST /channels', 502, 2);
    await post(ready, general, 'hello');
    expect(discord.counts(since)).toEqual({
      'POST /channels/{channel_id}/messages': 3,
    });
  });

  it('may cut the line after the work was done', async () => {
    await open();
    client = createBot(discord);
    const ready = await login(client, discord);
    discord.faults.hangUpNext('POST /channels');
    const message = { content: 'once?', nonce: '1', enforceNonce: true };
    // discord.js does not try again by itself; whoever does, with the same nonce, posts once.
    await expect(post(ready, general, message)).rejects.toThrow('other side closed');
    await post(ready, general, message);
    expect([...discord.world.channels.get(general)!.messages.values()]).toHaveLength(1);
  });

  it('may take their time', async () => {
    await open();
    discord.faults.delayNext(/users/, 40);
    const started = performance.now();
    await ask(discord, 'GET', '/users/@me');
    expect(performance.now() - started).toBeGreaterThan(35);
  });
});

describe('Discord’s own document', () => {
  it('catches what the server alone would let pass', async () => {
    await open();
    const asked = await ask(discord, 'GET', '/users/@me/guilds?limit=1000');
    expect(asked).toMatchObject({ status: 400, body: { code: 50035 } });
    expect(discord.violations).toEqual([
      expect.stringContaining('GET /users/@me/guilds: /query/limit must be <= 200'),
    ]);
    await expect(discord.close()).rejects.toThrow('/query/limit must be <= 200');
    discord = await openDiscord();
  });

  it('catches unknown parameters, unknown operations, and those that only this server lacks', async () => {
    await open();
    await ask(discord, 'GET', '/users/@me?verbose=true');
    await ask(discord, 'GET', '/users/@me/friends');
    await ask(discord, 'GET', '/voice/regions');
    expect(discord.violations).toEqual([
      'GET /users/@me: /query must NOT have additional properties',
      'GET /users/@me/friends: Discord has no such operation',
      'GET /voice/regions: Discord has it, the server in test/support/discord does not',
    ]);
    await expect(discord.close()).rejects.toThrow();
    discord = await openDiscord();
  });

  it('is satisfied by permissions as strings', async () => {
    await open();
    const path = `/applications/${discord.world.applicationId}/commands`;
    const command = { name: 'retrain', description: 'Trains', default_member_permissions: '32' };
    expect(await ask(discord, 'POST', path, command)).toMatchObject({ status: 201 });
  });
});
