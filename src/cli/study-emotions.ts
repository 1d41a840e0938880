import { existsSync } from 'node:fs';
import { UsageError } from './run.ts';
import { studyAsking } from './study-asking.ts';
import { studyMoods } from './study-moods.ts';
import { markdown, type StudySkipped, type StudyTable } from './study-table.ts';
import { studyFacts, studyShares } from './study-votes.ts';

/**
 * Measures everything between a reaction and an emotion on public data sets, and prints a table for each.
 * @param data the folder of the data sets
 * @throws UsageError when the folder is missing
 */
export async function studyEmotions(data: string, seed: number): Promise<void> {
  if (!existsSync(data)) {
    throw new UsageError(
      `${data} is not there. Give the folder of the data sets with --data; docs/emotions.md says which they are.`,
    );
  }
  const tell = (what: string) => process.stderr.write(`${what}\n`);
  const print = (result: StudyTable | StudySkipped) =>
    process.stdout.write(
      'missing' in result
        ? `### ${result.title}\n\nSkipped: ${result.missing[0]} is not there.\n\n`
        : `${markdown(result)}\n`,
    );
  print(await studyShares(data, seed));
  print(await studyFacts(data, seed));
  for await (const result of studyMoods(data, seed, tell)) print(result);
  print(await studyAsking(data, seed, tell));
}
