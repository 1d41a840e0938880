import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Part, StudyContext } from '../../src/study/context.ts';
import { text } from '../../src/study/report.ts';
import { prepareOut, runStudy } from '../../src/study/study.ts';
import { TableError } from '../../src/training/tables.ts';
import { temporaryFolder } from '../training/planted.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const part = (id: string, run: () => string): Part => ({
  id,
  title: `Part ${id}`,
  needs: [],
  run: async () => ({ id, title: `Part ${id}`, blocks: [text(run())] }),
});

it('goes on after a part that breaks down, which the report names, without what only developers read', async () => {
  const told: string[] = [];
  // What these parts do not ask for is not there.
  const context = {
    data: folder.dir,
    seeds: [1],
    methods: ['random'],
    made: (parts: string) => `reactune reproduce --parts ${parts}`,
    tell: (what: string) => told.push(what),
  } as unknown as StudyContext;
  const out = path.join(folder.dir, 'out');
  await prepareOut(out);

  const sections = await runStudy(
    out,
    [
      part('first', () => {
        throw new TypeError('x is not a function\nmore');
      }),
      part('second', () => {
        throw new TableError('songs.csv, line 3: the title is missing.');
      }),
      part('third', () => 'It was measured.'),
    ],
    context,
  );

  expect(sections.map(({ id, broken = false }) => [id, broken])).toEqual([
    ['first', true],
    ['second', false],
    ['third', false],
  ]);
  const report = await readFile(path.join(out, 'report.md'), 'utf8');
  expect(report).toContain('Skipped: It broke down (x is not a function).');
  expect(report).toContain('Skipped: songs.csv, line 3: the title is missing.');
  expect(report).toContain('It was measured.');
  expect(report).not.toContain('    at ');
  expect(told.join('\n')).toMatch(/first broke down: TypeError: x is not a function/);
  expect(told).toContain('second is left out: songs.csv, line 3: the title is missing.');
});
