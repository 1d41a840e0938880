import { type ChildProcessByStdio, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';
import { PACKAGE_ROOT } from '../../src/paths.ts';

/** A program of the tests that runs as a process of its own. */
export interface TestChild {
  readonly process: ChildProcessByStdio<null, Readable, null>;
  /** Lines it has printed so far. */
  readonly lines: string[];
  /** Resolves at the first line that passes; rejects when the process ends before. */
  line(passes: (line: string) => boolean): Promise<string>;
  /** `kill -9`; resolves when it is gone and all it printed is in `lines`. */
  kill(): Promise<void>;
}

/** Builds a TypeScript program next to the product's own, from where it finds the same packages. */
export async function buildChild(source: string): Promise<string> {
  const outfile = path.join(PACKAGE_ROOT, 'dist', 'test', `${path.basename(source, '.ts')}.js`);
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  return outfile;
}

export function startChild(program: string, args: readonly string[]): TestChild {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const waiting = new Set<(line?: string) => void>();
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let ended = false;
  void closed.then(() => {
    ended = true;
    for (const look of waiting) look();
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look(line);
  });
  return {
    process: child,
    lines,
    line: (passes) =>
      new Promise((resolve, reject) => {
        const look = (line?: string) => {
          if (line !== undefined && passes(line)) {
            waiting.delete(look);
            resolve(line);
          } else if (ended) {
            reject(new Error(`the child ended early, after: ${lines.slice(-3).join(' | ')}`));
          }
        };
        waiting.add(look);
        look(lines.find(passes));
      }),
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
