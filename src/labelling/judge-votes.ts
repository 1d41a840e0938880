import { type CastVotes, castWhileNew, DECISION, findBursts, firstVotes } from '../../ml/bursts.ts';
import { chosen, grouped, sortedByTime } from '../../ml/row-groups.ts';
import { stepping } from '../../ml/steps.ts';
import { countUncounted, distinctRows, type UncountedNumbers } from './uncounted.ts';

/** All votes of a store at one moment, as numbers alone. */
export interface PlacedVotes extends CastVotes {
  readonly emotions: Int32Array;
  readonly emotionCount: number;
}

/** What a moderator decided, as numbers. Of two about the same vote, the later in the list holds. */
export interface NumberedDecision {
  readonly place: number;
  /** `song` is -1 for all songs; times are ms, both included. */
  readonly parts: readonly { readonly song: number; readonly from: number; readonly to: number }[];
  readonly counts: boolean;
  readonly at: number;
}

/** Which rows count and which do not, and how they belong together. */
export interface JudgedVotes {
  /** Rows that wait for a moderator: of place p from `starts[p]` to `starts[p + 1]`, in the order of their time. */
  readonly waiting: {
    readonly starts: Int32Array;
    readonly rows: Int32Array;
    /** Of each of these rows the number of the burst that it is part of. */
    readonly bursts: Int32Array;
  };
  /** Per burst 1 where it is on one song. */
  readonly isOnSong: Uint8Array;
  /** Rows that a moderator left out. */
  readonly leftOut: Int32Array;
  /** Rows that count, one for each vote, song by song. */
  readonly counting: Int32Array;
  readonly uncounted: UncountedNumbers;
}

/** What was decided about each vote, and from when on members are trusted because somebody let their votes count. */
interface Decided {
  readonly decided: Uint8Array;
  readonly trustedFrom: Float64Array;
}

/** Looks up for every vote the latest decision that is about it. */
function* decidedOn(votes: PlacedVotes, decisions: readonly NumberedDecision[]): Generator<void, Decided> {
  const { times, members, songs, places, memberCount } = votes;
  const decided = new Uint8Array(times.length);
  const trustedFrom = new Float64Array(memberCount).fill(Number.POSITIVE_INFINITY);
  if (decisions.length === 0) return { decided, trustedFrom };
  /** By place, then by song; the latest first. */
  const parts = new Map<string, { from: number; to: number; decision: NumberedDecision; turn: number }[]>();
  for (const [turn, decision] of decisions.entries()) {
    for (const { song, from, to } of decision.parts) {
      const key = `${decision.place} ${song}`;
      const list = parts.get(key) ?? [];
      parts.set(key, list);
      list.unshift({ from, to, decision, turn });
    }
  }
  const first = yield* firstVotes(votes);
  yield* stepping(decided.length, (begin, end) => {
    for (let row = begin; row < end; row++) {
      if (!castWhileNew(votes, row, first)) continue;
      const at = times[row];
      const about = [`${places[row]} ${songs[row]}`, `${places[row]} -1`].flatMap(
        (key) => parts.get(key)?.find(({ from, to }) => from <= at && at <= to) ?? [],
      );
      if (about.length === 0) continue;
      const { decision } = about.reduce((one, other) => (other.turn > one.turn ? other : one));
      decided[row] = decision.counts ? DECISION.counts : DECISION.leftOut;
      const member = members[row];
      if (decision.counts) trustedFrom[member] = Math.min(trustedFrom[member], decision.at);
    }
  });
  return { decided, trustedFrom };
}

/** Tells which votes count, in steps of about a millisecond. */
export function* judgeVotes(
  votes: PlacedVotes,
  decisions: readonly NumberedDecision[],
): Generator<void, JudgedVotes> {
  const { times, places, placeCount } = votes;
  const { decided, trustedFrom } = yield* decidedOn(votes, decisions);
  const { list, burstOf, held } = yield* findBursts(votes, decided, trustedFrom);
  const isLeftOut = (row: number) => held[row] === 0 && decided[row] === DECISION.leftOut;
  const out = new Uint8Array(held.length);
  yield* stepping(held.length, (from, to) => {
    for (let row = from; row < to; row++) out[row] = held[row] === 1 || isLeftOut(row) ? 1 : 0;
  });
  const { starts, rows } = yield* grouped(
    yield* chosen(held.length, (row) => held[row] === 1),
    placeCount,
    places,
  );
  const bursts = new Int32Array(rows.length);
  for (let place = 0; place < placeCount; place++) {
    const here = rows.subarray(starts[place], starts[place + 1]);
    if (here.length > 0) here.set(yield* sortedByTime(here, times));
  }
  yield* stepping(rows.length, (from, to) => {
    for (let i = from; i < to; i++) bursts[i] = burstOf[rows[i]];
  });
  return {
    waiting: { starts, rows, bursts },
    isOnSong: Uint8Array.from(list, ({ song }) => (song >= 0 ? 1 : 0)),
    leftOut: yield* chosen(out.length, isLeftOut),
    counting: yield* distinctRows(votes, yield* chosen(out.length, (row) => out[row] === 0)),
    uncounted: yield* countUncounted(votes, out),
  };
}
