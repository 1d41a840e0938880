import { describe, expect, it } from 'vitest';
import type { Person } from './people/person.ts';
import type { Workspace } from './people/workspace.ts';
import type { Slack } from './slack.ts';
import { acme, call } from './strict.ts';
import { METHODS } from './web-api/server.ts';
import type { Message, Payload } from './world.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const MODAL = { type: 'modal', title: plain('t'), blocks: [{ type: 'divider' }] };

/** What every call finds: a message of the bot with a reaction, and somebody who clicked something. */
interface Stage {
  readonly slack: Slack;
  readonly ws: Workspace;
  readonly ana: Person;
  readonly message: Message;
  readonly trigger: () => string;
}

async function stage(): Promise<Stage> {
  const { slack, ws, ana } = await acme({}, [
    ...'app_mentions:read channels:history channels:join channels:read chat:write commands emoji:read'.split(
      ' ',
    ),
    ...'files:read files:write groups:read groups:history im:history im:read im:write mpim:history mpim:read'.split(
      ' ',
    ),
    ...'reactions:read reactions:write team:read usergroups:read users:read'.split(' '),
  ]);
  ws.userGroup('dj', [ana]);
  ws.addsEmoji('parrot');
  const posted = await call(slack, ws.token, 'chat.postMessage', {
    channel: ws.channel('music').id,
    text: 'hi',
  });
  const message = slack.message(ws.channel('music').id, String(posted.ts))!;
  ana.reacts(message, 'zap');
  return { slack, ws, ana, message, trigger: () => slack.triggerFor(ana) };
}

type Case = readonly [args: (stage: Stage) => Payload, answer: (stage: Stage) => Payload];

const cases: Readonly<Record<string, Case>> = {
  'auth.test': [() => ({}), ({ ws }) => ({ team_id: ws.id, user_id: ws.bot.id, bot_id: ws.bot.botId })],
  'auth.teams.list': [() => ({}), ({ ws }) => ({ teams: [{ id: ws.id }] })],
  'auth.revoke': [() => ({ test: true }), () => ({ revoked: false })],
  'apps.connections.open': [() => ({}), () => ({ url: expect.stringMatching(/^ws:/) })],
  'apps.uninstall': [
    ({ slack: { app } }) => ({ client_id: app.clientId, client_secret: app.clientSecret }),
    () => ({}),
  ],
  'oauth.v2.access': [
    ({ slack: { app } }) => ({ client_id: app.clientId, client_secret: app.clientSecret, code: 'none' }),
    () => ({ ok: false, error: 'invalid_code' }),
  ],
  'chat.postMessage': [
    ({ ana }) => ({ channel: ana.id, text: 'psst' }),
    ({ ana }) => ({ channel: ana.direct().id }),
  ],
  'chat.postEphemeral': [
    ({ message, ana }) => ({ channel: message.channel.id, user: ana.id, text: 'psst' }),
    () => ({ message_ts: expect.any(String) }),
  ],
  'chat.update': [
    ({ message }) => ({ channel: message.channel.id, ts: message.ts, text: 'ho' }),
    () => ({ text: 'ho' }),
  ],
  'chat.delete': [({ message }) => ({ channel: message.channel.id, ts: message.ts }), () => ({})],
  'chat.getPermalink': [
    ({ message }) => ({ channel: message.channel.id, message_ts: message.ts }),
    () => ({ permalink: expect.stringContaining('acme.slack.com/archives/C') }),
  ],
  'reactions.add': [
    ({ message }) => ({ channel: message.channel.id, timestamp: message.ts, name: 'cry' }),
    () => ({}),
  ],
  'reactions.remove': [
    ({ message }) => ({ channel: message.channel.id, timestamp: message.ts, name: 'zap' }),
    () => ({ ok: false, error: 'no_reaction' }),
  ],
  'reactions.get': [
    ({ message }) => ({ channel: message.channel.id, timestamp: message.ts }),
    ({ ana }) => ({ message: { reactions: [{ name: 'zap', users: [ana.id], count: 1 }] } }),
  ],
  'reactions.list': [
    ({ ana }) => ({ user: ana.id }),
    ({ message }) => ({ items: [{ message: { ts: message.ts } }] }),
  ],
  'conversations.info': [
    ({ message }) => ({ channel: message.channel.id, include_num_members: true }),
    () => ({ channel: { name: 'music', is_member: true, num_members: 2 } }),
  ],
  'conversations.list': [
    () => ({ types: 'public_channel,private_channel', exclude_archived: true }),
    () => ({ channels: [{ name: 'music' }, { name: 'open' }] }),
  ],
  'users.conversations': [() => ({}), () => ({ channels: [{ name: 'music' }, { name: 'old' }] })],
  'conversations.join': [
    ({ ws }) => ({ channel: ws.channel('open').id }),
    () => ({ channel: { is_member: true } }),
  ],
  'conversations.members': [
    ({ message }) => ({ channel: message.channel.id }),
    ({ ws, ana }) => ({ members: expect.arrayContaining([ana.id, ws.bot.id]) }),
  ],
  'conversations.open': [
    ({ ana }) => ({ users: ana.id, return_im: true }),
    ({ ana }) => ({ channel: { id: ana.direct().id, user: ana.id, is_im: true } }),
  ],
  'conversations.history': [
    ({ message }) => ({ channel: message.channel.id, limit: 1 }),
    () => ({ messages: [{ text: 'hi' }] }),
  ],
  'conversations.replies': [
    ({ message }) => ({ channel: message.channel.id, ts: message.ts }),
    () => ({ messages: [{ text: 'hi' }] }),
  ],
  'users.info': [
    ({ ana }) => ({ user: ana.id, include_locale: true }),
    () => ({ user: { name: 'ana', locale: 'en-US' } }),
  ],
  'users.list': [
    () => ({ limit: 200 }),
    ({ ana }) => ({ members: expect.arrayContaining([expect.objectContaining({ id: ana.id })]) }),
  ],
  'bots.info': [({ ws }) => ({ bot: ws.bot.botId }), ({ ws }) => ({ bot: { user_id: ws.bot.id } })],
  'team.info': [() => ({}), () => ({ team: { name: 'Acme', domain: 'acme' } })],
  'emoji.list': [() => ({}), () => ({ emoji: { parrot: expect.stringContaining('parrot') } })],
  'usergroups.list': [
    () => ({ include_users: true }),
    ({ ana }) => ({ usergroups: [{ handle: 'dj', users: [ana.id] }] }),
  ],
  'usergroups.users.list': [
    ({ ws }) => ({ usergroup: [...ws.team.groups.keys()][0] }),
    ({ ana }) => ({ users: [ana.id] }),
  ],
  'files.getUploadURLExternal': [
    () => ({ filename: 'a.mp3', length: 3 }),
    () => ({ upload_url: expect.any(String) }),
  ],
  'files.completeUploadExternal': [
    () => ({ files: [{ id: 'F0NEVERSENT' }] }),
    () => ({ ok: false, error: 'file_not_found' }),
  ],
  'files.info': [() => ({ file: 'F0NEVERSENT' }), () => ({ ok: false, error: 'file_not_found' })],
  'views.open': [
    ({ trigger }) => ({ trigger_id: trigger(), view: MODAL }),
    () => ({ view: { type: 'modal' } }),
  ],
  'views.push': [
    ({ trigger }) => ({ trigger_id: trigger(), view: MODAL }),
    () => ({ view: { type: 'modal' } }),
  ],
  'views.update': [() => ({ view_id: 'V0NONE', view: MODAL }), () => ({ ok: false, error: 'not_found' })],
  'views.publish': [
    ({ ana }) => ({ user_id: ana.id, view: { type: 'home', blocks: [] } }),
    () => ({ view: { type: 'home' } }),
  ],
};

describe('every method', () => {
  it.each(Object.keys(METHODS))('%s', async (name) => {
    const on = await stage();
    const [args, answer] = cases[name]!;
    const token = METHODS[name]!.token === 'app' ? on.slack.app.appToken : on.ws.token;
    expect(await call(on.slack, token, name, args(on))).toMatchObject({ ok: true, ...answer(on) });
  });

  it('stacks three modals and no more, and tells of dead tokens', async () => {
    const { slack, ws, ana, trigger } = await stage();
    await call(slack, ws.token, 'views.open', { trigger_id: trigger(), view: MODAL });
    const push = () => call(slack, ws.token, 'views.push', { trigger_id: trigger(), view: MODAL });
    expect([(await push()).ok, (await push()).ok, (await push()).error]).toEqual([
      true,
      true,
      'push_limit_reached',
    ]);
    expect(ana.modal?.view.previousId).toBeDefined();
    const { token } = ws;
    expect(await call(slack, token, 'auth.revoke')).toMatchObject({ revoked: true });
    expect(slack.latest('tokens_revoked').payload).toMatchObject({
      event: { tokens: { bot: [expect.any(String)] } },
    });
    expect(await call(slack, token, 'auth.test')).toMatchObject({ error: 'token_revoked' });
  });
});
