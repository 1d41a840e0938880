import type { ImportedLabel } from '../../domain/catalogue.ts';
import type { Taxonomy } from '../../domain/emotion.ts';
import { AUDIO_FEATURES, type Song } from '../../domain/song.ts';
import { foldText } from '../search.ts';
import { type GrowingSongs, growingSongs } from '../song-columns.ts';
import type { RowProblem } from './report.ts';
import type { SongRow } from './song-row.ts';

/** A mood in a table was usually agreed on by its makers: it counts like this many votes. */
export const LABEL_WEIGHT = 5;

/** The songs, listeners and labels of one table while it is being read. */
export interface TableSongs {
  readonly songs: GrowingSongs;
  /** Song positions, in the order of the table, with repetitions. */
  readonly playlists: ReadonlyMap<string, { readonly name: string; readonly songs: number[] }>;
  readonly labels: readonly ImportedLabel[];
  /** Rows about a song that was there already. */
  readonly repeated: number;
  /** Takes a row in; returns what was odd about it. */
  add(row: SongRow, line: number): RowProblem[];
  /** Gives every song the genre that most of its rows have. */
  settleGenres(): void;
}

/** @param source name of the table, for its labels */
export function tableSongs(taxonomy: Taxonomy, source: string): TableSongs {
  const songs = growingSongs();
  const playlists = new Map<string, { name: string; songs: number[] }>();
  const labels: ImportedLabel[] = [];
  const labelled = new Set<string>();
  // Only songs with several rows are here; a genre and its sub-genre are one text.
  const genres = new Map<number, Map<string, number>>();
  let repeated = 0;

  const genreOf = (song: Song) => `${song.genre ?? ''}\x1f${song.subgenre ?? ''}`;

  function addSong(song: Song, line: number, problems: RowProblem[]): number {
    const known = songs.indexOf(song.id);
    if (known === -1) {
      return songs.add(song);
    }
    repeated++;
    const genre = genreOf(song);
    const tally = genres.get(known) ?? new Map([[songs.genre(known).join('\x1f'), 1]]);
    genres.set(known, tally);
    tally.set(genre, (tally.get(genre) ?? 0) + 1);
    const differences = differencesOf(songs, known, song);
    if (differences.length > 0)
      problems.push({
        line,
        reason: 'same id, other values',
        detail: `${song.id} was there already with ${differences.join(', ')}; the first row counts`,
        kept: true,
      });
    return known;
  }

  function addMood(mood: string, songId: string, line: number, problems: RowProblem[]): void {
    const wanted = foldText(mood);
    const emotion = taxonomy.emotions.find(({ key, name }) => key === wanted || foldText(name) === wanted);
    if (emotion === undefined) {
      problems.push({
        line,
        reason: 'unknown emotion',
        detail: `the mood "${mood}" is none of the emotions`,
        kept: true,
      });
      return;
    }
    const once = `${songId}\x1f${emotion.key}`;
    if (labelled.has(once)) return;
    labelled.add(once);
    labels.push({ songId, emotion: emotion.key, weight: LABEL_WEIGHT, source });
  }

  return {
    songs,
    playlists,
    labels,
    get repeated() {
      return repeated;
    },
    add({ song, playlist, mood, notes }, line) {
      const problems: RowProblem[] = notes.map((note) => ({ ...note, line, kept: true }));
      const index = addSong(song, line, problems);
      if (playlist !== undefined) {
        const list = playlists.get(playlist.id);
        if (list === undefined) playlists.set(playlist.id, { name: playlist.name, songs: [index] });
        else list.songs.push(index);
      }
      if (mood !== undefined) addMood(mood, song.id, line, problems);
      return problems;
    },
    settleGenres() {
      for (const [index, tally] of genres) {
        const [genre, subgenre] = commonest(tally);
        songs.setGenre(index, genre, subgenre);
      }
    },
  };
}

/** The genre with most rows, and within it the sub-genre with most; of equals the one that came first. */
function commonest(tally: ReadonlyMap<string, number>): [genre: string, subgenre: string] {
  const perGenre = new Map<string, number>();
  for (const [both, count] of tally) {
    const genre = both.split('\x1f')[0]!;
    perGenre.set(genre, (perGenre.get(genre) ?? 0) + count);
  }
  const genre = mostOf(perGenre);
  const within = new Map([...tally].filter(([both]) => both.split('\x1f')[0] === genre));
  return [genre, mostOf(within).split('\x1f')[1]!];
}

function mostOf(counts: ReadonlyMap<string, number>): string {
  let best = '';
  let most = -1;
  for (const [key, count] of counts) {
    // A row that names no genre says nothing, unless none does.
    const votes = key === '' || key === '\x1f' ? 0 : count;
    if (votes > most) [best, most] = [key, votes];
  }
  return best;
}

function differencesOf(songs: GrowingSongs, index: number, song: Song): string[] {
  const differences: string[] = [];
  if (songs.title(index) !== song.title)
    differences.push(`the title "${songs.title(index)}" (here "${song.title}")`);
  for (const [f, feature] of AUDIO_FEATURES.entries()) {
    const before = songs.feature(index, f);
    const now = Math.fround(song.features[feature] ?? Number.NaN);
    if (!Object.is(before, now) && before !== now)
      differences.push(`${feature} ${Number(before.toPrecision(6))} (here ${song.features[feature]})`);
  }
  return differences;
}
