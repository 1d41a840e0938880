import { constants } from 'node:fs';
import { access, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { UsageError } from '../cli/run.ts';
import { VERSION } from '../version.ts';
import { COLD_START } from './cold-start-part.ts';
import type { Part, StudyContext } from './context.ts';
import { EMOTION } from './emotion-part.ts';
import { EXPLORE } from './explore.ts';
import { missingTables } from './files.ts';
import { LOSSES } from './losses-part.ts';
import { PROPAGATE } from './propagate.ts';
import { DISCOVER, RANK } from './rank-part.ts';
import { type Report, type Section, skipped } from './report.ts';
import { reportHtml } from './report-html.ts';
import { FIGURES, reportMarkdown } from './report-markdown.ts';

/** The parts in the order of the report. */
export const PARTS: readonly Part[] = [EXPLORE, PROPAGATE, RANK, DISCOVER, EMOTION, COLD_START, LOSSES];

/** Errors whose message is meant for people and says what is wrong with the tables. */
const ABOUT_DATA = new Set(['TableError', 'CatalogueError', 'ImportError', 'UsageError']);

/** @throws UsageError when it is no folder that can be read */
export async function checkDataFolder(data: string): Promise<void> {
  await readdir(data).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'ENOENT'
        ? 'is not there'
        : cause.code === 'ENOTDIR'
          ? 'is not a folder'
          : `cannot be read (${cause.code})`;
    throw new UsageError(`${data} ${why}: --data takes the folder with the paper's tables.`);
  });
}

/** Makes the folder for the report; @throws UsageError when nothing can be written there */
export async function prepareOut(out: string): Promise<void> {
  try {
    await mkdir(path.join(out, FIGURES), { recursive: true });
    await access(path.join(out, FIGURES), constants.W_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOTDIR' || code === 'EEXIST' ? 'there is a file in its place' : code;
    throw new UsageError(`Nothing can be written to ${out} (${why}): --out takes a folder.`);
  }
}

async function runPart(part: Part, context: StudyContext): Promise<Section> {
  const missing = missingTables(context.data, part.needs);
  if (missing.length > 0) {
    const verb = missing.length > 1 ? 'are' : 'is';
    const why = `${missing.join(' and ')} ${verb} not in the data folder.`;
    context.tell(`${part.id} is left out: ${why}`);
    return skipped(part.id, part.title, why);
  }
  try {
    return await part.run(context);
  } catch (error) {
    // Hours of measuring may lie in the parts that follow: they go on, whatever became of this one.
    const { name, message, stack } = error as Error;
    if (ABOUT_DATA.has(name)) {
      context.tell(`${part.id} is left out: ${message}`);
      return skipped(part.id, part.title, message);
    }
    context.tell(`${part.id} broke down: ${stack ?? message}`);
    return {
      ...skipped(part.id, part.title, `It broke down (${message.split('\n')[0]!.slice(0, 200)}).`),
      broken: true,
    };
  }
}

async function writeReport(out: string, report: Report): Promise<void> {
  for (const { blocks } of report.sections) {
    for (const block of blocks) {
      if (block.kind !== 'figure') continue;
      await writeFileAtomic(path.join(out, FIGURES, `${block.figure.id}.svg`), `${block.figure.svg}\n`);
    }
  }
  await writeFileAtomic(path.join(out, 'report.html'), reportHtml(report));
  await writeFileAtomic(path.join(out, 'report.md'), reportMarkdown(report));
}

/**
 * Runs the chosen parts and writes the report after each, so that what is done can be read while the rest goes on.
 * @returns the sections
 */
export async function runStudy(
  out: string,
  parts: readonly Part[],
  context: StudyContext,
): Promise<Section[]> {
  const sections: Section[] = [];
  for (const [number, part] of parts.entries()) {
    context.tell(`part ${number + 1} of ${parts.length}: ${part.title}`);
    sections.push(await runPart(part, context));
    const seeds = context.seeds.join(', ');
    await writeReport(out, {
      title: 'Songs, emotions and a GAN that recommends: the study',
      facts: [
        ['Command', context.made(parts.map(({ id }) => id).join(','))],
        ['Seeds', seeds],
        ['Program', `Reactune ${VERSION}`],
        ['Methods', context.methods.join(', ')],
        ...(number + 1 < parts.length
          ? ([
              [
                'Still to come',
                parts
                  .slice(number + 1)
                  .map(({ title }) => title)
                  .join(', '),
              ],
            ] as const)
          : []),
      ],
      sections,
    });
  }
  return sections;
}
