import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { builtEntry } from '../../src/paths.ts';
import type { BenchRow } from './row.ts';

/** Seconds from starting the built bot until its page answers; then it is stopped with Ctrl-C. */
async function secondsToPage(stateDir: string): Promise<number> {
  const began = performance.now();
  const bot = spawn(process.execPath, [builtEntry('main')], {
    env: { ...process.env, PORT: '0', STATE_DIR: stateDir, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let printed = '';
    bot.once('exit', () => reject(new Error(printed)));
    bot.stdout.on('data', (data) => {
      printed += data;
      const found = /The room\s+(http:\S+)/.exec(printed);
      if (found) resolve(found[1]);
    });
  });
  await (await fetch(url)).text();
  const seconds = (performance.now() - began) / 1000;
  const ended = new Promise((resolve) => bot.once('exit', resolve));
  bot.kill('SIGINT');
  await ended;
  return seconds;
}

/** Start-up of the built bot with the demo catalogue. */
export async function rows(): Promise<BenchRow[]> {
  const stateDir = mkdtempSync(path.join(os.tmpdir(), 'reactune-bench-'));
  try {
    const first = await secondsToPage(stateDir);
    const later = Math.min(await secondsToPage(stateDir), await secondsToPage(stateDir));
    return [
      {
        what: 'first start to usable page (composes, trains)',
        measured: `${first.toFixed(1)} s`,
        budget: '≤ 15 s',
        withinBudget: first <= 15,
      },
      {
        what: 'later start to usable page',
        measured: `${later.toFixed(2)} s`,
        reference: `the first start: ${first.toFixed(1)} s`,
        budget: '≤ 2 s',
        withinBudget: later <= 2,
      },
    ];
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}
