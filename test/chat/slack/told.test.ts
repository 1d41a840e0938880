import { describe, expect, it, onTestFinished } from 'vitest';
import type { Message } from '../../../src/chat/message.ts';
import { usables } from '../../support/slack/people/elements.ts';
import { openBot, seen, wordsOf } from './bot.ts';

const SECRET = 'https://example.org/link/one-time-secret';

async function open(options: Parameters<typeof openBot>[0] = {}) {
  const bot = await openBot(options);
  onTestFinished(() => bot.close());
  const ana = bot.choir.member('ana');
  const identity = `slack:${bot.choir.id}:${ana.id}`;
  return {
    bot,
    ...bot,
    ana,
    identity,
    tell: (message: Message, about?: string) => bot.platform.tell(identity, message, about),
    told: (words: string) => ana.sight(ana.direct(), (sight) => wordsOf(sight).includes(words), words),
  };
}

describe('what somebody is told alone on Slack', () => {
  it('stands in their conversation with the app, and no address in it is unfurled', async () => {
    const { tell, told, slack } = await open();
    expect(await tell({ text: `Here: ${SECRET}` })).toBe(true);
    const { message } = await told('Here:');
    expect([message.unfurlLinks, message.unfurlMedia]).toEqual([false, false]);
    expect(slack.world.violations).toEqual([]);
  });

  it('brings its files along', async () => {
    const { tell, ana, slack } = await open();
    const file = { name: 'songs.csv', mediaType: 'text/csv', content: 'Paper Lanterns' };
    expect(await tell({ text: 'Your songs', files: [file] })).toBe(true);
    const shared = await slack.until(
      () => ana.sees(ana.direct()).find(({ message }) => message.files.length > 0),
      'the file',
    );
    expect(shared.message.files.map(({ name, data }) => [name, data.toString()])).toEqual([
      ['songs.csv', 'Paper Lanterns'],
    ]);
  });

  it('comes from the app at home when it is about a place where they are a guest from elsewhere', async () => {
    const { bot, slack, platform, choir, heard, until } = await open({ transport: 'http' });
    const band = slack.workspace({ name: 'Band', installed: false });
    const bea = band.member('bea');
    await bea.installsFrom(`${bot.url}/slack/install`);
    await until(() => heard.joined.length === 1);
    choir.shares(choir.channel('songs'), band, [bea]);
    const identity = `slack:${band.id}:${bea.id}`;
    const buttons = [{ action: 'a:b', label: 'Show' }];
    expect(await platform.tell(identity, { text: 'psst', buttons }, `slack:${choir.id}`)).toBe(true);
    const sight = await bea.sight(bea.direct(), ({ text }) => text.includes('psst'));
    expect(sight.message.user).toBe(band.bot);
    await bea.clicks(sight, 'Show');
    await until(() => heard.actions.length === 1);
    expect(heard.actions).toMatchObject([{ communityId: `slack:${band.id}`, asker: { identity } }]);
  });

  it('is not said to bots, closed accounts, strangers and other workspaces', async () => {
    const { platform, slack, choir } = await open();
    const other = slack.workspace({ name: 'Band', installed: false });
    const gone = choir.member('gone');
    choir.deactivates(gone);
    const here = [choir.otherBot('robot').id, choir.bot.id, 'USLACKBOT', gone.id, 'U0NOBODY000'];
    const stranger = other.member('bea');
    const identities = [
      ...[...here, stranger.id].map((id) => `slack:${choir.id}:${id}`),
      `slack:${other.id}:${stranger.id}`,
    ];
    for (const identity of identities) {
      expect(await platform.tell(identity, { text: 'psst' }, `slack:${choir.id}`)).toBe(false);
    }
    expect(
      [...slack.world.channels.values()].filter(({ kind, messages }) => kind === 'im' && messages.size),
    ).toEqual([]);
  });

  it('is not said where the app takes no part in conversations, and the log says what to switch on', async () => {
    const { tell, logged, slack } = await open();
    slack.world.app.messagesTab = false;
    expect(await tell({ text: 'psst' })).toBe(false);
    expect(JSON.stringify(logged)).toContain('switch on “Messages Tab”');
  });

  it('is not said to somebody whose account was closed before the bot heard of it', async () => {
    const { tell, ana } = await open();
    expect(await tell({ text: 'first' })).toBe(true);
    ana.user.deleted = true;
    expect(await tell({ text: 'second' })).toBe(false);
  });

  it('is a ChatError when Slack is broken', async () => {
    const { tell, slack } = await open();
    slack.faults.failNext('chat.postMessage', 500);
    await expect(tell({ text: 'x' })).rejects.toMatchObject({ name: 'ChatError', code: 'unreachable' });
    slack.faults.failNext('chat.postMessage', 'missing_scope');
    await expect(tell({ text: 'x' })).rejects.toMatchObject({ name: 'ChatError', code: 'forbidden' });
  });
});

describe('a link on Slack', () => {
  it('is told to the bot as well, which takes note and does nothing', async () => {
    const { post, ana, slack, heard, logged, choir } = await open();
    const links = Array.from({ length: 7 }, (_, index) => ({
      label: `Link ${index}`,
      url: `${SECRET}/${index}`,
    }));
    const ref = await post({ text: 'x', buttons: [...links, { action: 'a:b', label: 'Show' }] });
    const ids = usables(seen(slack, ref).blocks).map(({ element }) => element.action_id);
    expect(new Set(ids).size).toBe(8);
    const { failure, answer } = await ana.clicks(seen(slack, ref), 'Link 6');
    expect([failure, answer]).toEqual([undefined, {}]);
    const before = ana.sees(choir.channel('songs')).length;
    await ana.clicks(seen(slack, ref), 'Show');
    await slack.until(() => heard.actions.length > 0, 'an action');
    expect(heard.actions.map(({ action }) => action)).toEqual(['a:b']);
    expect(ana.sees(choir.channel('songs')).length).toBe(before);
    expect(JSON.stringify(logged)).not.toContain('one-time-secret');
  });

  it('stands in the text where there are too many buttons', async () => {
    const { post, slack } = await open();
    const buttons = Array.from({ length: 26 }, (_, index) => ({
      label: `A & ${index}`,
      url: `${SECRET}?a=1&b=${index}`,
    }));
    const ref = await post({ text: 'x', buttons });
    expect(usables(seen(slack, ref).blocks).length).toBe(25);
    expect(JSON.stringify(seen(slack, ref).blocks)).toContain(`<${SECRET}?a=1&amp;b=25|A &amp; 25>`);
  });

  it('is never logged, whatever goes wrong', async () => {
    const { tell, slack, logged, identity, platform } = await open();
    const message = { text: 'x', buttons: [{ url: SECRET, label: 'Link' }] };
    for (const failure of [500, 'invalid_blocks', 'channel_not_found'] as const) {
      slack.faults.failNext('chat.postMessage', failure);
      await tell(message).catch(() => undefined);
    }
    slack.faults.limitNext('chat.postMessage', 1);
    expect(await platform.tell(identity, message)).toBe(true);
    expect(JSON.stringify(logged)).not.toContain('one-time-secret');
    expect(logged.length).toBeGreaterThan(0);
  });
});
