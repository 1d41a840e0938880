import { existsSync } from 'node:fs';
import path from 'node:path';
import type { BackendWish } from '../../ml/backend.ts';
import { fitItemKnn, unitRows } from '../../ml/baselines/item-knn.ts';
import { buildItems } from '../../ml/items.ts';
import { createRandom, type Random } from '../../ml/random.ts';
import type { RecommenderData } from '../../ml/recommender.ts';
import type { Catalogue, CatalogueListener } from '../domain/catalogue.ts';
import type { SongId } from '../domain/song.ts';
import { loadTaxonomy } from '../domain/taxonomy.ts';
import { PACKAGE_ROOT } from '../paths.ts';
import { MOODS, missingTables, SONGS } from '../study/files.ts';
import { drawLabelled, emotionsIn } from '../study/moods.ts';
import { countWished, trainOnShown, type WishCount, type WishSetting } from '../study/wished-songs.ts';
import { rawSongs } from '../training/profile-stage.ts';
import { MIN_LISTENERS } from '../training/ranking-stage.ts';
import { fitMethod, METHODS } from './methods.ts';
import { readTablesOfSongs } from './open-catalogue.ts';
import { UsageError } from './run.ts';
import { against, figure, markdown, type StudyTable } from './study-table.ts';
import { readLabels } from './tables.ts';

/** So many of the songs have to be of the wished mood. */
const BAR = 0.85;
const SPLITS = 3;
const SHOWN = 0.1;
/** Playlists that stand for members with a taste; nobody learns from them. */
const MEMBERS = 40;
const SONGS_OF_A_TASTE = 20;
/** Where no playlist has so many, shorter ones do. */
const LEAST_SONGS = 10;
/** Lists for members without a taste: they differ by chance alone. */
const WITHOUT_TASTE = 20;

interface PlaylistStudyOptions {
  readonly data: string;
  readonly seed: number;
  readonly backend: BackendWish;
  /** What ranks where listeners are known; default the GAN, as in a training run. */
  readonly methods?: string;
}

/** Songs whose label is shown: a given split, else a tenth of each mood drawn by the seed. */
async function shownSongs(data: string, split: number, moods: Catalogue): Promise<ReadonlySet<SongId>> {
  const file = path.join(data, 'splits', `moods-10pct-${split}.csv`);
  const ids = Array.from({ length: moods.size }, (_, song) => moods.idAt(song));
  if (!existsSync(file)) {
    const drawn = drawLabelled(emotionsIn(moods), SHOWN, createRandom(split));
    return new Set(ids.filter((_, song) => drawn[song] === 1));
  }
  const { emotions, counts } = await readLabels(file, moods);
  const c = emotions.length;
  return new Set(ids.filter((_, song) => counts.subarray(song * c, (song + 1) * c).some((n) => n > 0)));
}

/** For a song of `all` the song of `some` that is nearest in item space (cosine). */
function nearestOf(all: Catalogue, some: Catalogue): (song: number) => SongId {
  const { items } = buildItems(rawSongs(all));
  const unit = unitRows(items);
  const d = items.columns;
  const places = Array.from({ length: some.size }, (_, song) => all.indexOf(some.idAt(song)));
  return (song) => {
    let [best, most] = [places[0]!, Number.NEGATIVE_INFINITY];
    for (const place of places) {
      let dot = 0;
      for (let c = 0; c < d; c++) dot += unit[song * d + c]! * unit[place * d + c]!;
      if (dot > most) [best, most] = [place, dot];
    }
    return all.idAt(best);
  };
}

/** Who asks for lists, and who is left to learn from. */
function divide({ listeners }: Catalogue, random: Random) {
  const withSongs = (least: number) => listeners.filter(({ songs }) => songs.length >= least);
  const whole = withSongs(SONGS_OF_A_TASTE);
  const long = whole.length > 0 ? whole : withSongs(LEAST_SONGS);
  const members = random.shuffle(long.slice()).slice(0, Math.min(MEMBERS, Math.floor(long.length / 4)));
  const asking = new Set<CatalogueListener>(members);
  const tastes = members.map(({ id, songs }) =>
    random.fork(id).shuffle(Array.from(songs)).slice(0, SONGS_OF_A_TASTE),
  );
  return { tastes, others: listeners.filter((listener) => !asking.has(listener)) };
}

interface Found {
  readonly none: readonly WishCount[];
  readonly taste: readonly WishCount[];
}

async function measure(
  setting: WishSetting,
  tastes: readonly (readonly SongId[])[],
  seed: number,
): Promise<Found> {
  const taxonomy = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));
  const world = await trainOnShown(setting, taxonomy, createRandom(seed));
  try {
    return {
      none: countWished(world, setting, Array<SongId[]>(WITHOUT_TASTE).fill([]), seed),
      taste: countWished(world, setting, tastes, seed),
    };
  } finally {
    world.ranking.recommender.dispose?.();
  }
}

/** Counts of the same mood added up. */
function addUp(lists: readonly (readonly WishCount[])[]): WishCount[] {
  const sums = new Map<string, WishCount>();
  for (const one of lists.flat()) {
    const sum = sums.get(one.mood) ?? { ...one, songs: 0, known: 0, right: 0, different: 0 };
    sums.set(one.mood, {
      mood: one.mood,
      songs: sum.songs + one.songs,
      known: sum.known + one.known,
      right: sum.right + one.right,
      different: sum.different + one.different,
    });
  }
  return [...sums.values()];
}

const share = ({ known, right }: Pick<WishCount, 'known' | 'right'>) =>
  known === 0 ? 'none known' : `${figure(right / known)} (${right} of ${known})`;

function toTable(title: string, protocol: string, found: readonly Found[]): StudyTable {
  const groups = [
    ['no taste', addUp(found.map(({ none }) => none))],
    ['a taste', addUp(found.map(({ taste }) => taste))],
  ] as const;
  const rows = groups.flatMap(([name, counts]) => {
    const sum = { songs: 0, known: 0, right: 0, different: 0 };
    for (const count of counts) {
      for (const key of ['songs', 'known', 'right', 'different'] as const) sum[key] += count[key];
    }
    const cells = ({ songs, different }: Omit<WishCount, 'mood'>) => [String(songs), String(different)];
    return [
      ...counts.map((count) => [name, count.mood, share(count), ...cells(count), '']),
      [
        name,
        'all',
        share(sum),
        ...cells(sum),
        sum.known === 0 ? '' : against(sum.right / sum.known, BAR, 'atLeast'),
      ],
    ];
  });
  const head = [
    'member with',
    'wish',
    'of the wished mood, where it is known',
    'songs in lists',
    'different known ones',
    'bar',
  ];
  return { title, protocol, head, rows };
}

/**
 * Measures whether `/playlist <mood>` brings songs of that mood: a tenth of the labels of the moods' table are shown,
 * the bot learns from them as in a training run and makes lists, and the moods that were hidden tell whether it was
 * right. Prints a table for the moods' songs alone, all of whose moods are known, and one for these among the songs
 * of the other table.
 * @throws UsageError when a table is missing
 */
export async function studyPlaylists({
  data,
  seed,
  backend,
  methods: method = 'gan',
}: PlaylistStudyOptions): Promise<void> {
  const missing = missingTables(data, [MOODS, SONGS]);
  if (missing.length > 0) {
    throw new UsageError(`${missing.join(' and ')} not found in ${data}: --data takes the folder of both.`);
  }
  if (!METHODS.includes(method)) throw new UsageError(`Choose one method from ${METHODS.join(', ')}.`);
  const tell = (what: string) => process.stderr.write(`${what}\n`);
  const [songsFile, moodsFile] = [SONGS, MOODS].map((name) => path.join(data, name)) as [string, string];
  const moods = await readTablesOfSongs([moodsFile]);
  const all = await readTablesOfSongs([songsFile, moodsFile]);
  const nearest = nearestOf(all, moods);
  const [alone, among]: [Found[], Found[]] = [[], []];
  let ranker = 'item-knn';
  for (let split = seed; split < seed + SPLITS; split++) {
    const shown = await shownSongs(data, split, moods);
    const { tastes, others } = divide(all, createRandom(split).fork('members'));
    tell(`wishes, ${moods.size} songs, split ${split}`);
    alone.push(
      await measure(
        // Nobody is known to like songs of this table: a training run ranks by nearest neighbours then.
        {
          catalogue: moods,
          shown,
          listeners: [],
          learn: async (given) => fitItemKnn()(given, createRandom(split)),
        },
        tastes.map((songs) => [...new Set(songs.map(nearest))]),
        split,
      ),
    );
    tell(`wishes, ${all.size} songs, split ${split}`);
    ranker = others.length < MIN_LISTENERS ? 'item-knn' : method;
    const learn = (given: RecommenderData) => fitMethod(ranker, given, split, backend);
    among.push(
      await measure(
        { catalogue: all, shown, listeners: others, learn },
        tastes.map((songs) => songs.map((song) => all.idAt(song))),
        split,
      ),
    );
  }
  const how =
    `Labels of a tenth of the ${moods.size} songs are shown (splits ${seed} to ${seed + SPLITS - 1}); 15 songs a list, ` +
    `adventure 0.3, made as in the ranking thread: ${WITHOUT_TASTE} lists without a taste and up to ${MEMBERS} with ` +
    `one, for each mood and split. Songs whose label was shown do not count.`;
  const tables = [
    toTable(
      `/playlist for a mood: ${moods.size} songs, all moods known`,
      `${how} Ranked by item-knn; a taste is what is nearest to up to ${SONGS_OF_A_TASTE} songs of a playlist.`,
      alone,
    ),
    toTable(
      `/playlist for a mood: the same among ${all.size} songs`,
      `${how} Ranked by ${ranker}; a taste is up to ${SONGS_OF_A_TASTE} songs of a playlist that nobody learned from.`,
      among,
    ),
  ];
  for (const table of tables) process.stdout.write(`${markdown(table)}\n`);
}
