import { DailyPeaks, dayOf, slidingWindow } from './burst-windows.ts';
import { grouped, PER_STEP, sortedByTime } from './row-groups.ts';

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
export function firstVotes({ times, members, memberCount }: CastVotes): Float64Array {
  const first = new Float64Array(memberCount).fill(Number.POSITIVE_INFINITY);
  for (let row = 0; row < times.length; row++) {
    if (times[row] < first[members[row]]) first[members[row]] = times[row];
  }
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
  const { starts, rows } = yield* grouped(times.length, placeCount, places, isThere);
  /** When each member first voted in the place that is read, infinite where they have not. */
  const since = new Float64Array(memberCount).fill(Number.POSITIVE_INFINITY);
  const read: Place[] = [];
  for (let place = 0; place < placeCount; place++) {
    const days = new Set<number>();
    const here = rows.subarray(starts[place], starts[place + 1]);
    let day = Number.NaN;
    for (const [i, row] of here.entries()) {
      if (i % PER_STEP === PER_STEP - 1) yield;
      // Mostly the same as before.
      const then = dayOf(times[row]);
      if (then !== day) days.add(then);
      day = then;
      since[members[row]] = Math.min(since[members[row]], times[row]);
    }
    const grown: number[] = [];
    for (const [i, row] of here.entries()) {
      if (i % PER_STEP === PER_STEP - 1) yield;
      const member = members[row];
      if (since[member] === Number.POSITIVE_INFINITY) continue;
      insert(grown, Math.max(since[member], first[member] + rules.newMs), rules.settledMembers);
      since[member] = Number.POSITIVE_INFINITY;
    }
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
 * whoever runs it can do other things between its steps of a few milliseconds; near-linear in the votes.
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
  const first = firstVotes(votes);
  const seen = new Int32Array(memberCount);
  const about = yield* readPlaces(votes, first, rules);
  const list: { place: number; song: number }[] = [];
  const burstOf = new Int32Array(count).fill(-1);
  const isNew = (row: number) => castWhileNew(votes, row, first, rules);
  const isSuspect = (row: number) =>
    burstOf[row] < 0 && decided[row] !== DECISION.counts && !(times[row] >= trustedFrom[members[row]]);

  function* notePeaks(rows: Int32Array, peaks: readonly DailyPeaks[]): Generator<void> {
    for (const [w, { ms }] of rules.windows.entries()) {
      const window = slidingWindow(votes, rows, ms, seen);
      for (let i = 0; i < rows.length; i++) {
        peaks[w].note(dayOf(times[rows[i]]), window.step(i));
        if (i % PER_STEP === PER_STEP - 1) yield;
      }
      window.end();
    }
  }

  function* mark(rows: Int32Array, place: number, song: number): Generator<void> {
    const { days, settledAt, onSong, overall } = about[place];
    const covered = new Uint8Array(rows.length);
    /** 1 where a vote shares a window with the one before it. */
    const joined = new Uint8Array(rows.length);
    for (const [w, { ms, ...floors }] of rules.windows.entries()) {
      const peaks = song < 0 ? overall[w] : onSong[w];
      const floor = song < 0 ? floors.inPlace : floors.onSong;
      const window = slidingWindow(votes, rows, ms, seen);
      let [day, threshold] = [Number.NaN, floor];
      let marked = 0;
      for (let i = 0; i < rows.length; i++) {
        if (i % PER_STEP === PER_STEP - 1) yield;
        const distinct = window.step(i);
        if (distinct < floor || times[rows[i]] < settledAt) continue;
        if (day !== dayOf(times[rows[i]])) {
          day = dayOf(times[rows[i]]);
          threshold = peaks.threshold(day, days, rules.usualDays, rules.factor, floor);
        }
        if (distinct < threshold) continue;
        for (let k = Math.max(window.first(), marked); k <= i; k++) {
          covered[k] = 1;
          if (k > window.first()) joined[k] = 1;
        }
        marked = i + 1;
      }
      window.end();
    }
    for (const [i, row] of rows.entries()) {
      if (covered[i] === 0) continue;
      burstOf[row] = joined[i] === 1 ? burstOf[rows[i - 1]] : list.push({ place, song }) - 1;
    }
  }

  // First the songs, each place's votes on one by themselves: what is usual there, and where there may be a burst.
  const least = Math.min(...rules.windows.map(({ onSong }) => onSong));
  const candidates: { rows: Int32Array; place: number; song: number }[] = [];
  const bySong = yield* grouped(count, songCount, songs, isNew);
  let work = 0;
  for (let song = 0; song < songCount; song++) {
    const rows = bySong.rows.subarray(bySong.starts[song], bySong.starts[song + 1]);
    rows.sort((a, b) => places[a] - places[b] || times[a] - times[b]);
    for (let from = 0, to = 0; from < rows.length; from = to) {
      const place = places[rows[from]];
      while (to < rows.length && places[rows[to]] === place) to++;
      const here = rows.subarray(from, to);
      yield* notePeaks(
        here.filter((row) => decided[row] !== DECISION.leftOut),
        about[place].onSong,
      );
      if (here.length >= least) candidates.push({ rows: here, place, song });
    }
    work += 1 + rows.length;
    if (work < PER_STEP) continue;
    work = 0;
    yield;
  }
  for (const { rows, place, song } of candidates) {
    yield* mark(rows.filter(isSuspect), place, song);
  }

  const byPlace = yield* grouped(count, placeCount, places, isNew);
  for (let place = 0; place < placeCount; place++) {
    const here = byPlace.rows.subarray(byPlace.starts[place], byPlace.starts[place + 1]);
    const rows = yield* sortedByTime(here, times);
    yield* notePeaks(
      rows.filter((row) => decided[row] !== DECISION.leftOut),
      about[place].overall,
    );
    yield* mark(rows.filter(isSuspect), place, -1);
  }

  const established = yield* establishedMembers(votes, burstOf, decided, rules);
  const held = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    if (row % PER_STEP === PER_STEP - 1) yield;
    held[row] = Number(burstOf[row] >= 0 && decided[row] === DECISION.none && !established.has(members[row]));
  }
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
  for (let row = 0; row < burstOf.length; row++) {
    if (burstOf[row] >= 0 && !known.has(members[row])) {
      known.set(members[row], { songs: new Set(), days: new Set() });
    }
    if (row % PER_STEP === PER_STEP - 1) yield;
  }
  const established = new Set<number>();
  if (known.size === 0) return established;
  for (let row = 0; row < burstOf.length; row++) {
    if (row % PER_STEP === PER_STEP - 1) yield;
    const said = known.get(members[row]);
    const tells = burstOf[row] < 0 && places[row] >= 0 && decided[row] !== DECISION.leftOut;
    if (said === undefined || !tells || !Number.isFinite(times[row])) continue;
    said.songs.add(songs[row]);
    said.days.add(dayOf(times[row]));
    if (said.songs.size >= rules.establishedSongs && said.days.size >= rules.establishedDays) {
      established.add(members[row]);
    }
  }
  return established;
}
