import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { onTestFinished } from 'vitest';
import { openSlack, type Slack, type SlackOptions } from './slack.ts';

export type BoltApp = App;
export type HttpReceiverOptions = ConstructorParameters<typeof HTTPReceiver>[0];

/** What every client of the tests has: no hundred retries, and none that waits. */
function clientOptions(slack: Slack) {
  return {
    slackApiUrl: slack.api,
    retryConfig: { retries: 3, minTimeout: 1, maxTimeout: 1 },
    timeout: 10_000,
  };
}

/** Says nothing, so that tests of failures are quiet. */
export const quiet = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

/** Slack for one test, closed and checked at its end. */
export async function slackFor(options?: SlackOptions): Promise<Slack> {
  const slack = await openSlack(options);
  onTestFinished(() => slack.close());
  return slack;
}

/** The real Bolt app over Socket Mode. `token` is left out for many workspaces: then it is found by team. */
export async function boltOverSockets(
  slack: Slack,
  token: string | undefined,
  set: (app: BoltApp) => void,
): Promise<BoltApp> {
  const options = clientOptions(slack);
  const receiver = new SocketModeReceiver({
    appToken: slack.app.appToken,
    logger: quiet,
    // How long it takes to reconnect; five seconds by default.
    clientPingTimeout: 200,
    installerOptions: { clientOptions: options },
  });
  const app = new App({
    receiver,
    logger: quiet,
    clientOptions: options,
    ...(token === undefined
      ? {
          authorize: async ({ teamId }) => {
            const installation = slack.world.installationOf(slack.world.teams.get(teamId ?? '')!);
            if (installation === undefined) throw new Error('not installed');
            return {
              botToken: installation.token,
              botId: installation.botId,
              botUserId: installation.bot.id,
              teamId,
            };
          },
        }
      : { token }),
  });
  set(app);
  await app.start();
  onTestFinished(async () => {
    await app.stop();
  });
  return app;
}

/** The real Bolt app behind a port; Slack posts to it. */
export async function boltOverHttp(
  slack: Slack,
  token: string | undefined,
  set: (app: BoltApp) => void,
  more: Partial<HttpReceiverOptions> = {},
): Promise<{ readonly app: BoltApp; readonly url: string }> {
  const options = clientOptions(slack);
  const receiver = new HTTPReceiver({
    signingSecret: slack.app.signingSecret,
    logger: quiet,
    ...more,
    installerOptions: {
      clientOptions: options,
      authorizationUrl: slack.authorizeUrl,
      ...more.installerOptions,
    },
  });
  const app = new App({
    receiver,
    logger: quiet,
    clientOptions: options,
    ...(token !== undefined && { token }),
  });
  set(app);
  const server = (await app.start(0)) as unknown as { address(): { port: number } };
  onTestFinished(async () => {
    await app.stop();
  });
  const url = `http://127.0.0.1:${server.address().port}`;
  if (!(await slack.postsTo(`${url}/slack/events`))) throw new Error('the app failed the hand-shake');
  return { app, url };
}
