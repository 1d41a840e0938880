import { DailyPeaks, dayOf, slidingWindow } from './burst-windows.ts';
import { chosen, filtered, grouped, sortedByTime } from './row-groups.ts';
import { stepping } from './steps.ts';

/** Votes with when, by whom and where they were cast; all arrays have one entry per vote, in any order. */
export interface CastVotes {
  /** ms since the epoch; a time that is no number is never part of a burst. */
  readonly times: Float64Array;
  readonly members: Int32Array;
  readonly songs: Int32Array;
  /** Number of the community; -1 for votes that came with an import, which are never part of a burst. */
  readonly places: Int32Array;
  readonly memberCount: number;
  readonly songCount: number;
  readonly placeCount: number;
}

/** What somebody has decided about a vote. */
export const DECISION = { none: 0, counts: 1, leftOut: 2 } as const;

export interface BurstRules {
  /** A member is new for this long after their first vote. */
  readonly newMs: number;
  /** Within `ms`, fewer new members than this on one song, or in one place, are never a burst. */
  readonly windows: readonly { readonly ms: number; readonly onSong: number; readonly inPlace: number }[];
  /** A burst holds at least this many times the usual. */
  readonly factor: number;
  /** What is usual is learned from this many days with votes. */
  readonly usualDays: number;
  /** Before a place has this many days with votes and members who are not new, everybody there is new. */
  readonly settledDays: number;
  readonly settledMembers: number;
  /** Whoever voted on so many songs on so many days, outside of bursts, is established. */
  readonly establishedSongs: number;
  readonly establishedDays: number;
}

const HOUR_MS = 3_600_000;

export const BURST_RULES: BurstRules = {
  newMs: 7 * 24 * HOUR_MS,
  windows: [
    { ms: HOUR_MS, onSong: 6, inPlace: 10 },
    { ms: 24 * HOUR_MS, onSong: 12, inPlace: 20 },
  ],
  factor: 4,
  usualDays: 28,
  settledDays: 7,
  settledMembers: 5,
  establishedSongs: 5,
  establishedDays: 3,
};

export interface Bursts {
  /** `song` is -1 for a burst over the whole place. */
  readonly list: readonly { readonly place: number; readonly song: number }[];
  /** Per vote the burst it is part of, or -1. A vote of a burst on one song is part of no other. */
  readonly burstOf: Int32Array;
  /** 1 for votes of a burst on which nothing is decided and whose member is not established. */
  readonly held: Uint8Array;
}

/** When each member first voted, ms; infinite for those without a vote whose time is known. */
export function* firstVotes({ times, members, memberCount }: CastVotes): Generator<void, Float64Array> {
  const first = new Float64Array(memberCount).fill(Number.POSITIVE_INFINITY);
  yield* stepping(times.length, (from, to) => {
    for (let row = from; row < to; row++) {
      if (times[row] < first[members[row]]) first[members[row]] = times[row];
    }
  });
  return first;
}

/** Whether a vote was cast in a place by somebody who was new at that time. */
export function castWhileNew(
  votes: CastVotes,
  row: number,
  first: Float64Array,
  rules = BURST_RULES,
): boolean {
  // Also false for a time that is no number.
  return votes.places[row] >= 0 && votes.times[row] - first[votes.members[row]] <= rules.newMs;
}

/** What is known of one place. */
interface Place {
  /** Days with votes by anybody, ascending. */
  readonly days: Int32Array;
  /** No burst before this time. */
  readonly settledAt: number;
  /** Per window of the rules: on one song, and on all. */
  readonly onSong: readonly DailyPeaks[];
  readonly overall: readonly DailyPeaks[];
}

/** Puts a value into an ascending list of the `most` smallest so far. */
function insert(least: number[], value: number, most: number): void {
  if (least.length === most && !(value < least[most - 1])) return;
  least.push(value);
  least.sort((a, b) => a - b);
  if (least.length > most) least.pop();
}

function* readPlaces(votes: CastVotes, first: Float64Array, rules: BurstRules): Generator<void, Place[]> {
  const { times, members, places, memberCount, placeCount } = votes;
  const isThere = (row: number) => places[row] >= 0 && Number.isFinite(times[row]);
  const there = yield* chosen(times.length, isThere);
  const { starts, rows } = yield* grouped(there, placeCount, places);
  /** When each member first voted in the place that is read, infinite where they have not. */
  const since = new Float64Array(memberCount).fill(Number.POSITIVE_INFINITY);
  const read: Place[] = [];
  for (let place = 0; place < placeCount; place++) {
    const days = new Set<number>();
    const here = rows.subarray(starts[place], starts[place + 1]);
    let day = Number.NaN;
    yield* stepping(here.length, (from, to) => {
      for (let i = from; i < to; i++) {
        const row = here[i];
        // Mostly the same as before.
        const then = dayOf(times[row]);
        if (then !== day) days.add(then);
        day = then;
        since[members[row]] = Math.min(since[members[row]], times[row]);
      }
    });
    const grown: number[] = [];
    yield* stepping(here.length, (from, to) => {
      for (let i = from; i < to; i++) {
        const member = members[here[i]];
        if (since[member] === Number.POSITIVE_INFINITY) continue;
        insert(grown, Math.max(since[member], first[member] + rules.newMs), rules.settledMembers);
        since[member] = Number.POSITIVE_INFINITY;
      }
    });
    const sorted = Int32Array.from(days).sort();
    const isOld = sorted.length > rules.settledDays;
    read.push({
      days: sorted,
      settledAt: Math.max(
        isOld ? sorted[rules.settledDays] * 24 * HOUR_MS : Number.POSITIVE_INFINITY,
        grown[rules.settledMembers - 1] ?? Number.POSITIVE_INFINITY,
      ),
      onSong: rules.windows.map(() => new DailyPeaks()),
      overall: rules.windows.map(() => new DailyPeaks()),
    });
    yield;
  }
  return read;
}

/**
 * Finds sudden bursts: far more new members who vote within a short time, on one song or in a whole place, than is
 * usual there. Counted are members, not votes: a few new people who like to vote are none. A generator, so that
 * whoever runs it can do other things between its steps of about a millisecond; near-linear in the votes.
 * @param decided per vote one of {@link DECISION}; votes that somebody decided to count make no burst
 * @param trustedFrom per member the time (ms) from which their votes make none either; infinite for nobody's
 */
export function* findBursts(
  votes: CastVotes,
  decided: Uint8Array,
  trustedFrom: Float64Array,
  rules: BurstRules = BURST_RULES,
): Generator<void, Bursts> {
  const { times, members, songs, places, memberCount, songCount, placeCount } = votes;
  const count = times.length;
  const first = yield* firstVotes(votes);
  const seen = new Int32Array(memberCount);
  const about = yield* readPlaces(votes, first, rules);
  const list: { place: number; song: number }[] = [];
  const burstOf = new Int32Array(count).fill(-1);
  const isNew = (row: number) => castWhileNew(votes, row, first, rules);
  const isSuspect = (row: number) =>
    burstOf[row] < 0 && decided[row] !== DECISION.counts && !(times[row] >= trustedFrom[members[row]]);

  const lined = { times: new Float64Array(0), members: new Int32Array(0) };

  /**
   * Times and members of rows, side by side as they are read: jumping through all votes takes several times as long.
   * In the same memory each time, of which much that is new makes the garbage collector stop everything.
   */
  function* lineUp(rows: Int32Array): Generator<void, { times: Float64Array; members: Int32Array }> {
    if (lined.times.length < rows.length) {
      lined.times = new Float64Array(rows.length);
      lined.members = new Int32Array(rows.length);
    }
    const line = {
      times: lined.times.subarray(0, rows.length),
      members: lined.members.subarray(0, rows.length),
    };
    yield* stepping(rows.length, (from, to) => {
      for (let i = from; i < to; i++) {
        line.times[i] = times[rows[i]];
        line.members[i] = members[rows[i]];
      }
    });
    return line;
  }

  /** 1 where a row has another key than the one before it. */
  function* beginnings(rows: Int32Array, ...keys: readonly Int32Array[]): Generator<void, Uint8Array> {
    const begins = new Uint8Array(rows.length);
    yield* stepping(rows.length, (from, to) => {
      for (let i = Math.max(1, from); i < to; i++) {
        for (const key of keys) if (key[rows[i]] !== key[rows[i - 1]]) begins[i] = 1;
      }
    });
    return begins;
  }

  /**
   * Walks through rows with each window in turn.
   * @param begins 1 where another group begins: no window reaches over it
   * @param told hears at every position how many distinct members the window that ends there holds
   */
  function* walk(
    rows: Int32Array,
    begins: Uint8Array,
    told: (window: number, at: number, distinct: number, time: number) => void,
  ): Generator<void> {
    const line = yield* lineUp(rows);
    for (const [w, { ms }] of rules.windows.entries()) {
      const window = slidingWindow(line.times, line.members, ms, seen);
      yield* stepping(rows.length, (from, to) => {
        for (let i = from; i < to; i++) {
          if (begins[i] === 1) window.empty();
          told(w, i, window.step(i), line.times[i]);
        }
      });
      window.empty();
    }
  }

  function* mark(rows: Int32Array, place: number, song: number): Generator<void> {
    const { days, settledAt, onSong, overall } = about[place];
    const line = yield* lineUp(rows);
    const covered = new Uint8Array(rows.length);
    /** 1 where a vote shares a window with the one before it. */
    const joined = new Uint8Array(rows.length);
    for (const [w, { ms, ...floors }] of rules.windows.entries()) {
      const peaks = song < 0 ? overall[w] : onSong[w];
      const floor = song < 0 ? floors.inPlace : floors.onSong;
      const window = slidingWindow(line.times, line.members, ms, seen);
      let [day, threshold] = [Number.NaN, floor];
      let marked = 0;
      yield* stepping(rows.length, (from, to) => {
        for (let i = from; i < to; i++) {
          const distinct = window.step(i);
          if (distinct < floor || line.times[i] < settledAt) continue;
          if (day !== dayOf(line.times[i])) {
            day = dayOf(line.times[i]);
            threshold = peaks.threshold(day, days, rules.usualDays, rules.factor, floor);
          }
          if (distinct < threshold) continue;
          for (let k = Math.max(window.first(), marked); k <= i; k++) {
            covered[k] = 1;
            if (k > window.first()) joined[k] = 1;
          }
          marked = i + 1;
        }
      });
      window.empty();
    }
    yield* stepping(rows.length, (from, to) => {
      for (let i = from; i < to; i++) {
        if (covered[i] === 0) continue;
        burstOf[rows[i]] = joined[i] === 1 ? burstOf[rows[i - 1]] : list.push({ place, song }) - 1;
      }
    });
  }

  // In the order of their time within each place, and of their places within each song.
  const ordered = yield* sortedByTime(yield* chosen(count, isNew), times);
  const byPlace = yield* grouped(ordered, placeCount, places);
  const bySong = yield* grouped(byPlace.rows, songCount, songs);
  // First the songs, each place's votes on one by themselves: where so many are in one window that it may be a burst …
  const isMany = new Uint8Array(bySong.rows.length);
  const begins = yield* beginnings(bySong.rows, songs, places);
  yield* walk(bySong.rows, begins, (w, i, distinct) => {
    if (distinct >= rules.windows[w].onSong) isMany[i] = 1;
  });
  // … and what is usual.
  const isUsual = (row: number) => decided[row] !== DECISION.leftOut;
  const usualOnSong = yield* filtered(bySong.rows, isUsual);
  yield* walk(usualOnSong, yield* beginnings(usualOnSong, songs, places), (w, i, distinct, time) => {
    about[places[usualOnSong[i]]].onSong[w].note(dayOf(time), distinct);
  });
  const usual = yield* filtered(byPlace.rows, isUsual);
  yield* walk(usual, yield* beginnings(usual, places), (w, i, distinct, time) => {
    about[places[usual[i]]].overall[w].note(dayOf(time), distinct);
  });
  for (let at = isMany.indexOf(1); at >= 0; ) {
    const from = Math.max(0, begins.lastIndexOf(1, at));
    const next = begins.indexOf(1, at + 1);
    const to = next < 0 ? begins.length : next;
    const [place, song] = [places[bySong.rows[at]], songs[bySong.rows[at]]];
    yield* mark(yield* filtered(bySong.rows.subarray(from, to), isSuspect), place, song);
    yield;
    at = isMany.indexOf(1, to);
  }
  for (let place = 0; place < placeCount; place++) {
    const here = byPlace.rows.subarray(byPlace.starts[place], byPlace.starts[place + 1]);
    yield* mark(yield* filtered(here, isSuspect), place, -1);
    yield;
  }

  const established = yield* establishedMembers(votes, burstOf, decided, rules);
  const held = new Uint8Array(count);
  yield* stepping(count, (from, to) => {
    for (let row = from; row < to; row++) {
      if (burstOf[row] < 0 || decided[row] !== DECISION.none || established.has(members[row])) continue;
      held[row] = 1;
    }
  });
  return { list, burstOf, held };
}

/** Of those with a vote in a burst: who also voted on enough songs on enough days outside of any. */
function* establishedMembers(
  { times, members, songs, places }: CastVotes,
  burstOf: Int32Array,
  decided: Uint8Array,
  rules: BurstRules,
): Generator<void, ReadonlySet<number>> {
  const known = new Map<number, { readonly songs: Set<number>; readonly days: Set<number> }>();
  yield* stepping(burstOf.length, (from, to) => {
    for (let row = from; row < to; row++) {
      if (burstOf[row] < 0 || known.has(members[row])) continue;
      known.set(members[row], { songs: new Set(), days: new Set() });
    }
  });
  const established = new Set<number>();
  if (known.size === 0) return established;
  yield* stepping(burstOf.length, (from, to) => {
    for (let row = from; row < to; row++) {
      if (burstOf[row] >= 0 || places[row] < 0 || decided[row] === DECISION.leftOut) continue;
      const said = known.get(members[row]);
      if (said === undefined || !Number.isFinite(times[row])) continue;
      said.songs.add(songs[row]);
      said.days.add(dayOf(times[row]));
      if (said.songs.size >= rules.establishedSongs && said.days.size >= rules.establishedDays) {
        established.add(members[row]);
      }
    }
  });
  return established;
}
