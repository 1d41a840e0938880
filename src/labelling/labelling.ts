import type { ChatPlatform } from '../chat/platform.ts';
import type { Community, CommunityId } from '../domain/member.ts';
import type { SnippetPost } from '../domain/post.ts';
import type { SongId } from '../domain/song.ts';

export type PostRefusal = 'no-channel' | 'no-songs' | 'unknown-song' | 'cannot-post';

/** Posts snippets and turns reactions into votes. */
export interface Labelling {
  /**
   * Posts one snippet now: the given song, or the one the policy picks. `detail` says to moderators what is wrong and
   * what to do.
   */
  postSnippet(
    communityId: CommunityId,
    options: { readonly by: 'schedule' | 'command'; readonly songId?: SongId; readonly channel?: string },
  ): Promise<{ readonly post: SnippetPost } | { readonly refusal: PostRefusal; readonly detail?: string }>;
  /** Puts the emoji under posts that a stop of the bot cut short. */
  finishSeeding(platform: ChatPlatform): Promise<void>;
  /**
   * When the next scheduled snippet of a community is due (ms since epoch); `no-channel` as long as nobody has chosen
   * where it should go, undefined when switched off.
   */
  nextPostAt(community: Community): Promise<number | 'no-channel' | undefined>;
}
