import type { ReactionFact } from '../../domain/post.ts';
import { openCurrentCatalogue } from '../catalogue-files.ts';
import { foldText } from '../search.ts';
import { type ImportOptions, nothingUsable, type OpenTable, shapeFault } from './open-table.ts';
import { ImportError, type RowProblem, type VoteImport } from './report.ts';
import { cleanText, spotifyTrackId } from './values.ts';

const BATCH = 5000;

/**
 * Brings a table of votes (`song_id,member_id,emotion`) into the store, as reactions on the post `import:<table>` by
 * the identities `import:<member_id>`. Importing the same table again changes nothing.
 */
export async function importVotes(table: OpenTable, options: ImportOptions): Promise<VoteImport> {
  const { openStore, taxonomy, stateDir, now } = options;
  const catalogue = await openCurrentCatalogue(stateDir);
  if (catalogue === undefined)
    throw new ImportError(
      'no-catalogue',
      `${table.file} holds votes, but there are no songs yet that they could be for. Import the table of songs first.`,
    );
  if (openStore === undefined)
    throw new ImportError(
      'no-store',
      `${table.file} holds votes: import it with the command reactune import.`,
    );

  const emotions = new Map<string, string>();
  for (const { key, name } of taxonomy.emotions) {
    emotions.set(foldText(name), key);
    emotions.set(key, key);
  }
  const { id, member, emotion } = table.plan;
  const members = new Set<string>();
  const songs = new Set<string>();
  const postId = `import:${table.name}`;
  const at = now();
  let batch: ReactionFact[] = [];
  let rows = 0;
  let skipped = 0;
  let newVotes = 0;

  function factOf(cells: readonly string[]): ReactionFact | Pick<RowProblem, 'reason' | 'detail'> {
    const songId = spotifyTrackId(cells[id!]) ?? cleanText(cells[id!]);
    if (catalogue!.indexOf(songId) === -1)
      return { reason: 'unknown song', detail: `the catalogue has no song with the id "${songId}"` };
    const voter = cleanText(cells[member!]);
    if (voter === '') return { reason: 'no member', detail: 'the member is missing' };
    const felt = cleanText(cells[emotion!]);
    const key = emotions.get(felt.toLowerCase()) ?? emotions.get(foldText(felt));
    if (key === undefined)
      return {
        reason: 'unknown emotion',
        detail: `"${felt}" is none of ${[...new Set(emotions.values())].join(', ')}`,
      };
    const meaning = { kind: 'emotion', emotion: key } as const;
    return { postId, songId, identity: `import:${voter}`, meaning, present: true, at };
  }

  // Opened late: a table without one good row leaves the store alone.
  const store = { open: undefined as Awaited<ReturnType<typeof openStore>> | undefined };
  async function flush(): Promise<void> {
    if (batch.length === 0) return;
    store.open ??= await openStore!();
    newVotes += await store.open.setReactions(batch);
    batch = [];
  }
  for await (const row of table.rows) {
    rows++;
    if ((rows & 1023) === 0) table.progress('reading', rows, row.bytes);
    const fact = shapeFault(row.cells, table.columns) ?? factOf(row.cells!);
    if ('reason' in fact) {
      skipped++;
      table.problems.add({ line: row.line, kept: false, ...fact });
      continue;
    }
    members.add(fact.identity);
    songs.add(fact.songId);
    batch.push(fact);
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  if (songs.size === 0) throw nothingUsable(table, rows);
  options.log.info({ table: table.name, rows, skipped, newVotes }, 'imported a table of votes');
  return {
    kind: 'votes',
    table: table.name,
    rows,
    skippedRows: skipped,
    newVotes,
    members: members.size,
    songs: songs.size,
    ...table.report,
    problems: table.problems.summary(),
  };
}
