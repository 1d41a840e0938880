import type { Logger } from 'pino';
import type { ChatPlatform, Place } from '../chat/platform.ts';
import type { Community, CommunityId } from '../domain/member.ts';
import { defaultSettings } from '../labelling/settings.ts';
import type { Store } from '../store/store.ts';
import { greeting } from './greeting.ts';

/** How long the settings and posts of a place that the bot was removed from are kept. */
export const GRACE_DAYS = 30;

interface CommunityParts {
  readonly store: Store;
  readonly log: Logger;
  now(): number;
}

/** Follows where the bot is: gives every place settings, greets it once, and forgets it some time after it was left. */
export interface Communities {
  /**
   * Compares with where a platform says it is; what happened while the bot was away is made good. Resolves when it is
   * noted; `greeted` when every new place has been greeted, which is not waited for.
   */
  remember(platform: ChatPlatform): Promise<{ readonly greeted: Promise<unknown> }>;
  /** The bot came to a place, or back to it. Never rejects. */
  joined(platform: ChatPlatform, place: Place): Promise<void>;
  /** The bot was removed from a place. Never rejects. */
  left(communityId: CommunityId): Promise<void>;
  /** Deletes what has been left for longer than the time of grace; resolves to how many. */
  forgetLeft(): Promise<number>;
}

export function createCommunities({ store, log, now }: CommunityParts): Communities {
  async function settle(platform: ChatPlatform, place: Place): Promise<Community> {
    const known = await store.community(place.communityId);
    if (known?.name === place.name && known.leftAt === undefined) return known;
    const { leftAt: _back, ...before } = known ?? { settings: defaultSettings() };
    const community: Community = {
      ...before,
      id: place.communityId,
      platform: platform.name,
      name: place.name,
    };
    await store.saveCommunity(community);
    return community;
  }

  /** Settles and greets; the words may take their time, the settings are there when this resolves. */
  async function enter(platform: ChatPlatform, place: Place): Promise<{ greeted: Promise<void> }> {
    const community = await settle(platform, place);
    const greeted = greet(platform, place, community).catch((err: unknown) => {
      log.warn({ err, community: place.communityId }, 'a new place could not be greeted');
    });
    return { greeted };
  }

  /** Saying it twice would be a nuisance, so it counts as said before it is: a failure is logged and left at that. */
  async function greet(platform: ChatPlatform, place: Place, community: Community): Promise<void> {
    if (place.greetingChannel === undefined || community.greetedAt !== undefined) return;
    if (community.settings.channel !== undefined) return;
    await store.saveCommunity({ ...community, greetedAt: now() });
    await platform.post({ communityId: place.communityId, channel: place.greetingChannel }, greeting(place));
  }

  async function joined(platform: ChatPlatform, place: Place): Promise<void> {
    try {
      await (await enter(platform, place)).greeted;
    } catch (err) {
      log.error({ err, community: place.communityId }, 'a new place could not be noted');
    }
  }

  async function left(communityId: CommunityId): Promise<void> {
    try {
      const community = await store.community(communityId);
      if (!community || community.leftAt !== undefined) return;
      await store.saveCommunity({ ...community, leftAt: now() });
      log.info(
        { community: communityId, days: GRACE_DAYS },
        'left a place; its settings are kept for a while',
      );
    } catch (err) {
      log.error({ err, community: communityId }, 'it could not be noted that a place was left');
    }
  }

  return {
    async remember(platform) {
      const places = await platform.places();
      // All at once, for one write to the disk; greeting thousands takes as long as the service's limits let it.
      const entered = await Promise.all(places.map((place) => enter(platform, place)));
      const here = new Set(places.map(({ communityId }) => communityId));
      for (const community of await store.communities()) {
        if (community.platform === platform.name && !here.has(community.id)) await left(community.id);
      }
      return { greeted: Promise.all(entered.map(({ greeted }) => greeted)) };
    },
    joined,
    left,
    async forgetLeft() {
      const before = now() - GRACE_DAYS * 86_400_000;
      let forgotten = 0;
      for (const { id, leftAt } of await store.communities()) {
        if (leftAt === undefined || leftAt > before) continue;
        await store.deleteCommunity(id);
        forgotten++;
        log.info({ community: id }, 'the settings and posts of a place left long ago are deleted');
      }
      return forgotten;
    },
  };
}
