import { App, HTTPReceiver } from '@slack/bolt';
import { createEmulator } from 'emulate';
import { expect, it, onTestFinished } from 'vitest';
import { quiet, slackFor } from './bolt.ts';

const TOKEN = 'xoxb-reactune';
const SCOPES = [
  'chat:write',
  'reactions:write',
  'reactions:read',
  'channels:read',
  'channels:history',
  'users:read',
];

/** A real Bolt app whose client talks to a Slack at this address. */
function clientAt(slackApiUrl: string, token: string) {
  const clientOptions = { slackApiUrl, retryConfig: { retries: 0 } };
  return new App({
    token,
    clientOptions,
    logger: quiet,
    receiver: new HTTPReceiver({ signingSecret: 'shhh', logger: quiet }),
  }).client;
}

/** A Slack that somebody else wrote. Its package cannot be told where to send events, so this is about the Web API. */
async function theirs() {
  const emulator = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      tokens: { [TOKEN]: { login: 'ana', scopes: SCOPES } },
      slack: {
        team: { name: 'Acme', domain: 'acme' },
        users: [{ name: 'ana', real_name: 'Ana', email: 'ana@example.com' }],
        channels: [{ name: 'music', topic: 'Songs' }],
        strict_scopes: true,
      },
    },
  });
  onTestFinished(() => emulator.close());
  return clientAt(`${emulator.url}/api/`, TOKEN);
}

async function ours() {
  const slack = await slackFor();
  const ws = slack.workspace({ name: 'Acme', channels: ['music'], scopes: SCOPES });
  return clientAt(slack.api, ws.token);
}

/** What came back, without what differs from one Slack to the next: ids, times, people. */
function outcome(call: Promise<object>): Promise<unknown> {
  return call.then(
    (answer) =>
      Object.keys(answer)
        .filter((field) => field !== 'response_metadata')
        .sort(),
    (error: { data?: { error?: string } }) => error.data?.error ?? error,
  );
}

/** Post, react, read back, take back, edit, delete, and what is refused on the way. */
async function script(client: ReturnType<typeof clientAt>) {
  const { channels = [] } = await client.conversations.list();
  const channel = channels.find(({ name }) => name === 'music')!.id!;
  const posted = await client.chat.postMessage({ channel, text: 'How does this one feel?' });
  const ts = posted.ts!;
  const item = { channel, timestamp: ts, name: 'relieved' };
  const names = async () => {
    const { message } = await client.reactions.get({ channel, timestamp: ts, full: true });
    return (message?.reactions ?? []).map(({ name, count, users }) => [name, count, users?.length]);
  };
  return {
    posted: Object.keys(posted)
      .filter((field) => field !== 'response_metadata')
      .sort(),
    text: posted.message?.text,
    react: await outcome(client.reactions.add(item)),
    again: await outcome(client.reactions.add(item)),
    other: await outcome(client.reactions.add({ ...item, name: 'cry' })),
    reactions: await names(),
    remove: await outcome(client.reactions.remove(item)),
    removeAgain: await outcome(client.reactions.remove(item)),
    left: await names(),
    edit: await outcome(client.chat.update({ channel, ts, text: 'And now?' })),
    history: (await client.conversations.history({ channel, oldest: ts, inclusive: true })).messages?.map(
      ({ text }) => text,
    ),
    nowhere: await outcome(client.chat.postMessage({ channel: 'C0NOWHERE00', text: 'hi' })),
    nothing: await outcome(client.chat.postMessage({ channel, text: '' })),
    delete: await outcome(client.chat.delete({ channel, ts })),
    gone: await outcome(client.reactions.add(item)),
    scope: await outcome(client.files.getUploadURLExternal({ filename: 'a.mp3', length: 3 })),
  };
}

it('posts, reacts and takes back as on a Slack that others wrote', async () => {
  const told = await script(await ours());
  expect(told).toEqual(await script(await theirs()));
  expect(told).toMatchObject({
    again: 'already_reacted',
    reactions: [
      ['relieved', 1, 1],
      ['cry', 1, 1],
    ],
    removeAgain: 'no_reaction',
    left: [['cry', 1, 1]],
    gone: 'message_not_found',
  });
});
