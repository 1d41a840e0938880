import type { Catalogue, CatalogueListener } from '../../domain/catalogue.ts';
import type { Song } from '../../domain/song.ts';
import { buildCatalogue, type ColumnarCatalogue } from '../catalogue.ts';
import { foldText } from '../search.ts';
import { growingSongs } from '../song-columns.ts';
import { ImportError } from './report.ts';
import { spotifyTrackId } from './values.ts';

/** What one table brings. Listeners name its own song positions. */
export interface Table {
  readonly name: string;
  readonly catalogue: ColumnarCatalogue;
}

/**
 * Tables that number their songs 1, 2, 3 each for itself must not overwrite each other's: joining is refused when
 * most of the songs that share an id have different titles. Spotify's ids are everybody's and may be retitled.
 * @throws ImportError `other-ids`
 */
function checkSameSongs(old: Catalogue, added: Catalogue, table: string): void {
  let shared = 0;
  let different = 0;
  let example = '';
  for (let i = 0; i < added.size; i++) {
    const id = added.idAt(i);
    if (spotifyTrackId(id) !== undefined) continue;
    const there = old.indexOf(id);
    if (there === -1) continue;
    shared++;
    const titles = [old.song(there).title, added.song(i).title] as const;
    if (foldText(titles[0]) === foldText(titles[1])) continue;
    different++;
    if (example === '') example = `${id} is "${titles[0]}" in the catalogue and "${titles[1]}" in the table`;
  }
  if (different > shared / 2)
    throw new ImportError(
      'other-ids',
      `The ids of ${table} are other songs in the catalogue: ${different} of ${shared} that both have (${example}). Put a prefix before the ids of the table, or leave out its id column; then the songs are told apart by title and artists.`,
    );
}

/**
 * Joins a table to a catalogue. Songs are the same by id: what the table says of a song replaces what was known,
 * what it leaves out stays. Listeners and labels that came from a table of this name before are replaced.
 * @throws ImportError `other-ids`
 */
export function mergeCatalogues(old: Catalogue, table: Table): ColumnarCatalogue {
  const added = table.catalogue;
  checkSameSongs(old, added, table.name);
  const songs = growingSongs();
  for (let i = 0; i < old.size; i++) {
    const song = old.song(i);
    const again = added.indexOf(song.id);
    songs.add(again === -1 ? song : mergeSongs(song, added.song(again)));
  }
  for (let i = 0; i < added.size; i++) {
    if (old.indexOf(added.idAt(i)) === -1) songs.add(added.song(i));
  }

  const names = new Set([...old.name.split(' + '), table.name]);
  return buildCatalogue({
    name: [...names].join(' + '),
    demo: false,
    songs: songs.finish(),
    listeners: mergeListeners(
      old.listeners.filter((listener) => listener.source !== table.name),
      added.listeners.map((listener) => ({
        ...listener,
        songs: listener.songs.map((i) => songs.indexOf(added.idAt(i))).sort(),
      })),
    ),
    labels: [...old.labels.filter((label) => label.source !== table.name), ...added.labels],
  });
}

function mergeSongs(old: Song, next: Song): Song {
  const { snippet, artists, features, ...known } = Object.fromEntries(
    Object.entries(next).filter(([, value]) => value !== undefined),
  ) as unknown as Song;
  return {
    ...old,
    ...known,
    artists: artists.length > 0 ? artists : old.artists,
    features: { ...old.features, ...features },
    snippet: snippet.kind === 'none' ? old.snippet : snippet,
  };
}

/** A listener that several tables know likes what any of them says. */
function mergeListeners(
  old: readonly CatalogueListener[],
  added: readonly CatalogueListener[],
): CatalogueListener[] {
  const merged = new Map(old.map((listener) => [listener.id, listener]));
  for (const listener of added) {
    const before = merged.get(listener.id);
    merged.set(
      listener.id,
      before === undefined
        ? listener
        : { ...before, songs: Int32Array.from(new Set([...before.songs, ...listener.songs])).sort() },
    );
  }
  return [...merged.values()];
}
