import { openTable } from '../training/tables.ts';

/** An audio feature as the tables spell it, and as charts name it. */
export interface FeatureColumn {
  readonly column: string;
  readonly name: string;
  /** With the axis: `0–1`, `dB` … */
  readonly unit: string;
  readonly digits: number;
  /** Values of the table are divided by this. */
  readonly per?: number;
}

/** What is compared, in the order of the paper's tables; the length has a name of its own in each of them. */
export const FEATURES: readonly FeatureColumn[] = [
  { column: 'danceability', name: 'danceability', unit: '0–1', digits: 2 },
  { column: 'energy', name: 'energy', unit: '0–1', digits: 2 },
  { column: 'valence', name: 'valence', unit: '0–1', digits: 2 },
  { column: 'loudness', name: 'loudness', unit: 'dB', digits: 1 },
  { column: 'acousticness', name: 'acousticness', unit: '0–1', digits: 2 },
  { column: 'instrumentalness', name: 'instrumentalness', unit: '0–1', digits: 3 },
  { column: 'speechiness', name: 'speechiness', unit: '0–1', digits: 3 },
  { column: 'liveness', name: 'liveness', unit: '0–1', digits: 2 },
  { column: 'tempo', name: 'tempo', unit: 'beats/min', digits: 0 },
  { column: 'duration_ms', name: 'length', unit: 's', digits: 0, per: 1000 },
  { column: 'length', name: 'length', unit: 's', digits: 0, per: 1000 },
  { column: 'track_popularity', name: 'popularity', unit: '0–100', digits: 0 },
  { column: 'popularity', name: 'popularity', unit: '0–100', digits: 0 },
];

/** Songs with their audio features, each song once per group that it is in. */
export interface PaperTable {
  readonly rows: number;
  /** Different songs. */
  readonly songs: number;
  readonly features: readonly FeatureColumn[];
  /** Per feature and song, NaN where the table has no number. */
  readonly values: readonly Float64Array[];
  /** Cells that should be numbers and are not. */
  readonly badCells: number;
  /** Group name → the songs in it. */
  readonly groups: ReadonlyMap<string, readonly number[]>;
}

function toNumber(text: string, per: number): number {
  return text.trim() === '' ? Number.NaN : Number(text) / per;
}

/**
 * Reads a table of songs for looking at it.
 * @param idColumn tells songs apart: only the first row of each counts
 * @param groupColumn what medians are taken by; a song counts once in each of its groups
 * @throws TableError when the file cannot be read or lacks a column that is needed
 */
export async function readPaperTable(
  file: string,
  idColumn: string,
  groupColumn: string,
): Promise<PaperTable> {
  const table = await openTable(file, [idColumn, groupColumn, 'danceability', 'energy', 'valence']);
  const features = FEATURES.filter(({ column }) => table.columns.includes(column));
  const places = features.map(({ column }) => table.columns.indexOf(column));
  const [idAt, groupAt] = [table.columns.indexOf(idColumn), table.columns.indexOf(groupColumn)];
  const lists = features.map(() => [] as number[]);
  const songOf = new Map<string, number>();
  const groups = new Map<string, Set<number>>();
  let rows = 0;
  let badCells = 0;
  for await (const batch of table.batches) {
    for (const { fields } of batch) {
      rows++;
      const id = fields[idAt]!;
      let song = songOf.get(id);
      if (song === undefined) {
        song = songOf.size;
        songOf.set(id, song);
        for (const [f, at] of places.entries()) {
          const value = toNumber(fields[at]!, features[f]!.per ?? 1);
          if (!Number.isFinite(value)) badCells++;
          lists[f]!.push(Number.isFinite(value) ? value : Number.NaN);
        }
      }
      const group = fields[groupAt]!.trim();
      if (group === '') continue;
      const members = groups.get(group) ?? new Set();
      groups.set(group, members);
      members.add(song);
    }
  }
  return {
    rows,
    songs: songOf.size,
    features,
    values: lists.map((list) => Float64Array.from(list)),
    badCells,
    groups: new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, set]) => [name, [...set]])),
  };
}
