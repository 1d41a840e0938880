import type { Logger } from 'pino';
import type { Message } from '../chat/message.ts';
import type { ChatPlatform } from '../chat/platform.ts';
import type { Whereabouts } from '../domain/spotify.ts';

/**
 * Tells somebody what they did not ask for just now, alone; where that is not possible, the channel they asked in.
 * Never rejects.
 * @param open what everybody there may read; undefined: they are told alone or not at all
 * @returns whether they were told
 */
export type Tell = (where: Whereabouts, alone: Message, open?: Message) => Promise<boolean>;

export function createTelling(platforms: readonly ChatPlatform[], log: Logger): Tell {
  return async ({ identity, communityId, channel }, alone, open) => {
    const platform = platforms.find(({ name }) => identity.startsWith(`${name}:`));
    if (platform === undefined) return false;
    try {
      if (await platform.tell(identity, alone, communityId)) return true;
      if (open === undefined) return false;
      await platform.post({ communityId, channel }, { ...open, addressee: identity });
      return true;
    } catch (err) {
      log.warn({ err, community: communityId }, 'somebody could not be told about their Spotify account');
      return false;
    }
  };
}
