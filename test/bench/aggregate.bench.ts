import { performance } from 'node:perf_hooks';
import { groupVotes, type LabelTable, shareOfVotes, type VoteTable } from '../../ml/aggregate.ts';
import { dawidSkene } from '../../ml/dawid-skene.ts';
import { honestLabels } from '../../ml/label-votes.ts';
import { createRandom } from '../../ml/random.ts';
import type { BenchRow } from './row.ts';

const VOTES = 1_000_000;
const SONGS = 100_000;
const MEMBERS = 20_000;
const EMOTIONS = 8;
const BUDGET_SECONDS = 3;

/**
 * Songs with one or two favourite emotions, members with some fifty votes each, one in five of whom does not listen
 * (half of them at random, half always the same emoji).
 */
function crowd(): VoteTable {
  const random = createRandom(1);
  const first = Int32Array.from({ length: SONGS }, () => random.integer(EMOTIONS));
  const second = Int32Array.from({ length: SONGS }, () => random.integer(EMOTIONS));
  const songs = new Int32Array(VOTES);
  const members = new Int32Array(VOTES);
  const emotions = new Int32Array(VOTES);
  for (let v = 0; v < VOTES; v++) {
    const song = random.integer(SONGS);
    const member = random.integer(MEMBERS);
    songs[v] = song;
    members[v] = member;
    if (member % 5 === 0) emotions[v] = member % 2 === 0 ? random.integer(EMOTIONS) : member % EMOTIONS;
    else if (random.next() < 0.45) emotions[v] = first[song];
    else emotions[v] = random.next() < 0.5 ? second[song] : random.integer(EMOTIONS);
  }
  return { songs, members, emotions, songCount: SONGS, memberCount: MEMBERS, emotionCount: EMOTIONS };
}

/** Every method on the same million votes. */
export async function rows(): Promise<BenchRow[]> {
  const table = crowd();
  const methods: [name: string, run: () => LabelTable & { iterations?: number }][] = [
    ['shares', () => shareOfVotes(table)],
    ['dawid-skene', () => dawidSkene(table)],
    ['honest', () => honestLabels(table, createRandom(1))],
  ];
  const grouping = performance.now();
  groupVotes(table);
  const groupSeconds = (performance.now() - grouping) / 1000;
  return methods.map(([name, run]) => {
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    const processor = process.cpuUsage();
    const started = performance.now();
    const { iterations } = run();
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(processor);
    const memory = (process.memoryUsage.rss() - before) / 2 ** 20;
    return {
      what: `aggregate ${name}: ${VOTES} votes, ${SONGS} songs, ${MEMBERS} members, ${EMOTIONS} emotions`,
      measured:
        `${seconds.toFixed(2)} s (${((user + system) / 1e6).toFixed(2)} s of processor time), ` +
        `${memory.toFixed(0)} MiB more${iterations === undefined ? '' : `, ${iterations} rounds`}`,
      reference: `grouping the votes alone: ${groupSeconds.toFixed(2)} s`,
      ...(name === 'honest'
        ? { budget: `≤ ${BUDGET_SECONDS} s`, withinBudget: seconds <= BUDGET_SECONDS }
        : {}),
    };
  });
}
