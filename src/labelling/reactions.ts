import type { Logger } from 'pino';
import type { ChatPlatform, ReactionEvent, ReactionsCleared } from '../chat/platform.ts';
import type { ReactionMeaning, Taxonomy } from '../domain/emotion.ts';
import type { CommunityId } from '../domain/member.ts';
import { type MessageRef, type PostId, type ReactionFact, refKey, type SnippetPost } from '../domain/post.ts';
import type { Store } from '../store/store.ts';
import { meaningIn } from './emoji.ts';

/** Posts whose reactions are read back at the same time. */
const AT_ONCE = 4;
/** Posts between two lines of progress in the log. */
const PROGRESS_EVERY = 50;

interface ReactionParts {
  readonly store: Store;
  readonly taxonomy: Taxonomy;
  readonly log: Logger;
  now(): number;
}

/** Turns reactions into facts in the store, from which votes and likes are derived. */
export interface Reactions {
  /**
   * Takes one event in. Other emojis, other messages and events after a post has closed change nothing. Never
   * rejects: a failure is logged, and catch-up repairs it later.
   */
  handle(event: ReactionEvent): Promise<void>;
  /** A moderator took reactions off a post: their votes go too. Never rejects. */
  cleared(event: ReactionsCleared): Promise<void>;
  /** The message of a post was deleted: it takes no more votes, those it has stay. Never rejects. */
  removed(message: MessageRef): Promise<void>;
  /**
   * Reads the reactions of all open posts of one platform back and stores what was missed while the bot was away.
   * A post whose message is gone is closed; its votes stay.
   * @param communities only these; all of the platform if left out
   * @returns number of reactions that had been missed
   */
  catchUp(platform: ChatPlatform, communities?: readonly CommunityId[]): Promise<number>;
}

function factKey(fact: Pick<ReactionFact, 'identity' | 'meaning'>): string {
  return `${fact.identity}\n${fact.meaning.kind === 'emotion' ? fact.meaning.emotion : ''}`;
}

function sameMeaning(one: ReactionMeaning, other: ReactionMeaning): boolean {
  return one.kind === 'like' || other.kind === 'like'
    ? one.kind === other.kind
    : one.emotion === other.emotion;
}

/** A write under way, in a box so that whoever waits for its beginning does not wait for its end. */
interface Begun {
  readonly write: Promise<unknown> | undefined;
}
const NOTHING: Begun = { write: undefined };

/** One task at a time per post, in order of arrival. */
function createQueues() {
  const tails = new Map<PostId, Promise<unknown>>();
  return <T>(postId: PostId, task: () => Promise<T>): Promise<T> => {
    const result = (tails.get(postId) ?? Promise.resolve()).then(task);
    const tail = result.catch(() => undefined);
    tails.set(postId, tail);
    void tail.then(() => tails.get(postId) === tail && tails.delete(postId));
    return result;
  };
}

export function createReactions({ store, taxonomy, log, now }: ReactionParts): Reactions {
  // An event that arrives while its post is read back has to wait, or the older reading would undo it.
  const inTurn = createQueues();

  async function meaningOf(communityId: CommunityId) {
    const community = await store.community(communityId);
    return (emoji: string) => meaningIn(taxonomy, community?.settings, emoji);
  }

  /** Begins to store one event; what is returned in the box is waited for outside of the post's turn. */
  async function take(event: ReactionEvent): Promise<Begun> {
    const post = await store.post(refKey(event.message));
    if (!post || event.at > post.closesAt) return NOTHING;
    const meaning = (await meaningOf(post.communityId))(event.emoji);
    if (!meaning) return NOTHING;
    const { identity, present, at } = event;
    const fact = { postId: post.id, songId: post.songId, identity, meaning, present, at };
    return { write: store.setReaction(fact) };
  }

  async function clear({ message, emoji, at }: ReactionsCleared): Promise<Begun> {
    const post = await store.post(refKey(message));
    if (!post || at > post.closesAt) return NOTHING;
    const meaning = emoji === undefined ? undefined : (await meaningOf(post.communityId))(emoji);
    if (emoji !== undefined && !meaning) return NOTHING;
    const standing = (await store.reactionsOn(post.id)).filter(
      (fact) => fact.songId === post.songId && (!meaning || sameMeaning(fact.meaning, meaning)),
    );
    return { write: store.setReactions(standing.map((fact) => ({ ...fact, present: false, at }))) };
  }

  /** No more votes on this post; those it has stay. */
  async function close(post: SnippetPost): Promise<void> {
    if (post.closesAt > now()) await store.savePost({ ...post, closesAt: now() });
  }

  /** Makes the store say the same of a post as the platform does; resolves to the number of changes. */
  async function reconcile(platform: ChatPlatform, post: SnippetPost): Promise<number> {
    const at = now();
    const standing = await platform.reactions(post.message);
    if (!standing) {
      await close(post);
      return 0;
    }
    const meaning = await meaningOf(post.communityId);
    const truth = new Map<string, ReactionFact>();
    for (const { identity, emoji } of standing) {
      const meant = meaning(emoji);
      if (!meant) continue;
      const fact = { postId: post.id, songId: post.songId, identity, meaning: meant, present: true, at };
      truth.set(factKey(fact), fact);
    }
    const changes: ReactionFact[] = [];
    for (const known of await store.reactionsOn(post.id)) {
      // A platform that lost its messages gives their names again: what was voted on the post before stays.
      if (known.songId !== post.songId) continue;
      if (!truth.delete(factKey(known))) changes.push({ ...known, present: false, at });
    }
    for (const fact of truth.values()) {
      // Where the bot cannot take somebody's reactions off, they must not be read back after all was deleted.
      const forgottenAt = await store.forgottenAt(fact.identity);
      if (forgottenAt === undefined || forgottenAt < post.postedAt) changes.push(fact);
    }
    return changes.length > 0 ? store.setReactions(changes) : 0;
  }

  /**
   * Whatever goes wrong is logged here: reading back repairs it. A write has its place from when it is begun, so the
   * next event does not wait until this one is on the disk: on one post, votes would come a disk's pause apart.
   */
  async function guarded(message: MessageRef, task: () => Promise<Begun>): Promise<void> {
    try {
      await (await inTurn(refKey(message), task)).write;
    } catch (err) {
      log.error({ err }, 'a reaction could not be stored; it is read back at the next start');
    }
  }

  async function postsOf(platform: ChatPlatform, communities?: readonly CommunityId[]) {
    const only = communities && new Set(communities);
    return (await store.openPosts(now()))
      .filter((post) => post.message.platform === platform.name && (only?.has(post.communityId) ?? true))
      .sort((one, other) => other.postedAt - one.postedAt);
  }

  async function catchUp(platform: ChatPlatform, communities?: readonly CommunityId[]): Promise<number> {
    const posts = await postsOf(platform, communities);
    let missed = 0;
    let read = 0;
    let failed = 0;
    async function readBack(post: SnippetPost): Promise<void> {
      try {
        const changes = await inTurn(post.id, () => reconcile(platform, post));
        missed += changes;
      } catch (err) {
        failed++;
        log.warn({ err, post: post.id }, 'the reactions of a snippet could not be read back');
      }
      read++;
      if (read % PROGRESS_EVERY === 0) {
        log.info({ read, of: posts.length, missed }, 'reading back the reactions of open snippets');
      }
    }
    // The newest first, a few at a time: where posts stand in different channels their limits are apart.
    const queue = posts.values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const post of queue) await readBack(post);
      }),
    );
    if (missed > 0 || failed > 0) log.info({ missed, posts: posts.length, failed }, 'caught up on reactions');
    return missed;
  }

  return {
    handle: (event) => guarded(event.message, () => take(event)),
    cleared: (event) => guarded(event.message, () => clear(event)),
    removed: (message) =>
      guarded(message, async () => {
        const post = await store.post(refKey(message));
        return { write: post && close(post) };
      }),
    catchUp,
  };
}
