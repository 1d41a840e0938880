import type { ReactionMeaning } from './emotion.ts';
import type { CommunityId, IdentityId, PlatformName } from './member.ts';
import type { SongId } from './song.ts';

/** Where a message is. All parts are the platform's own ids. */
export interface MessageRef {
  readonly platform: PlatformName;
  readonly communityId: CommunityId;
  readonly channel: string;
  readonly message: string;
}

/** Stable text form of a reference, used as the id of a snippet post. */
export function refKey(ref: MessageRef): string {
  return `${ref.communityId}/${ref.channel}/${ref.message}`;
}

/** Id of the community that a post is in; undefined where it came with an import or the demo. */
export function communityOfPost(id: PostId): CommunityId | undefined {
  const end = id.indexOf('/');
  return end < 0 || id.startsWith('import:') ? undefined : id.slice(0, end);
}

/** `refKey(message)`; `import:<table>` for votes that came from a file, `demo` for the demo listeners'. */
export type PostId = string;

/** One message on one platform that asks for reactions to one song. */
export interface SnippetPost {
  readonly id: PostId;
  readonly communityId: CommunityId;
  readonly message: MessageRef;
  readonly songId: SongId;
  readonly postedAt: number;
  /** After this time reactions no longer count. */
  readonly closesAt: number;
  readonly postedBy: 'schedule' | 'command';
  /** `random` posts measure quality without bias. */
  readonly chosenBy: 'policy' | 'random' | 'request';
}

/** A fact: on this post, this identity's reaction is there or not. Votes and likes are derived from it. */
export interface ReactionFact {
  readonly postId: PostId;
  readonly songId: SongId;
  readonly identity: IdentityId;
  readonly meaning: ReactionMeaning;
  readonly present: boolean;
  readonly at: number;
}
