import type { BurstDecision } from '../domain/burst.ts';
import type { CommunityId, IdentityId, Vote } from '../domain/member.ts';
import type { ReactionFact } from '../domain/post.ts';
import type { SongId } from '../domain/song.ts';
import type { Store, StoreTotals } from '../store/store.ts';
import { castKey, type Doubt } from './doubts.ts';
import { findHeldBack, type HeldBack, type HeldBurst } from './held-back.ts';

/** What a moderator was shown of a burst, and says of it. */
interface Verdict {
  readonly communityId: CommunityId;
  readonly from: number;
  readonly to: number;
  readonly by: IdentityId;
  readonly name: string;
  readonly at: number;
}

export type VerdictOutcome =
  /** `votes`: on how many it was. */
  | { readonly kind: 'decided'; readonly decision: BurstDecision; readonly votes: number }
  /** Somebody was first, with this. */
  | { readonly kind: 'already'; readonly decision: BurstDecision }
  /** More came in between the same times than was shown; nothing is decided. */
  | { readonly kind: 'changed'; readonly burst: HeldBurst }
  /** Nothing waits there any more, and nothing was decided. */
  | { readonly kind: 'gone' };

/** Sudden bursts of votes by new members, which count only once a moderator says so. */
export interface Bursts {
  /** What waits for a moderator of a community, oldest first. */
  waiting(communityId: CommunityId): Promise<readonly HeldBurst[]>;
  /** @param verdict.votes as many as were shown */
  decide(verdict: Verdict & { readonly votes: number; readonly counts: boolean }): Promise<VerdictOutcome>;
  /** Turns a decision around. @param verdict.turn how often it was turned around before */
  reverse(verdict: Verdict & { readonly turn: number }): Promise<VerdictOutcome>;
  /** The votes on a song that count. Of a burst that nobody has looked at yet, some may be among them. */
  countedOn(songId: SongId): Promise<readonly Vote[]>;
  /**
   * Per song how many members have votes on it that count; songs without such members are not in it. No burst is
   * older than half a minute that it does not know of: it looks again where the last look is older.
   */
  votersPerSong(): Promise<ReadonlyMap<SongId, number>>;
  /** Votes that count, their voters and songs; and all members. Of a burst that nobody has looked at yet, some may be in it. */
  totals(): Promise<StoreTotals>;
  /** Those of the reactions that do not count as votes, and why. */
  doubtsIn(
    reactions: readonly ReactionFact[],
  ): Promise<readonly { readonly reaction: ReactionFact; readonly doubt: Doubt }[]>;
}

/** For so long one look at all votes does; for showing something, an older one does while the next is under way. */
const RECENT_MS = 30_000;

const idOf = ({ communityId, from, to }: Verdict, turn: number) => `${communityId}/${from}-${to}/${turn}`;

/** How often the decision was turned around before. */
export function turnOf({ id }: BurstDecision): number {
  return Number(id.slice(id.lastIndexOf('/') + 1));
}

export function createBursts({ store, now }: { readonly store: Store; now(): number }): Bursts {
  /** Only this is kept: the rest of what is found holds all votes. */
  type Seen = Pick<HeldBack, 'doubts' | 'uncounted'>;
  let last: (Seen & { readonly at: number }) | undefined;
  let looking: Promise<Seen> | undefined;
  let decisions = 0;

  async function look(): Promise<Seen> {
    const [at, since] = [now(), decisions];
    const { doubts, uncounted } = await findHeldBack(store);
    // One that began before the latest decision may not know of it.
    if (since === decisions) last = { at, doubts, uncounted };
    return { doubts, uncounted };
  }

  /** What the last look saw, if that is recent. */
  function recent(): Seen | undefined {
    const age = last === undefined ? Number.NaN : now() - last.at;
    return age >= 0 && age <= RECENT_MS ? last : undefined;
  }

  /** What the look under way sees; begins one if there is none. */
  function next(): Promise<Seen> {
    if (looking === undefined) {
      const under = look().finally(() => {
        if (looking === under) looking = undefined;
      });
      // Heard of by whoever waits for it.
      under.catch(() => {});
      looking = under;
    }
    return looking;
  }

  /** Waits only for the very first look: where the last one is older, the next begins. */
  function lately(): Seen | Promise<Seen> {
    const seen = recent();
    if (seen !== undefined) return seen;
    const coming = next();
    return last ?? coming;
  }

  /** All that was decided on what one moderator was shown, the first decision first. */
  async function decidedOn(verdict: Verdict): Promise<BurstDecision[]> {
    const about = idOf(verdict, 0).slice(0, -1);
    return (await store.burstDecisions()).filter(({ id }) => id.startsWith(about));
  }

  async function save(
    { communityId, by, name, at }: Verdict,
    { id, parts, counts }: Pick<BurstDecision, 'id' | 'parts' | 'counts'>,
    votes: number,
  ): Promise<VerdictOutcome> {
    const decision: BurstDecision = { id, communityId, parts, counts, by, name, at };
    const saved = await store.saveBurstDecision(decision);
    decisions++;
    last = undefined;
    looking = undefined;
    if (saved) return { kind: 'decided', decision, votes };
    const first = (await store.burstDecisions()).find((one) => one.id === id);
    return { kind: 'already', decision: first ?? decision };
  }

  return {
    async waiting(communityId) {
      return (await findHeldBack(store)).bursts(communityId);
    },
    async decide(verdict) {
      const before = (await decidedOn(verdict)).at(-1);
      if (before) return { kind: 'already', decision: before };
      const burst = await (await findHeldBack(store)).within(verdict.communityId, verdict.from, verdict.to);
      if (burst === undefined) return { kind: 'gone' };
      if (burst.votes > verdict.votes) return { kind: 'changed', burst };
      const { parts, votes } = burst;
      return save(verdict, { id: idOf(verdict, 0), parts, counts: verdict.counts }, votes);
    },
    async reverse(verdict) {
      const latest = (await decidedOn(verdict)).at(-1);
      if (latest === undefined) return { kind: 'gone' };
      if (turnOf(latest) !== verdict.turn) return { kind: 'already', decision: latest };
      const { parts, counts } = latest;
      return save(verdict, { id: idOf(verdict, verdict.turn + 1), parts, counts: !counts }, 0);
    },
    async countedOn(songId) {
      const { doubts } = await lately();
      const votes = new Map<string, Vote>();
      for (const cast of await store.castVotesOn(songId)) {
        const { memberId, emotion } = cast;
        if (doubts.get(castKey(cast)) === undefined)
          votes.set(`${memberId}\n${emotion}`, { songId, memberId, emotion });
      }
      return [...votes.values()];
    },
    async votersPerSong() {
      const { uncounted } = recent() ?? (await next());
      const voters = new Map(await store.votersPerSong());
      for (const [song, less] of uncounted.votersOn) {
        const left = (voters.get(song) ?? 0) - less;
        if (left > 0) voters.set(song, left);
        else voters.delete(song);
      }
      return voters;
    },
    async totals() {
      const { uncounted } = await lately();
      const all = await store.totals();
      return {
        votes: Math.max(0, all.votes - uncounted.votes),
        voters: Math.max(0, all.voters - uncounted.voters),
        votedSongs: Math.max(0, all.votedSongs - uncounted.songs),
        members: all.members,
      };
    },
    async doubtsIn(reactions) {
      const { doubts } = await findHeldBack(store);
      return reactions.flatMap((reaction) => {
        const { meaning, ...rest } = reaction;
        if (meaning.kind === 'like') return [];
        const doubt = doubts.get(castKey({ ...rest, emotion: meaning.emotion }));
        return doubt === undefined ? [] : [{ reaction, doubt }];
      });
    },
  };
}
