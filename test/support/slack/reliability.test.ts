import { describe, expect, it } from 'vitest';
import { boltOverSockets, slackFor } from './bolt.ts';

/** A message to react to, and the Bolt app that writes down each reaction with its event id and retry. */
async function listening() {
  const slack = await slackFor();
  const ws = slack.workspace({ channels: ['music'] });
  const ana = ws.member('ana');
  const heard: { by: string; event: string; retry: number | undefined }[] = [];
  const app = await boltOverSockets(slack, ws.token, (bolt) => {
    bolt.event('reaction_added', async ({ event, body, context }) => {
      heard.push({ by: event.user, event: body.event_id, retry: context.retryNum });
    });
  });
  const message = ana.says(ws.channel('music'), 'react!');
  await slack.deliveries.settled();
  return { slack, ws, ana, heard, app, message };
}

describe('events over Socket Mode', () => {
  it('reach the app although the socket drops in the middle of a burst', async () => {
    const { slack, ws, heard, message } = await listening();
    const people = Array.from({ length: 120 }, (_, i) => ws.member(`person ${i}`));
    for (const [i, person] of people.entries()) {
      person.reacts(message, 'relieved');
      if (i === 60) slack.sockets.connections[0]!.drops();
    }
    await slack.deliveries.settled();
    expect(slack.deliveries.waiting).toBeGreaterThan(0);
    await slack.until(() => slack.sockets.opened === 2 && slack.sockets.connections.length === 1);
    slack.advance(60_000);
    await slack.deliveries.settled();
    expect(new Set(heard.map(({ by }) => by))).toEqual(new Set(people.map(({ id }) => id)));
  });

  it('come again at once, after a minute and after five until they are acknowledged, with the same id', async () => {
    const { slack, ana, heard, message } = await listening();
    const [socket] = slack.sockets.connections;
    socket!.hears = false;
    ana.reacts(message, 'cry');
    const delivery = slack.latest('reaction_added');
    const heardTimes = (times: number) =>
      slack.until(() => heard.length === times, `hearing it ${times} times`);
    await heardTimes(1);
    slack.advance(3000);
    await heardTimes(2);
    slack.advance(3000);
    expect(delivery.attempts).toHaveLength(2);
    slack.advance(60_000);
    await heardTimes(3);
    socket!.hears = true;
    slack.advance(3000);
    slack.advance(300_000);
    await heardTimes(4);
    await slack.deliveries.settled();
    expect(delivery.state).toBe('acknowledged');
    expect(heard.map(({ retry }) => retry)).toEqual([0, 1, 2, 3]);
    expect(new Set(heard.map(({ event }) => event)).size).toBe(1);
  });

  it('are lost after the last attempt', async () => {
    const { slack, ana, message } = await listening();
    slack.sockets.connections[0]!.hears = false;
    ana.reacts(message, 'cry');
    for (const wait of [3000, 3000, 60_000, 3000, 300_000, 3000]) {
      slack.advance(wait);
      await Promise.resolve();
    }
    expect(slack.latest('reaction_added')).toMatchObject({ state: 'lost' });
  });

  it('are delivered again whenever a test wishes', async () => {
    const { slack, ana, heard, message } = await listening();
    ana.reacts(message, 'cry');
    await slack.deliveries.settled();
    for (let i = 0; i < 3; i += 1) slack.deliveries.redeliver(slack.latest('reaction_added'));
    await slack.deliveries.settled();
    expect(heard.map(({ retry }) => retry)).toEqual([0, 1, 2, 3]);
  });

  it('go to the new socket when Slack asks the app to refresh', async () => {
    const { slack, ana, heard, message } = await listening();
    slack.sockets.connections[0]!.disconnects('refresh_requested');
    await slack.until(() => slack.sockets.opened === 2 && slack.sockets.connections.length === 1);
    ana.reacts(message, 'cry');
    await slack.deliveries.settled();
    expect(heard).toHaveLength(1);
  });

  it('go on although Slack does not hang up after the goodbye', async () => {
    const slack = await slackFor();
    slack.sockets.lingers = true;
    const ws = slack.workspace({ channels: ['music'] });
    const ana = ws.member('ana');
    const heard: string[] = [];
    await boltOverSockets(slack, ws.token, (bolt) => {
      bolt.event('reaction_added', async ({ event }) => void heard.push(event.reaction));
    });
    slack.sockets.connections[0]!.disconnects('warning');
    await slack.until(() => slack.sockets.opened === 2);
    ana.reacts(ana.says(ws.channel('music'), 'react!'), 'zap');
    await slack.deliveries.settled();
    // Stopping before it is connected again is an unhandled rejection in @slack/socket-mode before 3.2.
    expect(heard).toEqual(['zap']);
  });

  it('go to one of several connections each', async () => {
    const { slack, ws, ana, heard, message } = await listening();
    await boltOverSockets(slack, ws.token, () => {});
    await slack.connected(2);
    for (const emoji of ['cry', 'smile', 'zap', 'heart']) ana.reacts(message, emoji);
    await slack.deliveries.settled();
    expect(heard).toHaveLength(2);
  });

  it('stay away from a channel that the bot is not in, and from an app without the scope', async () => {
    const { slack, ws, ana, heard } = await listening();
    const elsewhere = ws.addChannel({ name: 'elsewhere', bot: false });
    ana.reacts(ana.says(elsewhere, 'not for bots'), 'cry');
    await slack.deliveries.settled();
    expect(heard).toEqual([]);
    const other = slack.workspace({ channels: ['music'], scopes: ['chat:write'] });
    const ben = other.member('ben');
    ben.reacts(ben.says(other.channel('music'), 'hi'), 'cry');
    await slack.deliveries.settled();
    expect(heard).toEqual([]);
  });
});
