import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { type APIApplicationCommand, ApplicationCommandType, RESTJSONErrorCodes } from 'discord.js';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { deployCommandsCommand } from '../../src/cli/deploy-commands.ts';
import { builtEntry } from '../../src/paths.ts';
import { type Discord, openDiscord } from '../support/discord/discord.ts';
import { runCommand, settingsFor } from './shell.ts';

let discord: Discord;
beforeEach(async () => {
  discord = await openDiscord();
});
afterEach(() => discord.close());

const deploy = (...args: string[]) => runCommand(deployCommandsCommand(), args, settingsFor(discord));

const registered = (guildId = '') => [...(discord.world.commands.get(guildId)?.values() ?? [])];
const namesOf = (some: readonly { name: string }[]) => some.map(({ name }) => name).sort();
const declared = namesOf(commands);

/** Requests that change something, since the last look. */
function writes() {
  return discord.requests.splice(0).filter(({ method }) => method !== 'GET');
}

/** Something that is registered already, as if by an earlier version or by hand. */
function wasRegistered(parts: Partial<APIApplicationCommand> & { name: string }, guildId = ''): void {
  const id = discord.world.newId();
  const of = discord.world.commands.get(guildId) ?? new Map();
  discord.world.commands.set(guildId, of);
  of.set(id, {
    id,
    application_id: discord.world.applicationId,
    version: id,
    type: ApplicationCommandType.ChatInput,
    description: 'From before',
    default_member_permissions: null,
    nsfw: false,
    ...parts,
  } as APIApplicationCommand);
}

function change(name: string, parts: Partial<APIApplicationCommand>, guildId = ''): void {
  const of = discord.world.commands.get(guildId)!;
  const command = [...of.values()].find((one) => one.name === name)!;
  of.set(command.id, { ...command, ...parts });
}

test('registers every command for every server, and a second run finds nothing to do', async () => {
  const first = await deploy();
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(first.out).toContain('Commands of Reactune on every server:\n  + /playlist\n');
  expect(first.out).toContain(`Done: ${declared.length} added, 0 changed, 0 removed.`);
  expect(namesOf(registered())).toEqual(declared);
  expect(registered().find(({ name }) => name === 'my-data')?.name_localizations).toEqual({
    de: 'meine-daten',
  });
  expect(registered().find(({ name }) => name === 'settings')?.default_member_permissions).toBe('32');
  writes();

  const second = await deploy();
  expect(second.out).toBe(
    `Commands of Reactune on every server:\n  = ${declared.length} unchanged\nNothing to do.\n`,
  );
  expect(second.code).toBe(0);
  expect(writes()).toEqual([]);
});

test('on one server they are that server’s own', async () => {
  const club = discord.guild('Jazz Club');
  const other = discord.guild('Elsewhere');
  const { code, out } = await deploy('--guild', club.id);
  expect(code).toBe(0);
  expect(out).toContain('Commands of Reactune on Jazz Club:');
  expect(namesOf(registered(club.id))).toEqual(declared);
  expect([registered(), registered(other.id)]).toEqual([[], []]);
  writes();
  expect((await deploy('--guild', club.id)).out).toContain('Nothing to do.');
  expect(writes()).toEqual([]);
});

test('changes exactly what differs, says what, and takes away what is gone', async () => {
  await deploy();
  change('status', { description: 'Old words', name_localizations: { de: 'stand', fr: 'statut' } });
  wasRegistered({ name: 'quiz' });
  writes();

  const { out } = await deploy();
  expect(out).toContain('  ~ /status\n      description: "Old words" → ');
  expect(out).toContain('translated names: {"de":"stand","fr":"statut"} → {"de":"status"}');
  expect(out).toContain('  - /quiz\n');
  expect(out).toContain(`  = ${declared.length - 1} unchanged`);
  expect(out).toContain('Done: 0 added, 1 changed, 1 removed.');
  expect(writes().map(({ method }) => method)).toEqual(['DELETE', 'PATCH']);
  expect(namesOf(registered())).toEqual(declared);
  expect((await deploy()).out).toContain('Nothing to do.');
});

test('a dry run shows the same and changes nothing', async () => {
  wasRegistered({ name: 'quiz' });
  const { code, out } = await deploy('--dry-run');
  expect(code).toBe(0);
  expect(out).toContain('  + /playlist');
  expect(out).toContain('  - /quiz');
  expect(out).toContain('Nothing was changed (--dry-run).');
  expect(writes()).toEqual([]);
  expect(namesOf(registered())).toEqual(['quiz']);
});

test('commands of other types stay as they are', async () => {
  wasRegistered({ name: 'launch', type: ApplicationCommandType.PrimaryEntryPoint, description: '' });
  wasRegistered({ name: 'status', type: ApplicationCommandType.User, description: '' });
  const before = registered();
  await deploy();
  await deploy('--remove');
  expect(registered()).toEqual(before);
});

test('--remove takes its slash commands away from a server and leaves the ones for all', async () => {
  const club = discord.guild('Jazz Club');
  await deploy();
  await deploy('--guild', club.id);
  const { code, out } = await deploy('--guild', club.id, '--remove');
  expect(code).toBe(0);
  expect(out).toContain('  - /playlist');
  expect(registered(club.id)).toEqual([]);
  expect(namesOf(registered())).toEqual(declared);
});

test('what a broken-off run has left to do, the next one does', async () => {
  discord.faults.refuseNext('POST', RESTJSONErrorCodes.MaximumDailyApplicationCommandCreatesReached);
  const { code, err } = await deploy();
  expect(code).toBe(1);
  expect(err).toBe(
    'Discord takes no more new commands today (200 a day and place): run this again tomorrow: it goes on with what is missing.\n',
  );
  expect((await deploy()).out).toContain(`Done: ${declared.length} added`);
});

test('a wait of a day is told instead of waited for', async () => {
  discord.faults.limitNext('POST', 86_400);
  const { code, err } = await deploy();
  expect(code).toBe(1);
  expect(err).toMatch(/^Discord asks to wait 144\d minutes .*run this again then/);
});

test('the built program does the same', async () => {
  const run = promisify(execFile);
  const env = { ...process.env, ...settingsFor(discord) };
  const { stdout } = await run(process.execPath, [builtEntry('cli'), 'deploy-commands'], { env });
  expect(stdout).toContain(`Done: ${declared.length} added, 0 changed, 0 removed.`);
  expect(namesOf(registered())).toEqual(declared);
});

test('without a token it says where one comes from', async () => {
  const { code, err } = await runCommand(deployCommandsCommand(), [], { DISCORD_TOKEN: '' });
  expect({ code, err }).toEqual({
    code: 1,
    err: 'There is no DISCORD_TOKEN: put the token of your bot into .env. docs/discord.md shows where it comes from.\n',
  });
});

test('a token that Discord does not know is said to be so, and not shown', async () => {
  const token = 'MTA0MDAwMDAwMDAwMDAwMDAwMA.Gwrong.another-token-than-the-one-in-the-test';
  const { code, err } = await runCommand(
    deployCommandsCommand(),
    [],
    settingsFor({ api: discord.api, token }),
  );
  expect(code).toBe(1);
  expect(err).toMatch(/^Discord does not know this DISCORD_TOKEN: make a new one/);
  expect(err).not.toContain(token);
});

test('a server that the bot is not on is told, with those it is on', async () => {
  const club = discord.guild('Jazz Club');
  const stranger = discord.guild({ name: 'Strangers', joined: false });
  const { code, err } = await deploy('--guild', stranger.id);
  expect(code).toBe(1);
  expect(err).toBe(
    `The bot is on no server with the id ${stranger.id}. It is on these:\n  ${club.id}  Jazz Club\n`,
  );
  expect(writes()).toEqual([]);
});

test('on no server yet, it points to the invite link', async () => {
  const { err } = await deploy('--guild', '123456789012345678');
  expect(err).toContain('invite it first (npm run reactune -- doctor shows the link)');
});

test('what is no id is told before anybody is asked', async () => {
  const { code, err } = await deploy('--guild', 'jazz');
  expect(code).toBe(1);
  expect(err).toContain('Copy Server ID');
  expect(discord.requests).toEqual([]);
});

test('an invitation without applications.commands is told, with the link that has it', async () => {
  const club = discord.guild('Jazz Club');
  discord.faults.refuseNext('/guilds/{guild_id}/commands', RESTJSONErrorCodes.MissingAccess);
  const { code, err } = await deploy('--guild', club.id);
  expect(code).toBe(1);
  expect(err).toContain('without the scope applications.commands');
  expect(err).toContain(`client_id=${discord.world.applicationId}&scope=bot+applications.commands`);
});

test('a Discord that cannot be reached, has trouble or is none is told apart', async () => {
  const url = await closedPort();
  const at = (api: string) =>
    runCommand(deployCommandsCommand(), [], settingsFor({ api, token: discord.token }));
  expect((await at(url)).err).toMatch(/^127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/);
  discord.faults.failNext(undefined, 503, 9);
  expect((await deploy()).err).toMatch(/^Discord has trouble \(status 503\): see discordstatus\.com/);
  expect((await at(await someWebSite())).err).toMatch(
    /does not answer as Discord does: correct DISCORD_API_URL/,
  );
});

/** The address of nobody. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/api`;
}

async function someWebSite(): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
}
