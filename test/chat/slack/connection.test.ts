import { describe, expect, it, onTestFinished } from 'vitest';
import { openBot } from './bot.ts';

async function open(options: Parameters<typeof openBot>[0] = {}) {
  const bot = await openBot(options);
  onTestFinished(() => bot.close());
  return bot;
}

describe('connecting with Slack', () => {
  it('says which token is wrong, and never what it is', async () => {
    const { platform, handlers, slack, logged } = await open({ start: false });
    slack.failNext('auth.test', 'invalid_auth');
    await expect(platform.start(handlers)).rejects.toMatchObject({
      name: 'ChatError',
      code: 'forbidden',
      message: expect.stringContaining('SLACK_BOT_TOKEN'),
    });
    slack.failNext('apps.connections.open', 'invalid_auth');
    await expect(platform.start(handlers)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('SLACK_APP_TOKEN'),
    });
    await platform.start(handlers);
    expect(JSON.stringify(logged)).not.toMatch(/xox|xapp/);
  });

  it('says when nobody is there, and can be tried again', async () => {
    const { platform, handlers, slack } = await open({ start: false });
    slack.failNext('auth.test', 503, { times: 3 });
    await expect(platform.start(handlers)).rejects.toMatchObject({ code: 'unreachable' });
    expect(await platform.places()).toEqual([]);
    await platform.start(handlers);
    expect(await platform.places()).toHaveLength(1);
  });

  it('comes back by itself, however often it fails, and says that something may have been missed', async () => {
    const { slack, heard, until, choir } = await open();
    slack.failNext('apps.connections.open', 'internal_error', { times: 2 });
    slack.failNext('apps.connections.open', 500, { times: 2 });
    slack.sockets.connections[0]?.drops();
    await until(() => heard.missed.length === 1, 'the bot to be back');
    expect(heard.missed).toEqual([[`slack:${choir.id}`]]);
    const ana = choir.member('ana');
    await ana.types('/status', '', choir.channel('songs'));
    await until(() => heard.commands.length === 1);
  });

  it('outlives whatever comes over it', async () => {
    const { slack, heard, until, choir, logged } = await open();
    const [connection] = slack.sockets.connections;
    for (const text of [
      'nonsense',
      'null',
      '[]',
      '{}',
      '{"type":"events_api","envelope_id":"e1","payload":null}',
      '{"type":"events_api","envelope_id":"e2"}',
      '{"type":"brand_new","envelope_id":"e3","payload":{}}',
      '{"type":"interactive","envelope_id":"e4","payload":{"type":"brand_new"}}',
    ]) {
      connection?.socket.send(text);
    }
    const ana = choir.member('ana');
    await ana.types('/status', '', choir.channel('songs'));
    await until(() => heard.commands.length === 1);
    expect(slack.sockets.opened).toBe(1);
    expect(logged.filter(({ msg }) => msg === 'something that Slack sent could not be read')).toHaveLength(3);
    // What it does not know it acknowledges; the server did not count these among what it sent.
    await until(() => slack.violations.length === 2);
    expect(slack.forgives().map((violation) => violation.slice(-2))).toEqual(['e3', 'e4']);
  });

  it('takes over before the old connection is gone, also when that one lingers', async () => {
    const { slack, heard, until, choir } = await open();
    slack.sockets.lingers = true;
    slack.sockets.connections[0]?.disconnects('warning');
    await until(() => heard.missed.length === 1, 'another connection');
    const ana = choir.member('ana');
    expect((await ana.types('/status', '', choir.channel('songs'))).failure).toBeUndefined();
    await until(() => heard.commands.length === 1);
  });

  it('can be given up while it connects again, and nothing is left running', async () => {
    const rejected: unknown[] = [];
    const note = (reason: unknown) => void rejected.push(reason);
    process.on('unhandledRejection', note);
    onTestFinished(() => void process.off('unhandledRejection', note));
    for (let round = 0; round < 5; round++) {
      const { slack, platform } = await open();
      if (round % 2 === 0) slack.delayNext('apps.connections.open', 50);
      slack.sockets.connections[0]?.drops();
      for (let i = 0; i < round * 3; i++) await new Promise((resolve) => setImmediate(resolve));
      await platform.stop();
      await new Promise((resolve) => setTimeout(resolve, 80));
      await slack.until(() => slack.sockets.connections.length === 0, 'all connections to end');
    }
    expect(rejected).toEqual([]);
  });

  it('stops within its five seconds, whatever a handler does', async () => {
    const { slack, heard, until, choir, platform } = await open();
    heard.onCommand = () => new Promise(() => {});
    await choir.member('ana').types('/status', '', choir.channel('songs'));
    await until(() => heard.commands.length === 1);
    const began = performance.now();
    await platform.stop();
    expect(performance.now() - began).toBeLessThan(6_500);
    expect(slack.sockets.connections).toHaveLength(0);
  });

  it('does without what it may not ask', async () => {
    const { heard, until, choir } = await open({
      workspace: { scopes: ['chat:write', 'commands', 'reactions:read'] },
    });
    heard.onCommand = async ({ answer }) =>
      void (await answer({
        text: 'Here.',
        picture: {
          svg: '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>',
          width: 10,
          height: 10,
          alt: 'A course.',
        },
        files: [{ name: 'list.csv', mediaType: 'text/csv', content: 'a,b' }],
        private: true,
      }));
    const ana = choir.member('ana');
    const run = await ana.types('/playlist', 'calm', choir.channel('songs'));
    const told = await run.shown();
    expect(told.text).toContain('A course.');
    expect(told.text).toContain('files:write');
    await until(() => heard.commands.length === 1);
    expect(heard.commands[0]?.asker).toEqual({
      identity: `slack:${choir.id}:${ana.id}`,
      name: 'ana',
      platformModerator: false,
      groups: [],
    });
  });

  it('shows pictures and sends files where it may, the files to whoever asked only', async () => {
    const { heard, choir, slack } = await open();
    heard.onCommand = async ({ answer }) =>
      void (await answer({
        text: 'Here.',
        picture: {
          svg: '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>',
          width: 10,
          height: 10,
          alt: 'A course.',
        },
        files: [{ name: 'list.csv', mediaType: 'text/csv', content: 'a,b' }],
        private: true,
      }));
    const ana = choir.member('ana');
    for (let i = 0; i < 2; i++) {
      const told = await (await ana.types('/playlist', 'calm', choir.channel('songs'))).shown();
      expect(told.blocks.find(({ type }) => type === 'image')).toMatchObject({ alt_text: 'A course.' });
    }
    const sent = ana.sees(ana.direct()).flatMap(({ message }) => message.files.map(({ name }) => name));
    expect(sent).toEqual(['list.csv', 'list.csv']);
    const pictures = slack.requests.filter(
      ({ method, args }) => method === 'files.getUploadURLExternal' && args.filename === 'picture.png',
    );
    expect(pictures).toHaveLength(1);
  });
});
