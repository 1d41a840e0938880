import { z } from 'zod';
import type { MessageRef } from '../../domain/post.ts';
import { ChatError, type StandingReaction } from '../platform.ts';
import type { Api } from './api.ts';
import type { EmojiNames } from './emoji.ts';
import { asChatError, isGone } from './errors.ts';
import { doing } from './messenger.ts';
import type { People } from './people.ts';
import type { Workspace } from './workspaces.ts';

const got = z.object({
  message: z.object({
    reactions: z
      .array(z.object({ name: z.string(), users: z.array(z.string()), count: z.number() }))
      .optional(),
  }),
});

/**
 * Who reacted with what, asked of Slack itself; bots and closed accounts left out.
 * @returns undefined if the message is gone
 * @throws ChatError also when Slack does not tell everybody: what is known stays then
 */
export async function readReactions(
  { api, people, names }: { api: Api; people: People; names: EmojiNames },
  workspace: Workspace,
  { channel, message }: MessageRef,
): Promise<readonly StandingReaction[] | undefined> {
  try {
    const args = { channel, timestamp: message, full: true };
    const { reactions = [] } = got.parse(await api.call(workspace, 'reactions.get', args)).message;
    // Skin tones of one emoji are reactions of their own to Slack, and the same to us.
    const users = new Map<string, Set<string>>();
    for (const reaction of reactions) {
      if (reaction.users.length < reaction.count) {
        throw new ChatError(
          'limited',
          `Slack names only ${reaction.users.length} of ${reaction.count} people who reacted; I keep what I know.`,
        );
      }
      const emoji = names.emojiOf(reaction.name);
      const who = users.get(emoji) ?? new Set();
      for (const user of reaction.users) if (user !== workspace.botUserId) who.add(user);
      users.set(emoji, who);
    }
    const standing = [...users].flatMap(([emoji, ids]) => [...ids].map((id) => ({ id, emoji })));
    const found = await Promise.all(
      standing.map(async ({ id, emoji }) => ({ person: await people.certain(workspace, id), emoji })),
    );
    return found
      .filter(({ person }) => person.kind === 'person')
      .map(({ person, emoji }) => ({ identity: person.identity, emoji }));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw asChatError(error, doing('read the reactions of a message', workspace, channel));
  }
}
