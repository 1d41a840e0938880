import type { GroupedVotes } from './aggregate.ts';
import type { Dirichlet } from './dirichlet.ts';

/** Accounts with fewer common songs are never said to be in step. */
const MIN_COMMON = 6;
/** On so many of their common songs two accounts give the very same answer before they are looked at closer. */
const MIN_SAME = 0.9;
/** How often an account in step copies the other. */
const COPY_RATE = 0.95;
/** ln of the odds that chance finding must beat, beyond one pair among all pairs: 1 in 1000. */
const MARGIN = Math.log(1000);
/** Pairs of voters on a song that are compared in all: time is bounded, songs with most voters are left out first. */
const MOST_PAIRS = 40_000_000;

/** One member's answer on one song: a run of votes. */
interface Answers {
  /** Per answer the member, the song, and where its votes begin; one more entry of `begin` ends the last. */
  readonly member: Int32Array;
  readonly song: Int32Array;
  readonly begin: Int32Array;
  /** songCount + 1: where a song's answers begin. */
  readonly ofSong: Int32Array;
  /** A number per answer; the same set of emotions gives the same number. */
  readonly key: Int32Array;
}

function answersOf({ offsets, members, emotions }: GroupedVotes): Answers {
  const songCount = offsets.length - 1;
  const member = new Int32Array(members.length);
  const song = new Int32Array(members.length);
  const begin = new Int32Array(members.length + 1);
  const key = new Int32Array(members.length);
  const ofSong = new Int32Array(songCount + 1);
  const keys = new Map<string, number>();
  let count = 0;
  for (let s = 0; s < songCount; s++) {
    for (let v = offsets[s]; v < offsets[s + 1]; ) {
      let next = v + 1;
      while (next < offsets[s + 1] && members[next] === members[v]) next++;
      member[count] = members[v];
      song[count] = s;
      begin[count] = v;
      if (next === v + 1) key[count] = emotions[v];
      else {
        const text = emotions.subarray(v, next).join();
        const known = keys.get(text) ?? -1 - keys.size;
        keys.set(text, known);
        key[count] = known;
      }
      count++;
      v = next;
    }
    ofSong[s + 1] = count;
  }
  begin[count] = members.length;
  return {
    member: member.subarray(0, count),
    song: song.subarray(0, count),
    begin: begin.subarray(0, count + 1),
    ofSong,
    key: key.subarray(0, count),
  };
}

/** The most voters a song may have so that comparing all pairs of voters of such songs stays within the limit. */
function mostVoters(ofSong: Int32Array): number {
  const sizes = ofSong
    .slice(1)
    .map((end, s) => end - ofSong[s])
    .sort();
  let pairs = 0;
  for (const size of sizes) {
    pairs += (size * (size - 1)) / 2;
    if (pairs > MOST_PAIRS) return size - 1;
  }
  return Infinity;
}

/** Pairs of members who give nearly always the same answer on their common songs. */
function similarPairs(answers: Answers, memberCount: number): [number, number][] {
  const { member, song, ofSong, key } = answers;
  const limit = mostVoters(ofSong);
  // Answers by member, so that one member's pairs are counted together in two dense rows.
  const starts = new Int32Array(memberCount + 1);
  for (const m of member) starts[m + 1]++;
  for (let m = 0; m < memberCount; m++) starts[m + 1] += starts[m];
  const byMember = new Int32Array(member.length);
  const place = starts.slice();
  for (let a = 0; a < member.length; a++) byMember[place[member[a]]++] = a;
  const same = new Int32Array(memberCount);
  const touched = new Int32Array(memberCount);
  const heard = new Uint8Array(ofSong.length - 1);
  const pairs: [number, number][] = [];
  for (let m = 0; m < memberCount; m++) {
    if (starts[m + 1] - starts[m] < MIN_COMMON) continue;
    let others = 0;
    for (let i = starts[m]; i < starts[m + 1]; i++) {
      const answer = byMember[i];
      const mine = key[answer];
      const end = ofSong[song[answer] + 1];
      if (end - ofSong[song[answer]] > limit) continue;
      // A song's answers are in order of member: those of later members come behind.
      for (let b = answer + 1; b < end; b++) {
        if (key[b] !== mine) continue;
        if (same[member[b]]++ === 0) touched[others++] = member[b];
      }
    }
    for (let i = 0; i < others; i++) {
      const other = touched[i];
      // Few pairs get as far as this, so their common songs are only counted now.
      if (same[other] >= MIN_SAME * MIN_COMMON) {
        for (let a = starts[m]; a < starts[m + 1]; a++) heard[song[byMember[a]]] = 1;
        let common = 0;
        for (let a = starts[other]; a < starts[other + 1]; a++) {
          const s = song[byMember[a]];
          if (heard[s] === 1 && ofSong[s + 1] - ofSong[s] <= limit) common++;
        }
        for (let a = starts[m]; a < starts[m + 1]; a++) heard[song[byMember[a]]] = 0;
        if (common >= MIN_COMMON && same[other] >= MIN_SAME * common) pairs.push([m, other]);
      }
      same[other] = 0;
    }
  }
  return pairs;
}

/** How often each member votes for each emotion, members × emotions. */
function habitsOf({ members, emotions }: GroupedVotes, memberCount: number, c: number): Float64Array {
  const habits = new Float64Array(memberCount * c);
  const votes = new Float64Array(memberCount);
  for (let v = 0; v < members.length; v++) {
    habits[members[v] * c + emotions[v]]++;
    votes[members[v]]++;
  }
  return habits.map((count, at) => count / Math.max(1, votes[Math.floor(at / c)]));
}

/** Union–find without ranks: groups are few and small. */
function joinable(size: number) {
  const parent = Int32Array.from({ length: size }, (_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  return {
    root,
    join(a: number, b: number) {
      const [low, high] = [root(a), root(b)].sort((x, y) => x - y);
      parent[high] = low;
    },
  };
}

/**
 * Finds accounts in step: whose answers on the same songs coincide far more than the songs explain. Two accounts that
 * nearly always answer alike are compared under two hypotheses: each listens for itself, so that the second answer
 * is a draw from what the song is like given the first and all accounts that are not like these two, or the second
 * account's habit (two who always answer the same are no pair; they are found as spammers); or the second copies the first ({@link COPY_RATE} of the time). The ratio of the likelihoods must outweigh the number of pairs
 * there are. Songs that everybody hears alike explain agreement, so that good listeners of an easy task are not
 * taken for one.
 * @param songPrior what songs are like before anybody votes, as fitted to the votes
 * @returns per member the first member it is in step with, itself where it is with nobody
 */
export function findInStep(grouped: GroupedVotes, memberCount: number, songPrior: Dirichlet): Int32Array {
  const answers = answersOf(grouped);
  const { member, song, begin, ofSong, key } = answers;
  const { mean, concentration } = songPrior;
  const c = mean.length;
  const candidates = similarPairs(answers, memberCount);
  const groups = joinable(memberCount);
  if (candidates.length > 0) {
    const alike = joinable(memberCount);
    for (const [a, b] of candidates) alike.join(a, b);
    const ofMember = new Map<number, number[]>();
    for (const pair of candidates) for (const m of pair) ofMember.set(m, []);
    for (let a = 0; a < member.length; a++) ofMember.get(member[a])?.push(a);
    const needed = Math.log((memberCount * (memberCount - 1)) / 2) + MARGIN;
    const habits = habitsOf(grouped, memberCount, c);
    const counts = new Float64Array(c);
    for (const [first, second] of candidates) {
      if (groups.root(first) === groups.root(second)) continue;
      const theirs = new Map((ofMember.get(second) ?? []).map((answer) => [song[answer], answer]));
      let evidence = 0;
      for (const mine of ofMember.get(first) ?? []) {
        const s = song[mine];
        const other = theirs.get(s);
        if (other === undefined) continue;
        if (key[mine] !== key[other]) {
          evidence += Math.log(1 - COPY_RATE);
          continue;
        }
        counts.fill(0);
        let total = concentration;
        const add = (answer: number) => {
          for (let v = begin[answer]; v < begin[answer + 1]; v++) {
            counts[grouped.emotions[v]]++;
            total++;
          }
        };
        add(mine);
        for (let a = ofSong[s]; a < ofSong[s + 1]; a++) {
          if (alike.root(member[a]) !== alike.root(first)) add(a);
        }
        let bySong = 1;
        let byHabit = 1;
        for (let v = begin[other]; v < begin[other + 1]; v++) {
          const e = grouped.emotions[v];
          bySong *= (counts[e] + concentration * mean[e]) / total;
          byHabit *= habits[second * c + e];
        }
        const chance = Math.max(bySong, byHabit);
        evidence += Math.log((COPY_RATE + (1 - COPY_RATE) * chance) / chance);
      }
      if (evidence > needed) groups.join(first, second);
    }
  }
  return Int32Array.from({ length: memberCount }, (_, m) => groups.root(m));
}

/**
 * The same votes with each group of accounts in step as one member: its leader. Where k of them voted on a song, what
 * n of them say counts n/k.
 * @param leaders from {@link findInStep}
 */
export function countAsOne(grouped: GroupedVotes, leaders: Int32Array): GroupedVotes {
  if (leaders.every((leader, m) => leader === m)) return grouped;
  const { offsets, members, emotions } = grouped;
  const inGroup = new Uint8Array(leaders.length);
  for (let m = 0; m < leaders.length; m++) {
    if (leaders[m] !== m) {
      inGroup[m] = 1;
      inGroup[leaders[m]] = 1;
    }
  }
  const newMembers = new Int32Array(members.length);
  const newEmotions = new Int32Array(members.length);
  const voices = new Float64Array(members.length).fill(1);
  const newOffsets = new Int32Array(offsets.length);
  let at = 0;
  for (let s = 0; s + 1 < offsets.length; s++) {
    const groups = new Map<number, { accounts: Set<number>; votes: Map<number, number> }>();
    for (let v = offsets[s]; v < offsets[s + 1]; v++) {
      const member = members[v];
      if (inGroup[member] === 0) {
        newMembers[at] = member;
        newEmotions[at++] = emotions[v];
        continue;
      }
      const group = groups.get(leaders[member]) ?? { accounts: new Set(), votes: new Map() };
      groups.set(leaders[member], group);
      group.accounts.add(member);
      group.votes.set(emotions[v], (group.votes.get(emotions[v]) ?? 0) + 1);
    }
    for (const [leader, { accounts, votes }] of groups) {
      for (const [emotion, count] of votes) {
        newMembers[at] = leader;
        newEmotions[at] = emotion;
        voices[at++] = count / accounts.size;
      }
    }
    newOffsets[s + 1] = at;
  }
  return {
    offsets: newOffsets,
    members: newMembers.subarray(0, at),
    emotions: newEmotions.subarray(0, at),
    voices: voices.subarray(0, at),
  };
}
