import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type DurableOptions, openDurable } from '../../src/durable/index.ts';

export interface Line {
  readonly text: string;
}
export interface Lines {
  lines: Line[];
}

/** A list of texts, the smallest durable state; `forget` empties it. */
export function linesIn(
  dir: string,
  more: Partial<DurableOptions<Lines, Line>> = {},
): DurableOptions<Lines, Line> {
  return {
    dir,
    name: 'lines',
    version: 1,
    empty: () => ({ lines: [] }),
    apply: (state, { text }) => {
      state.lines = text === 'forget' ? [] : [...state.lines, { text }];
    },
    forgets: ({ text }) => text === 'forget',
    log: pino({ level: 'silent' }),
    ...more,
  };
}

export const texts = (state: Lines) => state.lines.map((line) => line.text);

/** A folder that goes with the test. */
export async function testFolder(): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-durable-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Files of a folder with their bytes. */
export async function contentOf(dir: string): Promise<Record<string, string>> {
  const names = (await readdir(dir)).sort();
  const read = names.map(async (name) => [name, (await readFile(path.join(dir, name))).toString('latin1')]);
  return Object.fromEntries(await Promise.all(read));
}

export async function copyOf(dir: string): Promise<string> {
  const copy = await testFolder();
  await cp(dir, copy, { recursive: true });
  return copy;
}

/** Opens, lets a step be done, closes. */
export async function withLines<T>(
  options: DurableOptions<Lines, Line>,
  step: (durable: Awaited<ReturnType<typeof openDurable<Lines, Line>>>) => Promise<T> | T,
): Promise<T> {
  const durable = await openDurable(options);
  try {
    return await step(durable);
  } finally {
    await durable.close();
  }
}

/** What is read back from a folder. */
export function readBack(dir: string, more: Partial<DurableOptions<Lines, Line>> = {}): Promise<string[]> {
  return withLines(linesIn(dir, more), (durable) => texts(durable.state));
}
