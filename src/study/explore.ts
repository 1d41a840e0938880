import path from 'node:path';
import { heatMap } from './chart/heat-map.ts';
import { hexbinChart } from './chart/hexbin.ts';
import type { Part, StudyContext } from './context.ts';
import { MOODS, missingTables, SONGS } from './files.ts';
import { type PaperTable, readPaperTable } from './paper-table.ts';
import { type Block, figure, finding, table, text } from './report.ts';
import { type Fit, fitLine, median, quantile, runningMedian } from './statistics.ts';

const ID = 'explore';

function strength(r: number): string {
  const size = Math.abs(r);
  if (size < 0.1) return 'hardly any';
  if (size < 0.3) return 'a weak';
  return size < 0.5 ? 'a moderate' : 'a strong';
}

/** With two decimals and a real minus sign; a zero has none. */
function signed(r: number): string {
  if (Number.isNaN(r)) return '–';
  const shown = r.toFixed(2);
  return shown === '-0.00' ? '0.00' : shown.replace('-', '−');
}

/** All correlations; each pair over the songs that have both. */
export function correlations({ values }: Pick<PaperTable, 'values'>): Fit[][] {
  return values.map((a) => values.map((b) => fitLine(a, b)));
}

/** The correlation matrix, and what stands out of it. */
function correlationBlocks(context: StudyContext, songs: PaperTable): Block[] {
  const names = songs.features.map(({ name }) => name);
  const matrix = correlations(songs);
  const pairs = names
    .flatMap((a, i) => names.slice(0, i).map((b, j) => ({ a, b, r: matrix[i]![j]!.r })))
    .filter(({ r }) => Number.isFinite(r))
    .sort((one, other) => Math.abs(other.r) - Math.abs(one.r));
  const told = pairs.slice(0, 3).map(({ a, b, r }) => `${a} with ${b} (${signed(r)})`);
  const strong = pairs.filter(({ r }) => Math.abs(r) >= 0.5).length;
  const summary =
    pairs.length === 0
      ? 'No two audio features vary together: there is nothing to correlate.'
      : `Of ${pairs.length} pairs of columns ${strong} correlate strongly (|r| ≥ 0.5); the closest are ${told.join(', ')}.`;
  return [
    figure(
      heatMap({
        id: 'correlations',
        title: 'How audio features go together',
        note: `Pearson’s r over ${songs.songs} different songs of ${SONGS}; no unit.`,
        alt: `Heat map of a correlation matrix of ${names.length} columns. ${summary}`,
        made: context.made(ID),
        rows: names,
        columns: names,
        colour: (r, c) => matrix[r]![c]!.r,
        text: (r, c) => signed(matrix[r]![c]!.r),
        scale: { low: 'r = −1', middle: '0', high: 'r = 1' },
      }),
    ),
    finding(`Correlations (the paper’s figure 1): ${summary}`),
  ];
}

const columnOf = (songs: PaperTable, name: string) =>
  songs.values[songs.features.findIndex((feature) => feature.name === name)]!;

/** Danceability or energy against valence. */
function againstValence(context: StudyContext, songs: PaperTable, name: string): Block[] {
  const [x, y] = [columnOf(songs, 'valence'), columnOf(songs, name)];
  const fit = fitLine(x, y);
  const course = runningMedian(x, y);
  const ends =
    course.length < 2
      ? ''
      : ` The median ${name} goes from ${course[0]![1].toFixed(2)} at the low end of valence to ` +
        `${course.at(-1)![1].toFixed(2)} at the high end.`;
  const said = Number.isNaN(fit.r)
    ? `Whether ${name} goes with valence cannot be said: one of them is the same for all songs.`
    : `${name[0]!.toUpperCase()}${name.slice(1)} has ${strength(fit.r)} correlation with valence ` +
      `(r = ${signed(fit.r)}): valence accounts for ${(100 * fit.r ** 2).toFixed(1)} % of its variance over ` +
      `${fit.pairs} songs.${ends}`;
  return [
    figure(
      hexbinChart({
        id: `${name}-valence`,
        title: `${name[0]!.toUpperCase()}${name.slice(1)} against valence`,
        note: `Every hexagon is coloured by the number of its songs, of ${fit.pairs} in ${SONGS}.`,
        alt: `Hexagon map of ${name} over valence with a fitted line and running medians. ${said}`,
        made: context.made(ID),
        x: { label: 'valence (0–1)', values: x },
        y: { label: `${name} (0–1)`, values: y },
        fit: {
          name: `least squares (slope ${signed(fit.slope)})`,
          intercept: fit.intercept,
          slope: fit.slope,
        },
        course: { name: 'running median', points: course },
      }),
    ),
    finding(`${name[0]!.toUpperCase()}${name.slice(1)} and valence (the paper’s figure 2): ${said}`),
  ];
}

interface Grouping {
  readonly id: string;
  /** `genre`, `mood`. */
  readonly what: string;
  readonly file: string;
  readonly heading: string;
}

/** Medians of every feature in every group, coloured by how far they are from the median of all songs. */
function medianBlocks(
  context: StudyContext,
  songs: PaperTable,
  { id, what, file, heading }: Grouping,
): Block[] {
  const groups = [...songs.groups];
  const names = groups.map(([name]) => name);
  const cells = groups.map(([, members]) =>
    songs.values.map((values) => median(members.map((song) => values[song]!))),
  );
  const all = songs.values.map((values) => {
    const spread = quantile(values, 0.75) - quantile(values, 0.25);
    return { middle: median(values), spread: spread > 0 ? spread : Number.NaN };
  });
  const away = (r: number, c: number) => (cells[r]![c]! - all[c]!.middle) / all[c]!.spread;
  const write = (r: number, c: number) =>
    Number.isNaN(cells[r]![c]!) ? '–' : cells[r]![c]!.toFixed(songs.features[c]!.digits).replace('-', '−');
  const extremes = songs.features
    .map((feature, c) => {
      const order = [...names.keys()].sort((a, b) => cells[a]![c]! - cells[b]![c]!);
      return { feature, c, low: order[0]!, high: order.at(-1)! };
    })
    .filter(({ feature }) => ['danceability', 'energy', 'valence'].includes(feature.name));
  const said =
    names.length < 2
      ? `There is only one ${what}: nothing to compare.`
      : extremes
          .map(
            ({ feature, c, low, high }) =>
              `${feature.name} is highest in ${names[high]} (median ${write(high, c)}) and lowest in ${names[low]} (${write(low, c)})`,
          )
          .join('; ')
          .concat('.');
  return [
    figure(
      heatMap({
        id,
        title: `Median audio features per ${what}`,
        note: `The figures are medians in the units of the columns; colour is the distance from the median of all ${songs.songs} songs, in quartile ranges.`,
        alt: `Heat map of medians, ${names.length} groups by ${songs.features.length} features. ${said}`,
        made: context.made(ID),
        rows: names,
        columns: songs.features.map(({ name, unit }) => `${name} (${unit})`),
        colour: away,
        text: write,
        scale: { low: 'a quartile range below', middle: 'as all songs', high: 'a quartile range above' },
      }),
    ),
    table({
      caption: `Songs per ${what} in ${file}`,
      head: [what, 'songs'],
      rows: groups.map(([name, members]) => [name, String(members.length)]),
    }),
    finding(`${heading}: ${said}`),
  ];
}

async function run(context: StudyContext) {
  const blocks: Block[] = [
    text(
      'The paper looks at its songs in three figures before it models them; here are the same three from the public ' +
        'table. The sentence below each says what the data says; the paper’s own wording is not quoted, as the paper ' +
        'is not part of the data.',
    ),
  ];
  const missing = missingTables(context.data, [SONGS, MOODS]);
  if (!missing.includes(SONGS)) {
    context.tell(`looking at ${SONGS}`);
    const songs = await readPaperTable(path.join(context.data, SONGS), 'track_id', 'playlist_genre');
    const bad = songs.badCells === 0 ? '' : ` ${songs.badCells} cells hold no number and are left out.`;
    blocks.push(
      text(`${SONGS} has ${songs.rows} rows of ${songs.songs} different songs; each song counts once.${bad}`),
      ...correlationBlocks(context, songs),
      ...againstValence(context, songs, 'danceability'),
      ...againstValence(context, songs, 'energy'),
      ...medianBlocks(context, songs, {
        id: 'genre-medians',
        what: 'genre',
        file: SONGS,
        heading: 'Medians per genre (the paper’s figure 3)',
      }),
    );
  }
  if (!missing.includes(MOODS)) {
    const songs = await readPaperTable(path.join(context.data, MOODS), 'id', 'mood');
    blocks.push(
      ...medianBlocks(context, songs, {
        id: 'mood-medians',
        what: 'mood',
        file: MOODS,
        heading: 'Medians per mood (the labelled table)',
      }),
    );
  }
  for (const name of missing) blocks.push(text(`Left out: ${name} is not in the data folder.`));
  return { id: ID, title: EXPLORE.title, blocks };
}

/** What the songs are like before anything is learned: the paper's figures 1 to 3. */
export const EXPLORE: Part = { id: ID, title: 'What the songs are like', needs: [], run };
