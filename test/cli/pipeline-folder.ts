import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import {
  aggregateCommand,
  evaluateCommand,
  propagateCommand,
  rankCommand,
  trainCommand,
} from '../../src/cli/pipeline.ts';
import { type Planted, plantCatalogue, temporaryFolder } from '../training/planted.ts';
import { type Outcome, runCommand } from './shell.ts';

// Whole training runs: seconds on a quiet machine, more on a busy one.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const COMMANDS = [aggregateCommand, propagateCommand, rankCommand, evaluateCommand, trainCommand];

/** Runs a command of the pipeline as from the shell. */
export function reactune(name: string, ...args: string[]): Promise<Outcome> {
  const command = COMMANDS.map((make) => make()).find((one) => one.name() === name);
  if (command === undefined) throw new Error(`there is no command ${name} in the pipeline`);
  return runCommand(command, args);
}

/** For each test of a file a folder with a planted catalogue in it, as the commands' `--state-dir`. */
export function pipelineFolder() {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let planted: Planted;
  beforeEach(async () => {
    folder = await temporaryFolder();
    planted = plantCatalogue();
    await writeCatalogue(folder.dir, planted.catalogue);
  });
  afterEach(() => folder.remove());
  const file = (name: string) => path.join(folder.dir, name);
  return {
    get dir() {
      return folder.dir;
    },
    get planted() {
      return planted;
    },
    file,
    /** The cells of a table that a command wrote. */
    async rowsOf(name: string): Promise<string[][]> {
      const text = await readFile(file(name), 'utf8');
      return text
        .trimEnd()
        .split('\n')
        .map((line) => line.split(','));
    },
  };
}
