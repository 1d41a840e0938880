import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { writeFailure } from '../catalogue-error.ts';
import type { ProblemReason, ProblemSummary, RowProblem } from './report.ts';

const SHOWN_PER_REASON = 5;
const SHOWN = 25;

export interface ProblemList {
  add(problem: RowProblem): void;
  /** Closes the file of all problems, and removes it when the summary already shows them all. */
  summary(): ProblemSummary;
}

/**
 * Collects what is wrong with rows: counts, the first few of every reason, and all of them in a file, so that a
 * table with a million bad rows costs no memory.
 * @param file where all problems go, as CSV
 */
export function listProblems(file: string): ProblemList {
  const counts: Partial<Record<ProblemReason, number>> = {};
  const first: RowProblem[] = [];
  let total = 0;
  let descriptor: number | undefined;
  let pending: string[] = [];

  function flush(): void {
    try {
      if (descriptor === undefined) {
        mkdirSync(path.dirname(file), { recursive: true });
        descriptor = openSync(file, 'w');
        pending.unshift('line,reason,used,detail');
      }
      writeSync(descriptor, `${pending.join('\n')}\n`);
    } catch (cause) {
      throw writeFailure(path.dirname(file), cause);
    }
    pending = [];
  }

  return {
    add(problem) {
      const count = (counts[problem.reason] ?? 0) + 1;
      counts[problem.reason] = count;
      total++;
      if (count <= SHOWN_PER_REASON && first.length < SHOWN) first.push(problem);
      pending.push(
        `${problem.line},${problem.reason.replace(',', '')},${problem.kept ? 'rest' : 'no'},${quoted(problem.detail)}`,
      );
      if (pending.length >= 1000) flush();
    },
    summary() {
      const complete = first.length === total;
      if (!complete && pending.length > 0) flush();
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
      if (complete) removeOld(file);
      first.sort((a, b) => a.line - b.line);
      return { counts, first, ...(!complete && { file }) };
    },
  };
}

/** Takes away what an earlier import left; a folder that cannot hold it has its own error when it is written to. */
function removeOld(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOTDIR') throw writeFailure(path.dirname(file), cause);
  }
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
