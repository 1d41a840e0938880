import { setTimeout as wait } from 'node:timers/promises';
import { openSlack } from '../support/slack/slack.ts';

/** Everybody of a crowd reacts to a message with every emoji, by Slack's names. */
interface Crowd {
  readonly message: string;
  readonly people: number;
  readonly emojis: readonly string[];
  /** As fast as can be if left out. */
  readonly perSecond?: number;
}

/** A little of everything: reactions to a snippet, and a command every now and then, until told that it is enough. */
interface Bustle {
  readonly people: number;
  readonly emojis: readonly string[];
  readonly reactionsPerSecond: number;
  readonly commandsPerSecond: number;
  readonly commands: readonly (readonly [command: string, text: string])[];
}

export type ToServer =
  /** Slack posts there from now on. */
  | { readonly listensAt: string }
  | { readonly crowd: Crowd }
  | { readonly bustle: Bustle }
  | { readonly enough: true };

export interface Where {
  readonly api: string;
  readonly token: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly team: string;
  readonly channel: string;
}

/** When (ms since the epoch) each reaction was sent, by `identity emoji`. */
export interface Sent {
  readonly sentAt: Readonly<Record<string, number>>;
}

/** How long each took to be acknowledged, in milliseconds, ascending. */
export interface Waits {
  readonly inTime: readonly number[];
  /** Those that were not, within the three seconds that Slack waits. */
  readonly lost: number;
}

export interface Acknowledged {
  readonly events: Waits;
  readonly commands: Waits;
}

/** The tests' Slack in a process of its own, so that a bot has its thread for itself. Ends with its parent. */
const now = () => performance.timeOrigin + performance.now();
const slack = await openSlack({ reference: false, keepDeliveries: 1_000_000, now });
const ws = slack.workspace({ name: 'Bench', channels: ['songs'] });
const channel = ws.channel('songs');
const tell = (told: Where | Sent | Acknowledged | { readonly listening: boolean }) => process.send?.(told);
let enough = false;

async function react({ message: ts, people, emojis, perSecond }: Crowd): Promise<Sent> {
  const message = await slack.until(() => slack.message(channel.id, ts), 'the message');
  const crowd = Array.from({ length: people }, (_, i) => ws.member(`listener${i}`));
  const all = emojis.flatMap((emoji) => crowd.map((person) => ({ person, emoji })));
  const sentAt: Record<string, number> = {};
  const from = performance.now();
  for (const [n, { person, emoji }] of all.entries()) {
    const due = perSecond === undefined ? 0 : from + (n / perSecond) * 1_000;
    // What is written goes out meanwhile.
    if (n % 100 === 99 || due > performance.now()) await wait(Math.max(0, due - performance.now()));
    sentAt[`slack:${ws.id}:${person.id} ${emoji}`] = now();
    person.reacts(message, emoji);
  }
  return { sentAt };
}

/** The snippet that stands in the channel; somebody who may asks for the first. */
async function snippet() {
  const standing = () =>
    [...channel.messages.values()].find(({ user, reactions }) => user === ws.bot && reactions.size > 0);
  if (!standing()) {
    const admin = ws.admin('ada');
    await admin.types('/settings', `channel:<#${channel.id}|songs>`, channel);
    await admin.types('/snippet', '', channel);
  }
  return slack.until(standing, 'a snippet');
}

function waitsOf(all: readonly (number | undefined)[]): Waits {
  const inTime = all.filter((ms) => ms !== undefined).sort((a, b) => a - b);
  return { inTime, lost: all.length - inTime.length };
}

async function bustle(wanted: Bustle): Promise<Acknowledged> {
  const { reactionsPerSecond, commandsPerSecond, people, emojis } = wanted;
  const message = await snippet();
  const crowd = Array.from({ length: people }, (_, i) => ws.member(`listener${i}`));
  const commands: Promise<number | undefined>[] = [];
  const before = slack.deliveries.log.length;
  const from = performance.now();
  enough = false;
  for (let n = 0; !enough; n++) {
    const due = from + (n / reactionsPerSecond) * 1_000;
    if (due > performance.now()) await wait(due - performance.now());
    const person = crowd[n % people];
    const emoji = emojis[Math.floor(n / people) % emojis.length];
    // Everybody in turn; the next time round they take it back.
    if (message.reactions.get(emoji)?.has(person.id)) person.unreacts(message, emoji);
    else person.reacts(message, emoji);
    if (n % Math.round(reactionsPerSecond / commandsPerSecond) !== 0) continue;
    const [command, text] = wanted.commands[commands.length % wanted.commands.length];
    const asked = person.types(command, text, channel);
    commands.push(asked.then((run) => (run.failure === undefined ? run.acknowledgedAfterMs : undefined)));
  }
  const answered = await Promise.all(commands);
  await slack.deliveries.settled();
  const events = slack.deliveries.log.slice(before).filter(({ kind }) => kind === 'events_api');
  const took = events.map(({ attempts: [first] }) =>
    first?.acknowledgedAt === undefined ? undefined : first.acknowledgedAt - first.at,
  );
  return { events: waitsOf(took), commands: waitsOf(answered) };
}

process.on('message', async (told: ToServer) => {
  if ('listensAt' in told) tell({ listening: await slack.postsTo(told.listensAt) });
  else if ('crowd' in told) tell(await react(told.crowd));
  else if ('bustle' in told) tell(await bustle(told.bustle));
  else enough = true;
});
process.on('disconnect', () => process.exit());
const { appToken, signingSecret } = slack.app;
tell({ api: slack.api, token: ws.token, appToken, signingSecret, team: ws.id, channel: channel.id });
