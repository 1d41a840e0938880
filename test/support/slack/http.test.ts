import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { boltOverHttp, slackFor } from './bolt.ts';

async function listening() {
  const slack = await slackFor();
  const ws = slack.workspace({ channels: ['music'] });
  const ana = ws.member('ana');
  const heard: string[] = [];
  const { url } = await boltOverHttp(slack, ws.token, (bolt) => {
    bolt.event(
      'reaction_added',
      async ({ event, body }) => void heard.push(`${event.reaction} ${body.event_id}`),
    );
    bolt.command('/song', async ({ ack }) => {
      await ack({ text: 'Which one?' });
    });
    bolt.action('keep', async ({ ack, respond }) => {
      await ack();
      await respond({ text: 'Kept', response_type: 'in_channel', replace_original: false });
    });
  });
  const message = ana.says(ws.channel('music'), 'react!');
  await slack.deliveries.settled();
  return { slack, ws, ana, heard, url, message };
}

describe('a Bolt app behind HTTP', () => {
  it('gets signed events, and commands whose answer comes with the acknowledgement', async () => {
    const { slack, ws, ana, heard, message } = await listening();
    ana.reacts(message, 'zap');
    await slack.deliveries.settled();
    expect(heard).toHaveLength(1);
    const run = await ana.types('/song', '', ws.channel('music'));
    expect(run.sights().map(({ text, private: only }) => [text, only])).toEqual([['Which one?', true]]);
  });

  it('refuses a signature that is off by one character, an old one, and one made with another secret', async () => {
    const { slack, ana, heard, message } = await listening();
    ana.reacts(message, 'zap');
    await slack.deliveries.settled();
    const genuine = slack.http.sent.at(-1)!;
    const now = Math.floor(slack.clock.now() / 1000);
    const refused = [
      slack.http.forged(genuine),
      slack.http.sign(genuine.body, { at: now - 301 }),
      slack.http.sign(genuine.body, { secret: 'somebody else' }),
      { ...genuine, body: genuine.body.replace('zap', 'cry') },
    ];
    for (const request of refused) expect((await slack.http.post(request)).status).toBe(401);
    expect(heard).toHaveLength(1);
    // Bolt takes a replay inside the five minutes: what it means must not depend on how often it comes.
    expect((await slack.http.post(genuine)).status).toBe(200);
    expect(new Set(heard).size).toBe(1);
  });

  it('gets the same event again after a failure, with number and reason', async () => {
    const slack = await slackFor();
    const ws = slack.workspace({ channels: ['music'] });
    const ana = ws.member('ana');
    const seen: (string | string[] | undefined)[][] = [];
    const answers = [500, 503, 200];
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        seen.push([request.headers['x-slack-retry-num'], request.headers['x-slack-retry-reason']]);
        response.writeHead(answers.shift() ?? 200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    slack.http.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    ana.says(ws.channel('music'), 'hello');
    await slack.deliveries.settled();
    slack.advance(60_000);
    await slack.deliveries.settled();
    expect(seen).toEqual([
      [undefined, undefined],
      ['1', 'http_error'],
      ['2', 'http_error'],
    ]);
    expect(slack.latest('message.channels').state).toBe('acknowledged');
  });
});

describe('OAuth', () => {
  async function distributed() {
    const slack = await slackFor({ app: { scopes: ['chat:write', 'commands'] } });
    const ws = slack.workspace({ channels: ['music'], installed: false });
    const installations = new Map<string, { token: string; userId: string; id: string }>();
    const gone: string[] = [];
    const { url } = await boltOverHttp(
      slack,
      undefined,
      (bolt) => {
        bolt.event('app_uninstalled', async ({ body }) => void gone.push(body.team_id));
        bolt.event('tokens_revoked', async ({ event }) => void gone.push(...(event.tokens.bot ?? [])));
        bolt.command('/song', async ({ ack, client, command }) => {
          await ack();
          await client.chat.postEphemeral({
            channel: command.channel_id,
            user: command.user_id,
            text: 'Which one?',
          });
        });
      },
      {
        clientId: slack.app.clientId,
        clientSecret: slack.app.clientSecret,
        stateSecret: 'state',
        scopes: ['chat:write', 'commands'],
        installationStore: {
          async storeInstallation({ team, bot }) {
            installations.set(team!.id, { token: bot!.token, userId: bot!.userId, id: bot!.id });
          },
          async fetchInstallation({ teamId }) {
            return {
              team: { id: teamId! },
              enterprise: undefined,
              user: { id: '', token: undefined, scopes: undefined },
              bot: { ...installations.get(teamId!)!, scopes: [] },
            };
          },
        },
      },
    );
    slack.app.redirectUrls = [`${url}/slack/oauth_redirect`];
    return { slack, ws, url, installations, gone };
  }

  it('installs from the app’s own page, works, and ends with the uninstallation', async () => {
    const { slack, ws, url, installations, gone } = await distributed();
    const mo = ws.admin('mo');
    const landing = await mo.installsFrom(`${url}/slack/install`);
    expect([landing.status, installations.get(ws.id)?.token]).toEqual([200, ws.token]);
    mo.invitesBot(ws.channel('music'));
    await mo.types('/song', '', ws.channel('music'));
    expect((await mo.sight(ws.channel('music'), ({ private: only }) => only)).text).toBe('Which one?');
    const bot = ws.bot.id;
    ws.uninstalls();
    await slack.deliveries.settled();
    expect(gone.sort()).toEqual([ws.id, bot].sort());
    const answer = await fetch(`${slack.api}auth.test`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${installations.get(ws.id)?.token}` },
    });
    expect(await answer.json()).toMatchObject({ ok: false, error: 'account_inactive' });
    await mo.installsFrom(`${url}/slack/install`);
    expect(installations.get(ws.id)?.token).toBe(ws.token);
    expect(ws.bot.id).toBe(bot);
  });

  it('is called off by whoever declines', async () => {
    const { ws, url, installations } = await distributed();
    const landing = await ws.admin('mo').installsFrom(`${url}/slack/install`, { declines: true });
    expect(landing.url).toContain('error=access_denied');
    expect(installations.size).toBe(0);
  });

  it('takes a code once, for ten minutes, with the right secret', async () => {
    const { slack, ws, url } = await distributed();
    const mo = ws.admin('mo');
    const exchange = async (code: string, secret = slack.app.clientSecret) => {
      const body = new URLSearchParams({ client_id: slack.app.clientId, client_secret: secret, code });
      return (await (await fetch(`${slack.api}oauth.v2.access`, { method: 'POST', body })).json()) as {
        ok: boolean;
        error?: string;
      };
    };
    const spent = new URL((await mo.installsFrom(`${url}/slack/install`)).url).searchParams.get('code')!;
    expect(await exchange(spent)).toMatchObject({ error: 'invalid_code' });
    expect(await exchange(spent, 'wrong')).toMatchObject({ error: 'bad_client_secret' });
  });
});
