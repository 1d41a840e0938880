import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { MessageRef } from '../../domain/post.ts';
import type { Desk } from './desk.ts';
import { createMemory } from './desk.ts';
import { readEnvelope } from './envelope.ts';
import type { Homes } from './homes.ts';
import type { Person } from './people.ts';
import { communityOf, type Workspace } from './workspaces.ts';

const changed = z.object({
  type: z.enum(['reaction_added', 'reaction_removed']),
  user: z.string(),
  reaction: z.string(),
  item: z.object({ type: z.literal('message'), channel: z.string(), ts: z.string() }),
  item_user: z.string().optional(),
  event_ts: z.string(),
});
const deleted = z.object({
  subtype: z.literal('message_deleted'),
  channel: z.string(),
  deleted_ts: z.string(),
  previous_message: z.object({ user: z.string().optional() }).optional(),
});

/** Reactions remembered, so that one that comes late undoes nothing newer: some megabytes. */
const MAX_REMEMBERED = 20_000;

const words = {
  foreign: (name: string) =>
    `Hello! You are a guest of “${name}” here, and welcome: your reactions to songs count as yours, under your own workspace’s name. Send */my-data* to see or delete what I keep.`,
};

/** The latest news of each reaction. Slack promises no order, and delivers again after minutes. */
function createNews() {
  const latest = new Map<string, number>();
  /** @returns false for something older than what is known */
  return (key: string, at: number): boolean => {
    const before = latest.get(key) ?? 0;
    if (at < before) return false;
    latest.delete(key);
    latest.set(key, at);
    const oldest = latest.keys().next().value;
    if (latest.size > MAX_REMEMBERED && oldest !== undefined) latest.delete(oldest);
    return true;
  };
}

/** Reports what people do to the bot's messages: reactions that come and go, and messages that are deleted. */
export function followReactions(app: App, desk: Desk, homes: Homes): void {
  const { handlers, names, people, workspaces, background, now, log } = desk;
  const isNews = createNews();
  const greetNow = createMemory(MAX_REMEMBERED);

  const refOf = (workspace: Workspace, channel: string, ts: string): MessageRef => ({
    platform: 'slack',
    communityId: communityOf(workspace.id),
    channel,
    message: ts,
  });

  /** Whoever is of another organisation hears once that they vote as themselves. */
  function welcome(
    workspace: Workspace,
    channel: string,
    userId: string,
    { foreign, identity }: Person,
  ): void {
    if (!foreign || !greetNow(identity)) return;
    const message = { text: words.foreign(workspace.name.replaceAll('*', '')) };
    const told = desk.messenger.whisper(workspace, { channel, userId }, message);
    background(told.catch((err: unknown) => log.debug({ err }, 'a guest could not be told')));
  }

  async function take(body: unknown): Promise<void> {
    const envelope = readEnvelope(body, workspaces);
    const parsed = changed.safeParse(envelope?.event);
    if (!envelope || !parsed.success) return;
    const { type, user, reaction, item, item_user: author, event_ts: ts } = parsed.data;
    if (workspaces.isOwnBot(user) || (author !== undefined && !workspaces.isOwnBot(author))) return;
    const emoji = names.emojiOf(reaction);
    if (!isNews(`${item.channel} ${item.ts} ${user} ${reaction}`, Number(ts))) return;
    const workspace = homes.of(item.channel, envelope.workspace, author);
    const at = Math.min(now(), Math.floor(Number(ts) * 1000));
    const person = await people.get(workspace, user, envelope.actingTeam);
    if (person.kind !== 'person') return;
    const present = type === 'reaction_added';
    const message = refOf(workspace, item.channel, item.ts);
    if (present) welcome(workspace, item.channel, user, person);
    await handlers.reaction({ message, identity: person.identity, emoji, present, at });
  }

  async function takeDeleted(body: unknown): Promise<void> {
    const envelope = readEnvelope(body, workspaces);
    const parsed = deleted.safeParse(envelope?.event);
    if (!envelope || !parsed.success) return;
    const { channel, deleted_ts: ts, previous_message: before } = parsed.data;
    if (before?.user !== undefined && !workspaces.isOwnBot(before.user)) return;
    await handlers.removed(refOf(homes.of(channel, envelope.workspace, before?.user), channel, ts));
  }

  // The order in which they come is the order in which they are reported, for one person and emoji.
  app.event('reaction_added', async ({ body }) => background(take(body)));
  app.event('reaction_removed', async ({ body }) => background(take(body)));
  app.event('message', async ({ body }) => background(takeDeleted(body)));
}
