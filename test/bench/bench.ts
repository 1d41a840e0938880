import os from 'node:os';
import { rows as aggregate } from './aggregate.bench.ts';
import { rows as asking } from './asking.bench.ts';
import { rows as bursts } from './bursts.bench.ts';
import { rows as discord } from './discord.bench.ts';
import { rows as endurance } from './endurance.bench.ts';
import { rows as gan } from './gan.bench.ts';
import { rows as playlists } from './playlists.bench.ts';
import { rows as propagate } from './propagate.bench.ts';
import type { BenchRow } from './row.ts';
import { rows as slack } from './slack.bench.ts';
import { rows as spotify } from './spotify.bench.ts';
import { rows as start } from './start.bench.ts';
import { rows as store } from './store.bench.ts';
import { rows as training } from './training.bench.ts';

/** `npm run bench [area …]`: speed and memory, each beside an alternative measured in the same run. */
const areas: Record<string, () => Promise<BenchRow[]>> = {
  start,
  store,
  playlists,
  aggregate,
  propagate,
  training,
  asking,
  bursts,
  gan,
  discord,
  slack,
  spotify,
  endurance,
};

/** Takes an hour, so it runs only when it is named. */
const ONLY_NAMED = 'endurance';

function print(area: string, rows: readonly BenchRow[]): void {
  console.log(`\n## ${area}\n\n| what | measured | reference | budget |\n|---|---|---|---|`);
  for (const { what, measured, reference = '', budget = '', withinBudget } of rows) {
    const verdict = withinBudget === undefined ? '' : withinBudget ? ' ✓' : ' ✗ missed';
    console.log(`| ${what} | ${measured} | ${reference} | ${budget}${verdict} |`);
  }
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in areas));
if (unknown.length > 0) {
  console.error(
    `There is no benchmark "${unknown.join('", "')}". Choose from: ${Object.keys(areas).join(', ')}.`,
  );
  process.exit(1);
}
const cpu = os.cpus()[0]?.model ?? 'unknown processor';
console.log(`Node ${process.version}, ${os.cpus().length} × ${cpu}, load ${os.loadavg()[0].toFixed(1)}`);
for (const [name, rows] of Object.entries(areas)) {
  if (chosen.length === 0 ? name !== ONLY_NAMED : chosen.includes(name)) print(name, await rows());
}
