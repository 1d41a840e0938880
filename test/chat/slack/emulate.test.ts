import { createEmulator, defineEmulator } from 'emulate';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { createSlack } from '../../../src/chat/slack/slack.ts';
import { loadTaxonomy } from '../../../src/domain/taxonomy.ts';
import { createHttpServer } from '../../../src/http/server.ts';
import { hear } from '../hear.ts';

/** Our adapter against a Slack that somebody else wrote: its Web API, its events, its signatures. */

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const BOT = { token: 'xoxb-reactune', userId: 'U00REACTUNE', botId: 'B00REACTUNE', appId: 'A00REACTUNE' };
const ANA = { token: 'xoxp-ana', name: 'ana' };
const log = pino({ level: 'silent' });

interface Dispatcher {
  register(subscription: { url: string; events: string[]; active: boolean; owner: string }): unknown;
  getSubscriptions(owner: string): readonly unknown[];
  dispatch(event: string, action: undefined, payload: { event: object }, owner: string): Promise<void>;
}

/**
 * The only two things that are bridged. `createEmulator` takes no address to send Slack's events to, though what sends
 * them has one: it is registered there, found through an emulator of one's own, which is handed its like. And a
 * reaction of emulate 0.12.2 does not say when it was (`event_ts`), which Slack's always do.
 */
async function sendingEventsTo(url: string): Promise<void> {
  let prototype: Dispatcher | undefined;
  const own = await createEmulator({
    listen: false,
    service: defineEmulator({
      name: 'door',
      state: () => ({}),
      setup({ webhooks }) {
        prototype = Object.getPrototypeOf(webhooks) as Dispatcher;
      },
    }),
  });
  await own.close();
  if (!prototype) throw new Error('emulate hands its dispatcher out no more');
  const shared = prototype;
  const original = shared.dispatch;
  shared.dispatch = function dispatch(event, action, payload, owner) {
    if (this.getSubscriptions(owner).length === 0) this.register({ url, events: ['*'], active: true, owner });
    const dated = { ...payload, event: { event_ts: `${Date.now() / 1000}`, ...payload.event } };
    return original.call(this, event, action, dated, owner);
  };
  onTestFinished(() => {
    shared.dispatch = original;
  });
}

async function openEmulate(signingSecret: string) {
  const emulator = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        team: { name: 'Acme', domain: 'acme' },
        users: [{ name: ANA.name, real_name: 'Ana', email: 'ana@example.com' }],
        channels: [{ name: 'music', topic: 'Songs' }],
        oauth_apps: [
          {
            app_id: BOT.appId,
            client_id: '1.2',
            client_secret: 'secret',
            name: 'Reactune',
            redirect_uris: [],
            bot_id: BOT.botId,
            bot_user_id: BOT.userId,
            bot_name: 'reactune',
          },
        ],
        tokens: [
          { token: ANA.token, user: ANA.name },
          { token: BOT.token, type: 'bot', user: BOT.userId, bot_id: BOT.botId, bot_user_id: BOT.userId },
        ],
        signing_secret: signingSecret,
      },
    },
  });
  onTestFinished(() => emulator.close());
  const api = `${emulator.url}/api/`;

  /** Somebody calls a method of the Web API. */
  async function call(token: string, method: string, args: Readonly<Record<string, string>> = {}) {
    const response = await fetch(`${api}${method}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      body: new URLSearchParams(args),
    });
    return (await response.json()) as Record<string, unknown>;
  }
  return { api, call };
}

async function openBot(secretOfSlack = SECRET) {
  const http = createHttpServer({ host: '127.0.0.1', port: 0, log });
  const { heard, handlers } = hear();
  const { api, call } = await openEmulate(secretOfSlack);
  const platform = createSlack({
    mode: {
      kind: 'http',
      signingSecret: SECRET,
      access: { botToken: BOT.token },
      mount: (handle) => http.mount('/slack', handle),
    },
    apiUrl: api,
    log,
    now: Date.now,
    audio: async () => undefined,
    declarations: [],
    emotions: loadTaxonomy('data/emotions.json').emotions,
  });
  const { url } = await http.listen();
  await sendingEventsTo(`${url}/slack/events`);
  await platform.start(handlers);
  onTestFinished(async () => {
    await platform.stop();
    await http.close();
  });
  const who = await call(ANA.token, 'auth.test');
  const { channels } = (await call(ANA.token, 'conversations.list')) as {
    channels: { id: string; name: string }[];
  };
  const channel = channels.find(({ name }) => name === 'music')?.id ?? '';
  return {
    heard,
    platform,
    call,
    identity: `slack:${who.team_id}:${who.user_id}`,
    place: { communityId: `slack:${who.team_id}`, channel },
  };
}

it('posts, hears who reacts and takes it back, and reads it back, on a Slack that others wrote', async () => {
  const { heard, platform, call, identity, place } = await openBot();
  const ref = await platform.post(place, {
    text: 'How does this one feel?',
    title: 'A song',
    buttons: [{ action: 'playlist:keep:1', label: 'Keep' }],
  });
  await platform.seedReactions(ref, ['😌', '😢']);
  const item = { channel: ref.channel, timestamp: ref.message };
  expect(await call(ANA.token, 'reactions.add', { ...item, name: 'relieved' })).toEqual({ ok: true });
  await expect.poll(() => heard.reactions).toHaveLength(1);
  expect(heard.reactions[0]).toMatchObject({ message: ref, identity, emoji: '😌', present: true });
  expect(await platform.reactions(ref)).toEqual([{ identity, emoji: '😌' }]);
  await call(ANA.token, 'reactions.remove', { ...item, name: 'relieved' });
  await expect.poll(() => heard.reactions).toHaveLength(2);
  expect(heard.reactions[1]).toMatchObject({ message: ref, identity, emoji: '😌', present: false });
  expect(await platform.reactions(ref)).toEqual([]);
  await platform.edit(ref, { text: 'And now?' });
  await platform.remove(ref);
  expect(await platform.reactions(ref)).toBeUndefined();
});

it('hears nothing that its Slack has signed with another secret', async () => {
  const { heard, platform, call, place } = await openBot('somebody else’s');
  const ref = await platform.post(place, { text: 'react!' });
  const item = { channel: ref.channel, timestamp: ref.message };
  // Its events are delivered, or refused, before its Web API answers.
  expect(await call(ANA.token, 'reactions.add', { ...item, name: 'relieved' })).toEqual({ ok: true });
  expect(heard.reactions).toEqual([]);
});
