import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Installation } from '@slack/bolt';
import { pino } from 'pino';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { slackManifest } from '../../src/chat/slack/manifest.ts';
import { SCOPE_NAMES } from '../../src/chat/slack/scopes.ts';
import type { Finding } from '../../src/cli/doctor/check.ts';
import { slackCheck } from '../../src/cli/doctor/slack.ts';
import { doctorCommand } from '../../src/cli/doctor.ts';
import { readConfig } from '../../src/config.ts';
import { lockState } from '../../src/durable/index.ts';
import { createInstallations } from '../../src/installations/installations.ts';
import { defaultSettings } from '../../src/labelling/settings.ts';
import { keyFileIn } from '../../src/secrets/key-file.ts';
import { openSecrets } from '../../src/secrets/secrets.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import { testFolder } from '../durable/lines.ts';
import { slackFor } from '../support/slack/bolt.ts';
import type { Workspace } from '../support/slack/people/workspace.ts';
import type { Slack } from '../support/slack/slack.ts';
import { runCommand } from './shell.ts';

let slack: Slack;
let stateDir: string;
beforeEach(async () => {
  slack = await slackFor({ app: { manifest: slackManifest(commands, { prefix: '' }) } });
  stateDir = await testFolder();
});

type Env = Record<string, string>;
const common = (): Env => ({ SLACK_API_URL: slack.api, STATE_DIR: stateDir, ROOM: 'off' });
const socket = (ws: Workspace): Env => ({
  ...common(),
  SLACK_BOT_TOKEN: ws.token,
  SLACK_APP_TOKEN: slack.app.appToken,
});
const oauth = (PUBLIC_URL = 'http://127.0.0.1:9'): Env => ({
  ...common(),
  SLACK_SIGNING_SECRET: slack.app.signingSecret,
  SLACK_CLIENT_ID: slack.app.clientId,
  SLACK_CLIENT_SECRET: slack.app.clientSecret,
  PUBLIC_URL,
});

/** What the doctor says, one line for each finding. No line ever holds a secret. */
async function look(env: Env): Promise<readonly string[]> {
  const findings: Finding[] = [];
  for await (const finding of slackCheck.run(readConfig(env))) findings.push(finding);
  const lines = findings.map(
    ({ mark, text, fix }) => `${mark}: ${text}${fix === undefined ? '' : ` → ${fix}`}`,
  );
  const secrets = [slack.app.appToken, slack.app.signingSecret, slack.app.clientSecret];
  for (const secret of [
    ...secrets,
    ...slack.world.installations.keys(),
    ...Object.values(env).filter((one) => /^x/.test(one)),
  ])
    expect(lines.join('\n')).not.toContain(secret);
  return lines;
}
const wrongOf = (lines: readonly string[]) => lines.filter((line) => line.startsWith('wrong'));

/** The store of a bot that runs. */
async function openStore() {
  const store = await openLowdbStore({
    dir: path.join(stateDir, 'store'),
    log: pino({ level: 'silent' }),
    now: Date.now,
  });
  onTestFinished(() => store.close());
  return {
    store,
    chooses: ({ id, team }: Workspace, channel: string) =>
      store.saveCommunity({
        id: `slack:${id}`,
        platform: 'slack',
        name: team.name,
        settings: { ...defaultSettings(), channel },
      }),
    async installs(...workspaces: readonly Workspace[]) {
      const sealed = (await store.installations()).map((one) => one.sealed);
      const secrets = await openSecrets({ stateDir, keys: [], sealed });
      const installations = createInstallations({ store, secrets, now: Date.now });
      for (const { id, team, token, bot } of workspaces) {
        await installations.store({
          team: { id, name: team.name },
          enterprise: undefined,
          user: { id: 'UANA', token: undefined, scopes: undefined },
          bot: { token, scopes: [], id: 'B1', userId: bot.id },
          isEnterpriseInstall: false,
        } as Installation<'v2', false>);
      }
    },
  };
}

describe('the doctor on Slack', () => {
  test('says that it is off without tokens', async () => {
    expect(await look(common())).toEqual([
      'note: off: there are no tokens → docs/slack.md shows how to set it up in ten minutes',
    ]);
  });

  test('finds all well with a bot that is set up, also while it is running', async () => {
    const ws = slack.workspace({ name: 'Jazz Club', channels: ['music'] });
    const lock = await lockState(stateDir);
    onTestFinished(() => lock.release());
    await (await openStore()).chooses(ws, ws.channel('music').id);
    const env = { ...socket(ws), TFJS_BACKEND: 'cpu' };
    const lines = await look(env);
    expect(wrongOf(lines)).toEqual([]);
    expect(lines).toEqual([
      'fine: Mode: Socket Mode, for one workspace, without a public address',
      expect.stringMatching(/^fine: SLACK_APP_TOKEN: valid, may open connections/),
      `fine: Workspace Jazz Club (${ws.id}): SLACK_BOT_TOKEN is valid, of the bot ${ws.bot.name}`,
      `fine: Workspace Jazz Club: all ${SCOPE_NAMES.length} scopes are granted`,
      'fine: Workspace Jazz Club, #music: the bot is in it',
      expect.stringMatching(/^note: Commands: .*paste the manifest again/),
    ]);
    const { out, code } = await runCommand(doctorCommand(), [], env);
    expect(out).toContain('\nSlack\n  ✓ Mode: Socket Mode');
    expect(code).toBe(0);
  });

  test('only looks: opens no connection and changes nothing', async () => {
    const ws = slack.workspace({ channels: ['music'] });
    await (await openStore()).chooses(ws, ws.channel('music').id);
    await look(socket(ws));
    expect(Object.keys(slack.counts()).sort()).toEqual([
      'apps.connections.open',
      'auth.test',
      'conversations.info',
    ]);
    expect(slack.sockets.connections).toHaveLength(0);
  });

  test.each<[string, RegExp, (slack: Slack) => void]>([
    [
      'not known',
      /SLACK_APP_TOKEN → .*connections:write/,
      (s) => s.failNext('apps.connections.open', 'invalid_auth'),
    ],
    [
      'without its scope',
      /lacks the scope connections:write → /,
      (s) => s.failNext('apps.connections.open', 'missing_scope'),
    ],
    [
      'of an app without Socket Mode',
      /Socket Mode is switched off .* → .*Enable/,
      (s) => (s.app.socketMode = false),
    ],
  ])('says what is wrong with an app-level token that is %s', async (_, expected, given) => {
    const ws = slack.workspace();
    given(slack);
    const lines = wrongOf(await look(socket(ws)));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(expected);
  });

  test.each<[string, string, RegExp]>([
    ['unknown', 'invalid_auth', /Slack does not know SLACK_BOT_TOKEN → install the app/],
    ['revoked', 'token_revoked', /SLACK_BOT_TOKEN was revoked.* → install the app/],
    ['removed', 'account_inactive', /the app was removed from the workspace → install the app/],
    ['expired', 'token_expired', /has expired → token rotation is on/],
    ['something new', 'not_thought_of', /Slack refused \(not_thought_of\)/],
  ])('says what is wrong with a bot token: %s', async (_, code, expected) => {
    const ws = slack.workspace();
    slack.failNext('auth.test', code);
    const lines = wrongOf(await look(socket(ws)));
    expect(lines).toEqual([expect.stringMatching(expected)]);
  });

  test('names each scope that is missing, with what it is for', async () => {
    const scopes = SCOPE_NAMES.filter((name) => !['usergroups:read', 'reactions:write'].includes(name));
    const ws = slack.workspace({ scopes });
    const lines = wrongOf(await look(socket(ws)));
    expect(lines).toEqual([
      expect.stringMatching(
        /the scope reactions:write is missing \(the emojis under a snippet\) → paste the manifest/,
      ),
      expect.stringMatching(/the scope usergroups:read is missing \(user groups whose members moderate\) → /),
    ]);
  });

  test('looks at the chosen channel', async () => {
    const ws = slack.workspace({
      name: 'Jazz Club',
      channels: [
        'in',
        { name: 'out', bot: false },
        { name: 'old', archived: true },
        { name: 'secret', private: true, bot: false },
        { name: 'den', private: true },
      ],
    });
    const { chooses } = await openStore();
    const about = async (channel: string) => {
      await chooses(ws, channel);
      return (await look(socket(ws))).find(
        (line) => line.includes('Jazz Club, #') || line.includes('chosen'),
      );
    };
    const idOf = (name: string) => ws.channel(name).id;
    expect((await look(socket(ws))).join('\n')).toContain(
      'no channel chosen yet → a moderator sends /settings',
    );
    expect(await about(idOf('in'))).toBe('fine: Workspace Jazz Club, #in: the bot is in it');
    expect(await about(idOf('den'))).toBe('fine: Workspace Jazz Club, #den: the bot is in it');
    expect(await about(idOf('out'))).toMatch(/^note: .*#out: the bot is not in it yet; it joins by itself/);
    expect(await about(idOf('old'))).toMatch(/^wrong: .*#old: the channel is archived → unarchive it/);
    expect(await about(idOf('secret'))).toMatch(
      /^wrong: .*is a private one that the bot is not in → invite it/,
    );
    expect(await about('C0GONE')).toMatch(/^wrong: .*\(C0GONE\) is gone/);
  });

  test('says what has no say', async () => {
    const ws = slack.workspace();
    const lines = await look({ ...oauth(), ...socket(ws) });
    expect(lines).toContain(
      'note: Not used in this mode: SLACK_SIGNING_SECRET, SLACK_CLIENT_ID, SLACK_CLIENT_SECRET',
    );
  });
});

describe('the doctor on Slack over HTTP', () => {
  test('looks at every installation with the key that it is encrypted with', async () => {
    const one = slack.workspace({ name: 'One', channels: ['music'] });
    const two = slack.workspace({ name: 'Two', channels: [{ name: 'old', archived: true }] });
    const { installs, chooses } = await openStore();
    await installs(one, two);
    await chooses(one, one.channel('music').id);
    await chooses(two, two.channel('old').id);
    const lines = await look(oauth());
    expect(lines).toContain('fine: Installations: in 2 workspaces, encrypted with a key that is here');
    expect(lines).toContain('fine: Workspace One, #music: the bot is in it');
    expect(wrongOf(lines)).toEqual([expect.stringContaining('Workspace Two, #old: the channel is archived')]);
  });

  test('sums up many, and names the broken ones', async () => {
    const workspaces = Array.from({ length: 12 }, (_, n) =>
      slack.workspace({ name: `W${n}`, channels: ['music'] }),
    );
    const { installs, chooses } = await openStore();
    await installs(...workspaces);
    for (const ws of workspaces.slice(1)) await chooses(ws, ws.channel('music').id);
    const { token } = workspaces[5];
    slack.revokes(token);
    const lines = await look(oauth());
    expect(lines).toContain('fine: 10 workspaces: the bot may do all it needs in the chosen channel');
    expect(lines.find((line) => line.startsWith('note: 1 workspaces'))).toBeDefined();
    expect(wrongOf(lines)).toEqual([
      `wrong: the token from ${workspaces[5].id} was revoked, or the app was removed from the workspace → have the workspace install the app again`,
    ]);
  });

  test('says when the key is missing, and when there is no installation yet', async () => {
    expect(await look(oauth())).toContain(
      'note: Installations: none yet → open the address above and install it',
    );
    await (await openStore()).installs(slack.workspace());
    await rm(keyFileIn(stateDir));
    expect(wrongOf(await look(oauth()))).toEqual([
      expect.stringMatching(/Installations: Secrets in the store were encrypted with a key that is not here/),
    ]);
  });

  test('tries the public address', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/health') response.writeHead(200).end('{"status":"ok"}');
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await look(oauth(url))).toContain(`fine: PUBLIC_URL: ${url} leads to the bot`);
    const elsewhere = (await look(oauth(`${url}/bot`))).find((line) => line.includes('PUBLIC_URL'));
    expect(elsewhere).toMatch(/^note: .*something else answers .*\(status 404\) → start the bot/);
    const nobody = (await look(oauth('http://127.0.0.1:9'))).find((line) => line.includes('PUBLIC_URL'));
    expect(nobody).toMatch(/^note: .*does not answer from here/);
  });

  test('is for one workspace with a bot token', async () => {
    const ws = slack.workspace({ name: 'Jazz Club' });
    const lines = await look({
      ...common(),
      SLACK_SIGNING_SECRET: slack.app.signingSecret,
      SLACK_BOT_TOKEN: ws.token,
    });
    expect(lines.slice(0, 4)).toEqual([
      'fine: Mode: HTTP, for one workspace',
      expect.stringMatching(/^fine: SLACK_SIGNING_SECRET: set/),
      expect.stringMatching(/^note: PUBLIC_URL: not set/),
      expect.stringMatching(/^fine: Workspace Jazz Club .*SLACK_BOT_TOKEN is valid/),
    ]);
  });
});

describe('when it is not Slack that answers', () => {
  test('an address where nobody is', async () => {
    const ws = slack.workspace();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const lines = wrongOf(await look({ ...socket(ws), SLACK_API_URL: `http://127.0.0.1:${port}/api/` }));
    expect(lines).toHaveLength(2);
    for (const line of lines)
      expect(line).toMatch(/127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\) → .*SLACK_API_URL/);
  });

  test.each([
    ['a page', 200, '<html>Welcome</html>'],
    ['something else in JSON', 200, '{"hello":"world"}'],
    ['nothing', 404, 'not found'],
  ])('an address where %s is', async (_, status, body) => {
    const server = createServer((_request, response) => void response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const ws = slack.workspace();
    const SLACK_API_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
    const lines = wrongOf(await look({ ...socket(ws), SLACK_API_URL }));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/does not answer as Slack does → correct SLACK_API_URL/);
  });

  test.each<[string, RegExp, (slack: Slack) => void]>([
    ['trouble', /Slack has trouble \(status 503\)/, (s) => s.failNext('auth.test', 503, { times: 2 })],
    ['a limit', /Slack asks to wait.* → run this again in 30 seconds/, (s) => s.limitNext('auth.test', 30)],
  ])('%s of Slack is told as such', async (_, expected, given) => {
    const ws = slack.workspace();
    given(slack);
    expect(wrongOf(await look(socket(ws)))).toEqual([expect.stringMatching(expected)]);
  });
});
