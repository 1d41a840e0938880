import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/paths.ts';
import { ask } from './ask.ts';
import { type Discord, openDiscord } from './discord.ts';
import { ROUTES } from './rest/server.ts';

let discord: Discord;

beforeEach(async () => {
  discord = await openDiscord();
});

afterEach(() => discord.close());

describe('the server', () => {
  it('knows no route that is not Discord’s', () => {
    const file = path.resolve(PACKAGE_ROOT, '../shared/specs/discord-openapi.json');
    const { paths } = JSON.parse(readFileSync(file, 'utf8')) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const strange = ROUTES.filter(
      ({ route }) => paths[route.path]?.[route.method.toLowerCase()] === undefined,
    );
    expect(strange.map(({ route }) => `${route.method} ${route.path}`)).toEqual([]);
  });

  it('answers every plain question as Discord’s document says', async () => {
    const guild = discord.guild({ name: 'Choir' });
    const emoji = guild.addsEmoji('mellow');
    const ana = guild.member('ana', { nick: 'Ana', roles: ['DJ'] });
    const message = await ana.says('general', 'hello');
    await ana.superReacts(message, '😄');
    const channel = guild.channel('general').id;
    const questions = [
      '/gateway',
      '/gateway/bot',
      '/users/@me',
      `/users/${ana.id}`,
      '/users/@me/guilds',
      '/applications/@me',
      '/oauth2/applications/@me',
      `/guilds/${guild.id}`,
      `/guilds/${guild.id}?with_counts=true`,
      `/guilds/${guild.id}/channels`,
      `/guilds/${guild.id}/roles`,
      `/guilds/${guild.id}/emojis`,
      `/guilds/${guild.id}/emojis/${emoji.id}`,
      `/guilds/${guild.id}/members/${ana.id}`,
      `/channels/${channel}`,
      `/channels/${channel}/messages`,
      `/channels/${channel}/messages/${message.id}`,
      `/channels/${channel}/messages/${message.id}/reactions/${encodeURIComponent('😄')}?type=1`,
      `/applications/${discord.world.applicationId}/commands`,
      `/applications/${discord.world.applicationId}/guilds/${guild.id}/commands`,
    ];
    for (const question of questions)
      expect([question, (await ask(discord, 'GET', question)).status]).toEqual([question, 200]);
    const dm = await ask(discord, 'POST', '/users/@me/channels', { recipient_id: ana.id });
    expect(dm.status).toBe(200);
    expect((await ask(discord, 'GET', `/channels/${String(dm.body.id)}`)).status).toBe(200);
    expect(await ask(discord, 'DELETE', `/users/@me/guilds/${guild.id}`)).toMatchObject({ status: 204 });
    expect(await ask(discord, 'GET', `/guilds/${guild.id}`)).toMatchObject({
      status: 404,
      body: { code: 10004 },
    });
    discord.check();
  });

  it('computes how long Discord’s limits would make requests take', async () => {
    const guild = discord.guild({ channels: ['general', 'music'] });
    const posts = async (name: string, count: number) => {
      for (let index = 0; index < count; index++)
        await ask(discord, 'POST', `/channels/${guild.channel(name).id}/messages`, { content: 'x' });
    };
    await posts('general', 5);
    await posts('music', 5);
    expect(discord.leastTime()).toEqual({ ms: 0, bottleneck: 'none' });
    await posts('general', 6);
    expect(discord.leastTime()).toEqual({
      ms: 10_000,
      bottleneck: `POST /channels/{channel_id}/messages ${guild.channel('general').id}`,
    });
  });

  it('carries 2,500 guilds', () => {
    for (let index = 0; index < 2500; index++) discord.guild();
    expect(discord.world.guilds.size).toBe(2500);
  });
});
