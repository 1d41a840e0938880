import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../../commands/index.ts';
import type { CommandDeclaration } from '../../../src/chat/declaration.ts';
import { manifestProblems, type SlackManifest, slackManifest } from '../../../src/chat/slack/manifest.ts';
import { NEEDED_SCOPES } from '../../../src/chat/slack/scopes.ts';
import { PACKAGE_ROOT } from '../../../src/paths.ts';
import { boltOverSockets, slackFor } from '../../support/slack/bolt.ts';

const socket = slackManifest(commands, { prefix: '' });
const prefixed = slackManifest(commands, { prefix: 'reactune-' });
const publicUrl = 'https://example.org/bot';
const http = slackManifest(commands, { prefix: '', publicUrl });

const commandsOf = ({ features }: SlackManifest) => features?.slash_commands ?? [];
const named = (manifest: SlackManifest, command: string) =>
  commandsOf(manifest).find((one) => one.command === command);

describe("the app's manifest", () => {
  test('has every declared command with what it takes, and no other', () => {
    expect(commandsOf(prefixed).map(({ command }) => command)).toEqual(
      commands.map(({ name }) => `/reactune-${name}`),
    );
    for (const { name, description, options } of commands) {
      const command = named(prefixed, `/reactune-${name}`);
      expect(command?.description.startsWith(description)).toBe(true);
      const hint = command?.usage_hint ?? '';
      expect(hint === '').toBe(options.length === 0);
      const first = options[0];
      for (const option of options) {
        const isPlain = option === first && !hint.includes(`${option.name}:`);
        expect(isPlain || hint.includes(`[${option.name}:`)).toBe(true);
      }
      expect(hint.match(/[<[]/g) ?? []).toHaveLength(options.length);
    }
  });

  test.each([
    ['/playlist', '[emotion] [to:emotion] [songs:1-50] [adventure:0-1] [spotify:on|off] [and:emotion]'],
    ['/my-data', '<export|delete>'],
    ['/song', '<song>'],
    ['/emotions', undefined],
  ])('hints at what %s takes', (command, hint) => {
    expect(named(socket, command)?.usage_hint).toBe(hint);
  });

  test('says which commands are for moderators', () => {
    for (const { name, moderatorsOnly = false } of commands)
      expect(named(prefixed, `/reactune-${name}`)?.description.endsWith(' (moderators)')).toBe(
        moderatorsOnly,
      );
  });

  test('leaves Slack the names that are its own: they go through one command for all', () => {
    expect(named(socket, '/status')).toBeUndefined();
    expect(named(socket, '/reactune')?.usage_hint).toMatch(/^status\|playlist\|/);
    expect(commandsOf(socket)).toHaveLength(commands.length);
    const free = commands.filter(({ name }) => name !== 'status');
    expect(named(slackManifest(free, { prefix: '' }), '/reactune')).toBeUndefined();
  });

  test('follows the commands: another one, or another option, changes it', () => {
    const tea: CommandDeclaration = {
      name: 'tea',
      description: 'Makes tea',
      options: [{ type: 'boolean', name: 'milk', description: 'With milk' }],
    };
    const manifest = slackManifest([...commands, tea], { prefix: '' });
    expect(named(manifest, '/tea')).toMatchObject({ description: 'Makes tea', usage_hint: '[milk:on|off]' });
  });

  test('keeps within what Slack takes, in every form', () => {
    for (const manifest of [socket, prefixed, http]) expect(manifestProblems(manifest)).toEqual([]);
  });

  test('asks for the scopes that are explained, and for none that reads what people write to each other', () => {
    const scopes = socket.oauth_config?.scopes?.bot ?? [];
    expect(scopes).toEqual(NEEDED_SCOPES.map(({ name }) => name));
    expect(scopes).toEqual([...new Set(scopes)].sort());
    const history = scopes.filter((scope) => scope.endsWith(':history'));
    // Only what is written to the bot itself.
    expect(history).toEqual(['im:history']);
  });

  test('subscribes to what the adapter follows', () => {
    const subscribed = socket.settings?.event_subscriptions?.bot_events ?? [];
    const folder = path.join(PACKAGE_ROOT, 'src/chat/slack');
    const sources = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'));
    for (const [, event] of sources.join('\n').matchAll(/\.event\('([a-z_.]+)'/g))
      expect(subscribed.some((one) => one === event || one.startsWith(`${event}.`))).toBe(true);
  });

  test('is for Socket Mode without an address, else for HTTP with its addresses', () => {
    expect(JSON.stringify(socket)).not.toContain('https://');
    expect(socket.settings).toMatchObject({ socket_mode_enabled: true, org_deploy_enabled: false });
    const events = `${publicUrl}/slack/events`;
    expect(http.settings).toMatchObject({
      socket_mode_enabled: false,
      org_deploy_enabled: true,
      event_subscriptions: { request_url: events },
      interactivity: { is_enabled: true, request_url: events },
    });
    expect(http.oauth_config?.redirect_urls).toEqual([`${publicUrl}/slack/oauth_redirect`]);
    expect(new Set(commandsOf(http).map(({ url }) => url))).toEqual(new Set([events]));
  });

  test.each<[string, () => unknown, string]>([
    [
      'a prefix that makes a command too long',
      () => slackManifest(commands, { prefix: 'x'.repeat(31) }),
      'must be a slash and 1 to 31',
    ],
    [
      "a prefix that makes a name of Slack's own",
      () => slackManifest([{ name: 'us', description: 'd', options: [] }], { prefix: 'stat' }),
      "/status is Slack's own: choose another prefix",
    ],
    [
      'an address without https',
      () => slackManifest(commands, { prefix: '', publicUrl: 'http://a.b' }),
      'https://',
    ],
    [
      'more than fifty commands',
      () =>
        slackManifest(
          Array.from({ length: 51 }, (_, n) => ({ name: `c${n}`, description: 'd', options: [] })),
          { prefix: '' },
        ),
      'more than 50 commands',
    ],
  ])('is not made with %s', (_, make, problem) => {
    expect(make).toThrow(problem);
  });

  test('what Slack would refuse is named', () => {
    const problems = manifestProblems({
      ...socket,
      display_information: { name: 'n'.repeat(36), description: 'd'.repeat(141) },
      features: { bot_user: { display_name: 'Réactune' } },
    });
    expect(problems).toHaveLength(3);
  });
});

test('an app made from it can do its work in Slack', async () => {
  const slack = await slackFor({ app: { manifest: socket } });
  const ws = slack.workspace({ channels: ['music'] });
  const ana = ws.member('ana');
  const music = ws.channel('music');
  const heard: string[] = [];
  const bolt = await boltOverSockets(slack, ws.token, (app) => {
    app.command(/^\//, async ({ ack, command }) => {
      await ack();
      heard.push(`${command.command} ${command.text}`);
    });
    app.event('reaction_added', async ({ event }) => void heard.push(event.reaction));
    app.event('app_mention', async () => void heard.push('mention'));
    app.event('app_home_opened', async () => void heard.push('home'));
    app.event('message', async () => void heard.push('message'));
  });
  await slack.connected();
  const { ts } = await bolt.client.chat.postMessage({ channel: music.id, text: 'react!' });
  await bolt.client.reactions.add({ channel: music.id, timestamp: ts!, name: 'zap' });
  const post = slack.message(music.id, ts!)!;
  ana.reacts(post, 'cry');
  ana.says(music, 'not for the bot');
  await ana.types('/playlist', 'calm', music);
  await ana.types('/reactune', 'status', music);
  await slack.deliveries.settled();
  expect(heard.sort()).toEqual(['/playlist calm', '/reactune status', 'cry']);
  await expect(ana.types('/status', '', music)).rejects.toThrow('/status is not a valid command');
  for (const method of ['team.info', 'emoji.list', 'usergroups.list', 'users.list', 'users.conversations'])
    expect(await bolt.client.apiCall(method)).toMatchObject({ ok: true });
});
