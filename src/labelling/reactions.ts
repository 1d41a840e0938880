import type { Logger } from 'pino';
import type { ChatPlatform, ReactionEvent } from '../chat/platform.ts';
import type { Taxonomy } from '../domain/emotion.ts';
import { type PostId, type ReactionFact, refKey, type SnippetPost } from '../domain/post.ts';
import type { Store } from '../store/store.ts';

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
  /**
   * Reads the reactions of all open posts of one platform back and stores what was missed while the bot was away.
   * A post whose message is gone is closed; its votes stay.
   * @returns number of reactions that had been missed
   */
  catchUp(platform: ChatPlatform): Promise<number>;
}

function factKey(fact: Pick<ReactionFact, 'identity' | 'meaning'>): string {
  return `${fact.identity}\n${fact.meaning.kind === 'emotion' ? fact.meaning.emotion : ''}`;
}

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

  async function take(event: ReactionEvent): Promise<void> {
    const meaning = taxonomy.meaningOf(event.emoji);
    const post = meaning && (await store.post(refKey(event.message)));
    if (!post || event.at > post.closesAt) return;
    const { identity, present, at } = event;
    await store.setReaction({ postId: post.id, songId: post.songId, identity, meaning, present, at });
  }

  /** Makes the store say the same of a post as the platform does; resolves to the number of changes. */
  async function reconcile(platform: ChatPlatform, post: SnippetPost): Promise<number> {
    const at = now();
    const standing = await platform.reactions(post.message);
    if (!standing) {
      await store.savePost({ ...post, closesAt: at });
      return 0;
    }
    const truth = new Map<string, ReactionFact>();
    for (const { identity, emoji } of standing) {
      const meaning = taxonomy.meaningOf(emoji);
      if (!meaning) continue;
      const fact = { postId: post.id, songId: post.songId, identity, meaning, present: true, at };
      truth.set(factKey(fact), fact);
    }
    const changes: ReactionFact[] = [];
    for (const known of await store.reactionsOn(post.id)) {
      // A platform that lost its messages gives their names again: what was voted on the post before stays.
      if (known.songId !== post.songId) continue;
      if (!truth.delete(factKey(known))) changes.push({ ...known, present: false, at });
    }
    changes.push(...truth.values());
    return changes.length > 0 ? store.setReactions(changes) : 0;
  }

  return {
    async handle(event) {
      try {
        await inTurn(refKey(event.message), () => take(event));
      } catch (err) {
        log.error({ err }, 'a reaction could not be stored; it is read back at the next start');
      }
    },
    async catchUp(platform) {
      const posts = (await store.openPosts(now())).filter((post) => post.message.platform === platform.name);
      let missed = 0;
      for (const post of posts) {
        try {
          missed += await inTurn(post.id, () => reconcile(platform, post));
        } catch (err) {
          log.warn({ err, post: post.id }, 'the reactions of a snippet could not be read back');
        }
      }
      if (missed > 0) log.info({ missed, posts: posts.length }, 'caught up on reactions');
      return missed;
    },
  };
}
