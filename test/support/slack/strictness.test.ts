import { describe, expect, it } from 'vitest';
import type { Workspace } from './people/workspace.ts';
import { Reference } from './reference.ts';
import { acme, call } from './strict.ts';
import { METHODS } from './web-api/server.ts';
import type { Payload } from './world.ts';

const reference = Reference.open();
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const long = (length: number) => 'x'.repeat(length);

describe('arguments', () => {
  const wrong: readonly [what: string, method: string, args: Payload, error: string][] = [
    ['an unknown method', 'chat.post', {}, 'unknown_method'],
    ['a missing argument', 'reactions.add', { channel: 'C', timestamp: '1.2' }, 'invalid_arguments'],
    ['a wrong type', 'conversations.list', { limit: 'many' }, 'invalid_arguments'],
    ['JSON that is none', 'chat.postMessage', { channel: 'C', blocks: '[{' }, 'invalid_arguments'],
    ['a token of the wrong kind', 'apps.connections.open', {}, 'not_allowed_token_type'],
  ];
  it.skipIf(reference === undefined).each(wrong)('%s is refused', async (_what, method, args, error) => {
    const { slack, ws } = await acme();
    expect(await call(slack, ws.token, method, args)).toMatchObject({ ok: false, error });
    slack.forgives();
  });

  it.skipIf(reference === undefined)('every method is one that Slack has', () => {
    expect(Object.keys(METHODS).filter((name) => reference?.method(name) === undefined)).toEqual([]);
  });

  it.skipIf(reference === undefined)('unknown ones are told when Slack is closed', async () => {
    const { slack, ws } = await acme();
    await call(slack, ws.token, 'chat.postMessage', {
      channel: ws.channel('music').id,
      text: 'hi',
      color: 'red',
    });
    expect(() => slack.check()).toThrow('chat.postMessage knows no argument color');
    expect(slack.forgives()).toHaveLength(1);
  });

  it('come as form or JSON, and a charset is missed', async () => {
    const { slack, ws } = await acme();
    const headers = { Authorization: `Bearer ${ws.token}` };
    const channel = ws.channel('music').id;
    const form = await fetch(`${slack.api}chat.postMessage`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ channel, text: 'hi' }),
    });
    expect(await form.json()).toMatchObject({ ok: true });
    const json = {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ channel, text: 'hi' }),
    };
    expect(await (await fetch(`${slack.api}chat.postMessage`, json)).json()).toMatchObject({
      ok: true,
      warning: 'missing_charset',
    });
    const broken = await fetch(`${slack.api}chat.postMessage`, { ...json, body: '{' });
    expect(await broken.json()).toMatchObject({ error: 'invalid_json' });
    expect(slack.forgives().length).toBeGreaterThan(0);
  });
});

describe('tokens and scopes', () => {
  it('tokens are asked for, known, and alive', async () => {
    const { slack, ws } = await acme();
    expect(await (await fetch(`${slack.api}auth.test`, { method: 'POST' })).json()).toMatchObject({
      error: 'not_authed',
    });
    expect(await call(slack, 'xoxb-nobody', 'auth.test')).toMatchObject({ error: 'invalid_auth' });
    expect(await call(slack, slack.app.appToken, 'apps.connections.open')).toMatchObject({ ok: true });
    const { token } = ws;
    expect(await call(slack, token, 'auth.test')).toMatchObject({ ok: true, user_id: ws.bot.id });
    slack.revokes(token);
    expect(await call(slack, token, 'auth.test')).toMatchObject({ error: 'token_revoked' });
  });

  it.each([
    ['chat.postMessage', { channel: 'C', text: 'hi' }, 'chat:write'],
    ['reactions.add', { channel: 'C', timestamp: '1.2', name: 'zap' }, 'reactions:write'],
    ['users.info', { user: 'U' }, 'users:read'],
    ['conversations.join', { channel: 'C' }, 'channels:join'],
    ['files.getUploadURLExternal', { filename: 'a.mp3', length: 3 }, 'files:write'],
    ['usergroups.list', {}, 'usergroups:read'],
  ])('%s without its scope', async (method, args, needed) => {
    const { slack, ws } = await acme({}, ['commands']);
    expect(await call(slack, ws.token, method, args)).toMatchObject({
      error: 'missing_scope',
      needed,
      provided: 'commands',
    });
  });

  it('listing private channels takes a scope of its own', async () => {
    const { slack, ws } = await acme({}, ['channels:read']);
    expect(
      await call(slack, ws.token, 'conversations.list', { types: 'public_channel,private_channel' }),
    ).toMatchObject({
      error: 'missing_scope',
      needed: 'groups:read',
    });
  });
});

describe('messages', () => {
  const to = (ws: Workspace, name: string) => ({ channel: ws.channel(name).id, text: 'hi' });
  it.each([
    ['from outside', 'open', 'not_in_channel'],
    ['into a private channel from outside', 'hidden', 'channel_not_found'],
    ['into an archive', 'old', 'is_archived'],
  ])('%s are refused', async (_what, name, error) => {
    const { slack, ws } = await acme();
    expect(await call(slack, ws.token, 'chat.postMessage', to(ws, name))).toMatchObject({ error });
  });

  it('need words or blocks, are cut at 40,000 characters, and edited with 4,000', async () => {
    const { slack, ws } = await acme();
    const { channel } = to(ws, 'music');
    const post = (args: Payload) => call(slack, ws.token, 'chat.postMessage', { channel, ...args });
    expect(await post({})).toMatchObject({ error: 'no_text' });
    const posted = await post({ text: long(40_001) });
    expect(posted).toMatchObject({ ok: true, warning: 'message_truncated' });
    expect(
      await call(slack, ws.token, 'chat.update', { channel, ts: posted.ts, text: long(4001) }),
    ).toMatchObject({ error: 'msg_too_long' });
    expect(await post({ blocks: [section('no words for a notification')] })).toMatchObject({
      warning: 'missing_text_in_message',
    });
    slack.forgives();
  });

  it('keep their blocks over an edit that does not mention them', async () => {
    const { slack, ws, ana } = await acme();
    const { channel } = to(ws, 'music');
    const { ts } = await call(slack, ws.token, 'chat.postMessage', {
      channel,
      text: 'one',
      blocks: [section('block')],
    });
    await call(slack, ws.token, 'chat.update', { channel, ts, text: 'two' });
    expect(ana.sees(ws.channel('music'))[0]).toMatchObject({ text: 'block', fallback: 'two' });
    await call(slack, ws.token, 'chat.update', { channel, ts, text: 'two', blocks: [] });
    expect(ana.sees(ws.channel('music'))[0]!.text).toBe('two');
  });

  it('of others are not changed, nor old ones where a workspace forbids it, nor ephemeral ones', async () => {
    const { slack, ws, ana } = await acme();
    const { channel } = to(ws, 'music');
    const update = (ts: unknown) => call(slack, ws.token, 'chat.update', { channel, ts, text: 'other' });
    const theirs = ana.says(ws.channel('music'), 'mine');
    expect(await update(theirs.ts)).toMatchObject({ error: 'cant_update_message' });
    expect(await call(slack, ws.token, 'chat.delete', { channel, ts: theirs.ts })).toMatchObject({
      error: 'cant_delete_message',
    });
    ws.team.editWindowMs = 60_000;
    const { ts } = await call(slack, ws.token, 'chat.postMessage', to(ws, 'music'));
    slack.advance(60_001);
    expect(await update(ts)).toMatchObject({ error: 'edit_window_closed' });
    const { message_ts } = await call(slack, ws.token, 'chat.postEphemeral', {
      ...to(ws, 'music'),
      user: ana.id,
    });
    expect(await update(message_ts)).toMatchObject({ error: 'message_not_found' });
    ana.reloads();
    expect(ana.sees(ws.channel('music')).some((sight) => sight.private)).toBe(false);
  });

  it('reach a person by their id, but not one who left', async () => {
    const { slack, ws, ana } = await acme();
    const posted = await call(slack, ws.token, 'chat.postMessage', { channel: ana.id, text: 'psst' });
    expect(posted).toMatchObject({ ok: true, channel: ana.direct().id });
    ws.deactivates(ana);
    expect(await call(slack, ws.token, 'chat.postMessage', { channel: ana.id, text: 'psst' })).toMatchObject({
      error: 'channel_not_found',
    });
  });
});

describe('reactions', () => {
  async function withMessage() {
    const { slack, ws, ana } = await acme();
    const message = ana.says(ws.channel('music'), 'react!');
    const react = (name: string, more: Payload = {}) =>
      call(slack, ws.token, 'reactions.add', {
        channel: message.channel.id,
        timestamp: message.ts,
        name,
        ...more,
      });
    return { slack, ws, ana, message, react };
  }

  it('are kept once and under one name', async () => {
    const { react, message, ws } = await withMessage();
    expect(await react('thumbsup')).toEqual({ ok: true });
    expect([...message.reactions.keys()]).toEqual(['+1']);
    expect(await react('+1')).toMatchObject({ error: 'already_reacted' });
    ws.addsEmoji('party-parrot');
    expect(await react('party-parrot')).toEqual({ ok: true });
  });

  it.each([
    ['nothing', {}, 'invalid_name'],
    ['relieved::skin-tone-2', {}, 'invalid_name'],
    ['zap', { timestamp: '1700000000.000001' }, 'message_not_found'],
    ['zap', { timestamp: 'yesterday' }, 'bad_timestamp'],
    ['zap', { channel: 'C0NOWHERE00' }, 'channel_not_found'],
  ])('%s %j', async (name, more, error) => {
    const { react } = await withMessage();
    expect(await react(name, more)).toMatchObject({ error });
  });

  it('are counted: 23 of a person, 50 kinds on a message', async () => {
    const { slack, ws, ana, message, react } = await withMessage();
    const names =
      'zap cry smile angry fearful heart relieved a abc ab 100 1234 8ball abacus abcd anchor ant apple art baby bee bell bike'.split(
        ' ',
      );
    for (const name of names) ana.reacts(message, name);
    expect(() => ana.reacts(message, 'book')).toThrow('too_many_reactions');
    for (const [i, person] of ['ben', 'cleo'].map((name) => ws.member(name)).entries())
      for (let n = 0; n < 15 - i * 3; n += 1) {
        ws.addsEmoji(`own-${i}-${n}`);
        person.reacts(message, `own-${i}-${n}`);
      }
    expect(await react('book')).toMatchObject({ error: 'too_many_emoji' });
    expect(await react('zap')).toEqual({ ok: true });
    expect(
      await call(slack, ws.token, 'reactions.remove', {
        channel: message.channel.id,
        timestamp: message.ts,
        name: 'cry',
      }),
    ).toMatchObject({
      error: 'no_reaction',
    });
  });

  it('name everybody only when asked for all', async () => {
    const { slack, ws, message } = await withMessage();
    for (let i = 0; i < 30; i += 1) ws.member(`person ${i}`).reacts(message, 'zap');
    const get = async (full: boolean) => {
      const item = { channel: message.channel.id, timestamp: message.ts, full };
      const { reactions } = (await call(slack, ws.token, 'reactions.get', item)).message as {
        reactions: { users: string[]; count: number }[];
      };
      return [reactions[0]!.users.length, reactions[0]!.count];
    };
    expect([await get(false), await get(true)]).toEqual([
      [25, 30],
      [30, 30],
    ]);
  });

  it('of a channel that the bot is not in are not for it', async () => {
    const { slack, ws, ana } = await acme();
    const message = ana.says(ws.channel('open'), 'react!');
    expect(
      await call(slack, ws.token, 'reactions.get', { channel: message.channel.id, timestamp: message.ts }),
    ).toMatchObject({
      error: 'channel_not_found',
    });
  });
});
