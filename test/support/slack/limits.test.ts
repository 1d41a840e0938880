import { webApi } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { quiet, slackFor } from './bolt.ts';
import type { Slack, SlackOptions } from './slack.ts';

/** A client that is told of limits instead of waiting for them. */
async function client(options: SlackOptions = {}) {
  const slack = await slackFor(options);
  const ws = slack.workspace({ channels: ['music', 'chat'] });
  const web = clientOf(slack, ws.token);
  const [music, chat] = [ws.channel('music').id, ws.channel('chat').id];
  return { slack, ws, web, music, chat };
}

function clientOf(slack: Slack, token: string): webApi.WebClient {
  return new webApi.WebClient(token, {
    slackApiUrl: slack.api,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    logger: quiet,
  });
}

const limited = { code: 'slack_webapi_rate_limited_error', retryAfter: 1 };

describe('rate limits', () => {
  it('allow one message a second and channel', async () => {
    const { slack, web, music, chat } = await client({ limits: 'on', now: () => 1_800_000_000_000 });
    await web.chat.postMessage({ channel: music, text: '1' });
    await expect(web.chat.postMessage({ channel: music, text: '2' })).rejects.toMatchObject(limited);
    await web.chat.postMessage({ channel: chat, text: '3' });
    slack.advance(1000);
    await web.chat.postMessage({ channel: music, text: '4' });
  });

  it('allow 50 calls a minute and workspace on tier 3', async () => {
    const { slack, web, music } = await client({ limits: 'on', now: () => 1_800_000_000_000 });
    const other = slack.workspace();
    const { ts } = await web.chat.postMessage({ channel: music, text: 'How does it feel?' });
    const get = () => web.reactions.get({ channel: music, timestamp: ts! });
    for (let i = 0; i < 50; i += 1) await get();
    await expect(get()).rejects.toMatchObject({ retryAfter: 2 });
    await clientOf(slack, other.token).conversations.list();
    slack.advance(2000);
    await get();
  });

  it('are as many times as fast as a test wishes', async () => {
    const { slack, web, music } = await client({ limits: { speed: 10 }, now: () => 1_800_000_000_000 });
    await web.chat.postMessage({ channel: music, text: '1' });
    slack.advance(100);
    await web.chat.postMessage({ channel: music, text: '2' });
  });

  it('are planned by tests: this channel, so many seconds, so often', async () => {
    const { slack, web, music, chat } = await client();
    slack.limitNext('chat.postMessage', 7, { channel: music, times: 2 });
    const post = (channel: string) => web.chat.postMessage({ channel, text: 'hi' });
    await post(chat);
    await expect(post(music)).rejects.toMatchObject({ retryAfter: 7 });
    await post(chat);
    await expect(post(music)).rejects.toMatchObject({ retryAfter: 7 });
    await post(music);
    expect(slack.requests.map(({ status }) => status)).toEqual([200, 429, 200, 429, 200]);
    expect(slack.counts()).toEqual({ 'chat.postMessage': 5 });
  });
});

describe('bad days', () => {
  it('answer with errors of Slack, with a status, late, or not at all', async () => {
    const { slack, ws, web, music } = await client();
    const post = (text: string) => web.chat.postMessage({ channel: music, text });
    slack.failNext('chat.postMessage', 'fatal_error');
    await expect(post('1')).rejects.toMatchObject({ data: { error: 'fatal_error' } });
    slack.failNext('chat.postMessage', 503, { team: ws.id });
    await expect(post('2')).rejects.toMatchObject({ statusCode: 503 });
    slack.hangUpNext('chat.postMessage');
    await expect(post('3')).rejects.toMatchObject({ code: 'slack_webapi_request_error' });
    slack.delayNext('chat.postMessage', 5);
    await post('4');
    // The one that hung up was carried out before.
    expect(
      ws
        .member('ana')
        .sees(ws.channel('music'))
        .map(({ text }) => text),
    ).toEqual(['3', '4']);
  });
});
