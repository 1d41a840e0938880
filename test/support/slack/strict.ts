import { slackFor } from './bolt.ts';
import type { Slack, SlackOptions } from './slack.ts';
import type { Payload } from './world.ts';

/** A call as it goes over the wire, for what no client would send. */
export async function call(
  slack: Slack,
  token: string,
  method: string,
  args: Payload = {},
): Promise<Payload & { error?: string }> {
  const response = await fetch(`${slack.api}${method}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify(args),
  });
  return (await response.json()) as Payload;
}

/** A workspace with a channel for each thing that can be wrong with one. */
export async function acme(options?: SlackOptions, scopes?: readonly string[]) {
  const slack = await slackFor(options);
  const ws = slack.workspace({
    name: 'Acme',
    scopes,
    channels: [
      'music',
      { name: 'hidden', private: true, bot: false },
      { name: 'open', bot: false },
      { name: 'old', archived: true },
    ],
  });
  return { slack, ws, ana: ws.member('ana') };
}
