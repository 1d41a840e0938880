import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { ApplicationFlags, ChannelType, type PermissionsString, RESTJSONErrorCodes } from 'discord.js';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import { deployCommandsCommand } from '../../src/cli/deploy-commands.ts';
import { isAtLeast } from '../../src/cli/doctor/machine.ts';
import { doctorCommand } from '../../src/cli/doctor.ts';
import { lockState } from '../../src/durable/index.ts';
import { defaultSettings } from '../../src/labelling/settings.ts';
import { builtEntry } from '../../src/paths.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { temporaryFolder } from '../catalogue/songs.ts';
import { type Discord, openDiscord } from '../support/discord/discord.ts';
import type { GuildHandle } from '../support/discord/guild-handle.ts';
import { plantCatalogue } from '../training/planted.ts';
import { runCommand, settingsFor } from './shell.ts';

/** Runs the doctor; its lines without their marks' indentation. */
async function doctor(env: Record<string, string>) {
  const { out, err, code } = await runCommand(doctorCommand(), [], { TFJS_BACKEND: 'wasm', ...env });
  const lines = out.split('\n').map((line) => line.trim());
  return {
    out,
    err,
    code,
    wrong: lines.filter((line) => line.startsWith('✗')),
    lineOf: (word: string) => lines.find((line) => line.includes(word)) ?? '',
  };
}

describe('on a machine', () => {
  test('where nothing was started yet all is well, and nothing is made', async () => {
    const STATE_DIR = path.join(temporaryFolder(), 'state');
    const { out, code, lineOf } = await doctor({ STATE_DIR });
    expect(lineOf('Node.js')).toBe(`✓ Node.js ${process.versions.node}`);
    expect(lineOf('State folder')).toMatch(/^– .*the bot makes it when it starts$/);
    expect(lineOf('Catalogue')).toMatch(/^– /);
    expect(lineOf('Model')).toMatch(/^– /);
    expect(lineOf('TensorFlow.js')).toMatch(
      /^✓ TensorFlow\.js: WebAssembly.*; a training step of a 64-256-256-1 network takes [\d.]+ ms$/,
    );
    expect(lineOf('DISCORD_TOKEN')).toMatch(/^– off/);
    expect(out).toMatch(/\nAll is well\.\n$/);
    expect(code).toBe(0);
    expect(existsSync(STATE_DIR)).toBe(false);
  });

  test('with a catalogue, it is named with its size', async () => {
    const STATE_DIR = temporaryFolder();
    await writeCatalogue(STATE_DIR, plantCatalogue().catalogue);
    const { lineOf } = await doctor({ STATE_DIR });
    expect(lineOf('State folder')).toBe(`✓ State folder: ${STATE_DIR}, writable`);
    expect(lineOf('Catalogue')).toMatch(/^✓ .*120 songs$/);
    expect(lineOf('Model')).toMatch(/^– Model: none yet/);
  });

  test('a state folder that cannot be is wrong, with the fix', async () => {
    const STATE_DIR = path.join(process.execPath, 'state');
    const { code, lineOf } = await doctor({ STATE_DIR });
    expect(lineOf('State folder')).toMatch(/^✗ .* → give it to the account that runs the bot/);
    expect(code).toBe(1);
  });

  test('every mistake in the settings is a line of its own, and no secret is shown', async () => {
    const { out, code, wrong } = await doctor({ PORT: '99999', DISCORD_TOKEN: 'my-secret-token' });
    expect(wrong).toEqual([
      expect.stringMatching(/^✗ PORT must be/),
      expect.stringMatching(/^✗ DISCORD_TOKEN does not look like/),
    ]);
    expect(out).not.toContain('my-secret-token');
    expect(code).toBe(1);
  });

  test.each([
    ['20.19.0', true],
    ['20.18.9', false],
    ['20.20.0', true],
    ['18.99.99', false],
    ['24.0.0', true],
    ['22.1.0-nightly', true],
  ])('Node %s is new enough for 20.19.0: %s', (version, enough) => {
    expect(isAtLeast(version, '20.19.0')).toBe(enough);
  });
});

describe('on Discord', () => {
  let discord: Discord;
  let stateDir: string;
  beforeEach(async () => {
    discord = await openDiscord();
    stateDir = temporaryFolder();
  });
  afterEach(() => discord.close());

  const settings = () => ({ ...settingsFor(discord), STATE_DIR: stateDir });
  const look = () => doctor(settings());
  const deploy = (...args: string[]) => runCommand(deployCommandsCommand(), args, settings());

  /** Chooses channels as `/settings` does; the store stays open, as in a running bot. */
  async function chooses(...choices: readonly (readonly [GuildHandle, string])[]): Promise<void> {
    const dir = path.join(stateDir, 'store');
    const store = await openLowdbStore({ dir, log: pino({ level: 'silent' }), now: Date.now });
    onTestFinished(() => store.close());
    for (const [guild, channel] of choices) {
      const id =
        guild.data.channels.has(channel) || /^\d+$/.test(channel) ? channel : guild.channel(channel).id;
      await store.saveCommunity({
        id: `discord:${guild.id}`,
        platform: 'discord',
        name: guild.data.name,
        settings: { ...defaultSettings(), channel: id },
      });
    }
  }

  test('a bot that is set up gets a tick for everything, while it is running', async () => {
    const club = discord.guild({ name: 'Jazz Club', channels: ['general', 'music'] });
    const lock = await lockState(stateDir);
    onTestFinished(() => lock.release());
    await chooses([club, 'music']);
    await deploy();
    const { code, wrong, lineOf, out } = await look();
    expect(wrong).toEqual([]);
    expect(lineOf('Token')).toBe(
      `✓ Token: valid, of the bot Reactune (application Reactune, ${discord.world.applicationId})`,
    );
    expect(lineOf('Gateway')).toBe('✓ Gateway: reachable, 1000 of 1000 log-ins left today');
    expect(lineOf('Intents')).toMatch(/^✓ .*none of them is privileged, so nothing has to be switched on$/);
    expect(lineOf('Commands')).toMatch(/^✓ Commands: \d+ registered on every server, up to date$/);
    expect(lineOf('Invite')).toContain(
      `client_id=${discord.world.applicationId}&scope=bot+applications.commands`,
    );
    expect(lineOf('Server Jazz Club')).toBe('✓ Server Jazz Club, #music: the bot may do all it needs');
    expect(out).not.toContain(discord.token);
    expect(code).toBe(0);
  });

  test('only looks: no log-in, no write', async () => {
    const club = discord.guild({ name: 'Jazz Club', channels: ['music'] });
    await chooses([club, 'music']);
    await look();
    expect(discord.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(discord.gateway.identifies).toBe(0);
  });

  test('a token that Discord does not know ends it, with the fix and without the token', async () => {
    const DISCORD_TOKEN = 'MTA0MDAwMDAwMDAwMDAwMDAwMA.Gwrong.another-token-than-the-one-in-the-test';
    const { code, wrong, out } = await doctor({ ...settings(), DISCORD_TOKEN });
    expect(wrong).toEqual([
      expect.stringMatching(/^✗ Discord does not know this DISCORD_TOKEN → .*Reset Token/),
    ]);
    expect(out).not.toContain(DISCORD_TOKEN);
    expect(code).toBe(1);
  });

  test('commands that were never registered, are out of date, or are there twice, each with the command to run', async () => {
    const club = discord.guild({ name: 'Jazz Club' });
    const fix = 'npm run reactune -- deploy-commands';
    expect((await look()).lineOf('Commands')).toBe(
      `✗ Commands: none on Jazz Club → ${fix} --guild ${club.id}, or ${fix} for every server`,
    );

    await deploy('--guild', club.id);
    expect((await look()).lineOf('Commands')).toMatch(
      /^✓ Commands: \d+ registered on Jazz Club, up to date$/,
    );

    await deploy();
    const twice = await look();
    expect(twice.wrong).toEqual([
      `✗ Commands: there twice on Jazz Club, once of its own → ${fix} --guild ${club.id} --remove`,
    ]);

    await deploy('--guild', club.id, '--remove');
    const global = discord.world.commands.get('')!;
    const [first] = global.values();
    global.delete(first.id);
    expect((await look()).lineOf('Commands')).toBe(
      `✗ Commands: out of date on every server (1 missing) → ${fix}`,
    );
  });

  test('an invitation without applications.commands is told', async () => {
    discord.guild({ name: 'Jazz Club' });
    await deploy();
    discord.faults.refuseNext('GET /applications/{application_id}/guilds', RESTJSONErrorCodes.MissingAccess);
    expect((await look()).wrong).toEqual([
      expect.stringMatching(
        /^✗ Commands: not allowed on Jazz Club \(the scope applications\.commands is missing\)/,
      ),
    ]);
  });

  test('switches in the portal that keep a bot from working are told', async () => {
    discord.world.application = {
      interactions_endpoint_url: 'https://example.org/',
      bot_require_code_grant: true,
      bot_public: false,
      flags: ApplicationFlags.GatewayMessageContentLimited,
    };
    await deploy();
    const { wrong, lineOf } = await look();
    expect(wrong).toEqual([
      expect.stringContaining('Interactions Endpoint URL'),
      expect.stringContaining('code grant'),
    ]);
    expect(lineOf('Intents')).toMatch(/^– .*Switched on without need: Message Content/);
    expect(lineOf('Invite')).toContain('only you can use it');
  });

  test.each<[string, { bot?: readonly PermissionsString[]; deny?: readonly PermissionsString[] }, string]>([
    ['reactions in the channel', { deny: ['AddReactions'] }, 'Add Reactions'],
    ['the channel itself', { deny: ['ViewChannel'] }, 'View Channel'],
    [
      'several, in the order of Discord’s settings',
      { deny: ['UseExternalEmojis', 'EmbedLinks', 'ReadMessageHistory'] },
      'Embed Links, Read Message History, Use External Emojis',
    ],
    [
      'what it was never invited with',
      { bot: ['ViewChannel', 'SendMessages', 'ReadMessageHistory', 'AddReactions', 'UseExternalEmojis'] },
      'Embed Links, Attach Files',
    ],
  ])('a missing permission is named: %s', async (_, { bot, deny = [] }, names) => {
    const channels = [{ name: 'music', deny: { bot: deny } }];
    const club = discord.guild({ name: 'Jazz Club', channels, bot, everyone: bot && [] });
    await chooses([club, 'music']);
    const { lineOf, code } = await look();
    expect(lineOf('Server')).toBe(
      `✗ Server Jazz Club, #music: the bot lacks ${names} → in Edit Channel → Permissions, allow them to the bot's own role`,
    );
    expect(code).toBe(1);
  });

  test('a server without a channel, with a lost one, or with one that nobody can write in', async () => {
    discord.guild({ name: 'Undecided' });
    const lost = discord.guild({ name: 'Lost' });
    const forum = discord.guild({
      name: 'Forum',
      channels: [{ name: 'ideas', type: ChannelType.GuildForum }],
    });
    await chooses([lost, '123456789012345678'], [forum, 'ideas']);
    await deploy();
    const { wrong, lineOf } = await look();
    expect(lineOf('Undecided')).toMatch(
      /^– Server Undecided: no channel chosen yet → a moderator sends \/settings/,
    );
    expect(wrong).toEqual([
      expect.stringMatching(/^✗ Server Lost: the chosen channel \(123456789012345678\) is gone/),
      expect.stringMatching(/^✗ Server Forum, #ideas: nobody can write there/),
    ]);
  });

  test('of hundreds of servers it looks at all, page by page, and lists the broken ones', async () => {
    const guilds = Array.from({ length: 410 }, (_, i) =>
      discord.guild({ name: `Club ${i}`, channels: ['music'] }),
    );
    const broken = discord.guild({
      name: 'Quiet\u001b[31m',
      channels: [{ name: 'music', deny: { bot: ['SendMessages'] } }],
    });
    await deploy();
    await chooses(...[...guilds.slice(0, 30), guilds[409], broken].map((guild) => [guild, 'music'] as const));
    const { wrong, out } = await look();
    expect(discord.counts()['GET /users/@me/guilds']).toBe(3);
    expect(out).toContain('✓ 31 servers: the bot may do all it needs in the chosen channel');
    expect(out).toContain('– 379 servers: no channel chosen yet');
    expect(wrong).toEqual([
      expect.stringMatching(/^✗ Server Quiet\[31m, #music: the bot lacks Send Messages/),
    ]);
  });

  test('a Discord that breaks off in between is told once', async () => {
    const club = discord.guild({ name: 'Jazz Club', channels: ['music'] });
    await chooses([club, 'music']);
    await deploy();
    discord.faults.failNext('GET /guilds/{guild_id}/channels', 500, 9);
    expect((await look()).wrong).toEqual([
      '✗ Discord has trouble (status 500) → see discordstatus.com and try again later',
    ]);
  });

  test('a day without log-ins left is told, with how long it lasts', async () => {
    await deploy();
    discord.gateway.identifies = 1000;
    expect((await look()).wrong).toEqual([
      '✗ Gateway: reachable, but all 1000 log-ins of the day are used up → start the bot in 1440 minutes, and find out why it starts so often',
    ]);
  });

  test('a gateway that cannot be reached, and one that is none, are told', async () => {
    await deploy();
    const limit = { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 };
    const website = createServer((_, response) => void response.writeHead(404).end());
    onTestFinished(() => void website.close());
    for (const port of [await closedPort(), await listen(website)]) {
      const url = `ws://127.0.0.1:${port}`;
      const DISCORD_API_URL = await answering({
        '/gateway/bot': { url, shards: 1, session_start_limit: limit },
      });
      const { wrong } = await doctor({ ...settings(), DISCORD_API_URL });
      expect(wrong).toEqual([
        expect.stringMatching(
          /^✗ Gateway: 127\.0\.0\.1:\d+ cannot be reached .* → let WebSocket connections through/,
        ),
      ]);
    }
  });

  test('a thread has its channel’s rules, and its own right to write', async () => {
    const thread = '1100000000000000000';
    const club = discord.guild({
      name: 'Jazz Club',
      channels: [{ name: 'music', deny: { bot: ['SendMessages', 'AddReactions'] } }],
    });
    await chooses([club, thread]);
    const DISCORD_API_URL = await answering({
      [`/channels/${thread}`]: {
        id: thread,
        type: ChannelType.PublicThread,
        name: 'new songs',
        parent_id: club.channel('music').id,
      },
    });
    const { lineOf } = await doctor({ ...settings(), DISCORD_API_URL });
    expect(lineOf('Server')).toContain('✗ Server Jazz Club, #new songs: the bot lacks Add Reactions →');
  });

  test('a bot that is timed out is told until when', async () => {
    const club = discord.guild({ name: 'Jazz Club', channels: ['music'] });
    await chooses([club, 'music']);
    const until = '2999-01-01T00:00:00.000Z';
    const DISCORD_API_URL = await answering({
      [`/guilds/${club.id}/members/${discord.world.bot.id}`]: {
        roles: [],
        communication_disabled_until: until,
      },
    });
    const { lineOf } = await doctor({ ...settings(), DISCORD_API_URL });
    expect(lineOf('Server')).toContain(
      `✗ Server Jazz Club, #music: the bot is timed out there until ${until}`,
    );
  });

  test('the built program says the same and ends by itself', async () => {
    await deploy();
    const env = { ...process.env, ...settings(), TFJS_BACKEND: 'cpu' };
    const { stdout } = await promisify(execFile)(process.execPath, [builtEntry('cli'), 'doctor'], { env });
    expect(stdout).toContain('✓ Gateway: reachable');
    expect(stdout).toMatch(/All is well\.\n$/);
  });

  /** The address of this Discord with some answers of its own, for what it has no name for. */
  async function answering(answers: Readonly<Record<string, object>>): Promise<string> {
    const server = createServer(async (request, response) => {
      const own = answers[(request.url ?? '').replace('/api/v10', '')];
      if (own) {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(own));
        return;
      }
      const { authorization = '' } = request.headers;
      const answer = await fetch(new URL(request.url ?? '', discord.api), { headers: { authorization } });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${await listen(server)}/api`;
  }
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
