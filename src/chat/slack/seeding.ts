import type { Logger } from 'pino';
import type { MessageRef } from '../../domain/post.ts';
import type { Api } from './api.ts';
import type { EmojiNames } from './emoji.ts';
import { asChatError, codeOf } from './errors.ts';
import { doing } from './messenger.ts';
import type { Workspace } from './workspaces.ts';

/**
 * Puts the bot's own emoji under a message, one after the other, so that they stand in this order. An emoji that the
 * workspace does not have (any more) is left out.
 * @throws ChatError
 */
export async function seed(
  { api, names, log }: { api: Api; names: EmojiNames; log: Logger },
  workspace: Workspace,
  { channel, message }: MessageRef,
  emojis: readonly string[],
): Promise<void> {
  try {
    for (const emoji of emojis) {
      const name = names.nameOf(emoji);
      if (name === undefined) {
        log.warn({ emoji, team: workspace.id }, 'the name of an emoji is not known to me; it is left out');
        continue;
      }
      try {
        await api.call(workspace, 'reactions.add', { channel, timestamp: message, name });
      } catch (error) {
        const code = codeOf(error);
        if (code === 'already_reacted') continue;
        if (code !== 'invalid_name') throw error;
        log.warn({ emoji, team: workspace.id }, 'an emoji does not exist here; it is left out');
      }
    }
  } catch (error) {
    throw asChatError(error, doing('put emoji under a message', workspace, channel));
  }
}
