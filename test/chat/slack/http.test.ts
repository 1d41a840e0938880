import { describe, expect, it, onTestFinished } from 'vitest';
import { openBot, seen } from './bot.ts';

async function open(options: Parameters<typeof openBot>[0] = {}) {
  const bot = await openBot({ transport: 'http', ...options });
  onTestFinished(() => bot.close());
  return { ...bot, bot, channel: bot.choir.channel('songs'), ana: bot.choir.member('ana') };
}

describe('a request to the bot', () => {
  it('is refused when its signature is off by one character, old, or another’s', async () => {
    const { slack, ana, heard, until, bot } = await open();
    const message = seen(slack, await bot.post({ text: 'react!' }));
    ana.reacts(message, 'smile');
    await until(() => heard.reactions.length === 1);
    const genuine = slack.http.sent.at(-1)!;
    const now = Math.floor(slack.clock.now() / 1000);
    const refused = [
      slack.http.forged(genuine),
      slack.http.sign(genuine.body, { at: now - 301 }),
      slack.http.sign(genuine.body, { secret: 'somebody else' }),
      { ...genuine, body: genuine.body.replace('smile', 'cry') },
    ];
    for (const request of refused) expect((await slack.http.post(request)).status).toBe(401);
    expect(heard.reactions).toHaveLength(1);
  });

  it('that is replayed does nothing a second time', async () => {
    const { slack, ana, heard, channel, until, bot } = await open();
    await ana.types('/status', '', channel);
    const command = slack.http.sent.at(-1)!;
    const ref = await bot.post({ text: 'press', buttons: [{ action: 'playlist:keep:1', label: 'Keep' }] });
    await ana.clicks(seen(slack, ref), 'Keep');
    const press = slack.http.sent.at(-1)!;
    await until(() => heard.actions.length === 1);
    for (const request of [command, press, command]) {
      expect((await slack.http.post(request)).status).toBe(200);
    }
    await ana.types('/taste', '', channel);
    await until(() => heard.commands.some(({ command: name }) => name === 'taste'));
    expect([heard.commands.length, heard.actions.length]).toEqual([2, 1]);
  });

  it('of a kind that nobody knows is acknowledged, and does no harm', async () => {
    const { slack, ana, heard, until, bot } = await open();
    const form = { contentType: 'application/x-www-form-urlencoded' };
    const unknown = [
      slack.http.sign('{"type":"brand_new"}'),
      slack.http.sign('{"type":"event_callback","team_id":"T1"}'),
      slack.http.sign('{}'),
      slack.http.sign(`payload=${encodeURIComponent('{"type":"brand_new"}')}`, form),
    ];
    for (const request of unknown) expect((await slack.http.post(request, 1_000)).status).toBe(200);
    expect((await slack.http.post(slack.http.sign('nonsense'), 1_000)).status).toBe(400);
    ana.reacts(seen(slack, await bot.post({ text: 'react!' })), 'smile');
    await until(() => heard.reactions.length === 1);
  });

  it('may be large, and is none of ours elsewhere', async () => {
    const { slack, url } = await open();
    const large = slack.http.sign(
      JSON.stringify({ type: 'url_verification', challenge: 'c', filler: 'x'.repeat(200_000) }),
    );
    expect((await slack.http.post(large)).status).toBe(200);
    expect((await fetch(`${url}/slack/elsewhere`)).status).toBe(404);
  });
});

describe('installing the app', () => {
  it('works in many workspaces, and each is answered in its own name', async () => {
    const { slack, url, heard, until, installations, platform, choir } = await open();
    const other = slack.workspace({ name: 'Orchestra', installed: false, channels: ['hall'] });
    const olga = other.member('olga');
    const landing = await olga.installsFrom(`${url}/slack/install`);
    expect([landing.status, landing.body]).toEqual([200, expect.stringContaining('in your workspace now')]);
    await until(() => heard.joined.length === 1);
    expect(heard.joined).toEqual([
      { communityId: `slack:${other.id}`, name: 'Orchestra', greetingChannel: olga.id },
    ]);
    expect([...installations.kept.keys()]).toEqual([`T ${choir.id}`, `T ${other.id}`]);
    const hello = { communityId: `slack:${other.id}`, channel: olga.id };
    const ref = await platform.post(hello, { text: 'Hello!' });
    expect(ref.channel).toBe(olga.direct().id);
    heard.onCommand = async ({ answer }) => void (await answer({ text: 'yours', private: true }));
    const run = await olga.types('/taste', '', other.channel('hall'));
    expect((await run.shown()).text).toBe('yours');
  });

  it('can be declined, and is not taken from anybody without the state', async () => {
    const { slack, url, installations } = await open();
    const other = slack.workspace({ installed: false, channels: ['hall'] });
    const landing = await other.member('olga').installsFrom(`${url}/slack/install`, { declines: true });
    expect([landing.status, landing.body]).toEqual([200, expect.stringContaining('Nothing was installed')]);
    const forged = await fetch(`${url}/slack/oauth_redirect?code=1&state=2`);
    expect(forged.status).toBe(400);
    expect(installations.kept.size).toBe(1);
  });

  it('for a whole organisation brings each of its workspaces', async () => {
    const { slack, url, heard, until, platform, choir } = await open();
    const grid = slack.enterprise('Grid');
    const [north, south] = [
      slack.workspace({ name: 'North', enterprise: grid, installed: false, channels: ['n'] }),
      slack.workspace({ name: 'South', enterprise: grid, installed: false, channels: ['s'] }),
    ];
    await north.member('olga').installsFrom(`${url}/slack/install`, { orgWide: true });
    await until(() => heard.joined.length === 2);
    const ids = (await platform.places()).map(({ communityId }) => communityId);
    expect(ids.sort()).toEqual([choir, north, south].map(({ id }) => `slack:${id}`).sort());
    const channel = south.channel('s');
    const sam = south.member('sam');
    sam.invitesBot(channel);
    const ref = await platform.post(
      { communityId: `slack:${south.id}`, channel: channel.id },
      { text: 'react!' },
    );
    sam.reacts(seen(slack, ref), 'smile');
    await until(() => heard.reactions.length === 1);
    expect(heard.reactions[0]).toMatchObject({ message: ref, identity: `slack:${south.id}:${sam.id}` });
  });

  it('ends when it is deleted while a playlist is being made, and nothing breaks', async () => {
    const { slack, ana, heard, channel, until, choir, installations, platform, logged } = await open();
    let finish = () => {};
    const failed: unknown[] = [];
    heard.onCommand = async ({ answer }) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      await answer({ text: 'your list', private: true }).catch((error: unknown) => failed.push(error));
    };
    await ana.types('/playlist', 'calm', channel);
    await until(() => heard.commands.length === 1);
    const token = choir.token;
    choir.uninstalls();
    await until(() => heard.left.length === 1);
    finish();
    await until(() => failed.length === 1);
    expect(failed[0]).toMatchObject({ name: 'ChatError', code: 'forbidden' });
    expect([heard.left, installations.kept.size]).toEqual([[`slack:${choir.id}`], 0]);
    expect(await platform.places()).toEqual([]);
    expect(JSON.stringify(logged)).not.toContain(token);
    await slack.deliveries.settled();
    choir.installs();
  });

  it('ends with its token, and a late farewell does not undo a new one', async () => {
    const { slack, heard, until, choir, url, platform } = await open();
    choir.revokesToken();
    await until(() => heard.left.length === 1);
    const farewell = slack.latest('tokens_revoked');
    await choir.member('olga').installsFrom(`${url}/slack/install`);
    await until(() => heard.joined.length === 1);
    slack.deliveries.redeliver(farewell);
    await slack.deliveries.settled();
    expect((await platform.places()).map(({ name }) => name)).toEqual(['Choir']);
    expect(heard.left).toHaveLength(1);
  });

  it('lets a slow workspace keep no other one waiting', async () => {
    const { slack, url, platform, bot } = await open();
    const other = slack.workspace({ name: 'Orchestra', installed: false, channels: ['hall'] });
    await other.member('olga').installsFrom(`${url}/slack/install`);
    const hall = { communityId: `slack:${other.id}`, channel: other.channel('hall').id };
    slack.delayNext('chat.postMessage', 1_500, { team: other.id });
    const slow = platform.post(hall, { text: 'slow' });
    const began = performance.now();
    await bot.post({ text: 'quick' });
    expect(performance.now() - began).toBeLessThan(1_000);
    await slow;
  });
});
