import { App, type Authorize, type Receiver } from '@slack/bolt';
import type { Logger } from 'pino';
import { clientOptions } from './api.ts';
import { type Floods, isFlood } from './floods.ts';
import { boltLogger } from './log.ts';
import type { Workspaces } from './workspaces.ts';

/** Bolt with what this bot needs and no more: no memory of conversations, nothing asked of Slack for each event. */
export function createApp({
  receiver,
  workspaces,
  floods,
  apiUrl,
  log,
}: {
  receiver: Receiver;
  workspaces: Workspaces;
  floods: Floods;
  apiUrl: string;
  log: Logger;
}): App {
  const authorize: Authorize<boolean> = async ({ teamId, enterpriseId }) => {
    const own = teamId === undefined ? undefined : workspaces.get(teamId);
    const other = workspaces
      .all()
      .find((one) => enterpriseId !== undefined && one.enterpriseId === enterpriseId);
    const workspace = own ?? other;
    if (!workspace) throw new Error(`the app is not installed in ${teamId ?? enterpriseId}`);
    const { token, botId, botUserId } = workspace;
    return {
      botToken: token,
      botId,
      botUserId,
      teamId: teamId ?? workspace.id,
      ...(workspace.enterpriseId !== undefined && { enterpriseId: workspace.enterpriseId }),
    };
  };
  const app = new App({
    receiver,
    authorize,
    convoStore: false,
    logger: boltLogger(log),
    clientOptions: clientOptions(apiUrl, log),
  });
  // Bolt leaves what it does not know without an answer: Slack would wait, and send it again.
  const processEvent = app.processEvent.bind(app);
  app.processEvent = async (event) => {
    if (isFlood(event.body)) {
      floods.take(event.body);
      return event.ack();
    }
    let answered = false;
    const ack: typeof event.ack = (answer) => {
      answered = true;
      return event.ack(answer);
    };
    await processEvent({ ...event, ack });
    if (answered) return;
    log.debug({ type: event.body.type }, 'something of a kind that is not known to me came from Slack');
    await event.ack();
  };
  app.error(async (err) => {
    // Events of workspaces that the bot has left still come for a moment.
    const expected = err.code === 'slack_bolt_authorization_error';
    log[expected ? 'debug' : 'error']({ err }, 'something that Slack sent could not be handled');
  });
  return app;
}
