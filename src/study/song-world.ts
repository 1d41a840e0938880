import { existsSync } from 'node:fs';
import path from 'node:path';
import { hashFraction, holdOut } from '../../ml/evaluate.ts';
import { interactionsFromLists, songsOf } from '../../ml/interactions.ts';
import type { Interactions } from '../../ml/recommender.ts';
import { openAnyCatalogue } from '../cli/open-catalogue.ts';
import { readInteractions } from '../cli/tables.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { hashFiles, SONGS } from './files.ts';

/** Hidden are a fifth of each listener's songs, or all songs by a fifth of the listener's artists. */
export type Protocol = 'heldout' | 'discovery';

const HIDDEN = 0.2;
/** A playlist with fewer songs is no taste. */
const LEAST_SONGS = 5;

/** What methods learn from, and what they should find. */
export interface Split {
  /** Names of the listeners, in the order of both parts. */
  readonly listeners: readonly string[];
  readonly train: Interactions;
  readonly test: Interactions;
  /** Songs that are not to be ranked for a listener, besides the listener's own. */
  readonly exclude?: (listener: number) => Int32Array;
  /** Of the tables it was made from. */
  readonly hash: string;
  /** For people. */
  readonly source: string;
}

/** The paper's songs and playlists; a playlist stands for a listener. */
export interface SongWorld {
  readonly catalogue: Catalogue;
  readonly hash: string;
  /** Playlists that are long enough. */
  readonly playlists: readonly { readonly id: string; readonly songs: Int32Array }[];
  split(protocol: Protocol, seed: number): Promise<Split>;
}

/** Songs by artists of whom a listener has a song already. */
function knownArtists(catalogue: Catalogue): (liked: Int32Array) => Int32Array {
  const artistsOf = Array.from({ length: catalogue.size }, (_, song) => catalogue.song(song).artists);
  const songsBy = new Map<string, number[]>();
  for (const [song, artists] of artistsOf.entries()) {
    for (const artist of artists) {
      const songs = songsBy.get(artist) ?? [];
      songsBy.set(artist, songs);
      songs.push(song);
    }
  }
  return (liked) => {
    const artists = new Set([...liked].flatMap((song) => artistsOf[song]!));
    return Int32Array.from([...artists].flatMap((artist) => songsBy.get(artist)!));
  };
}

/** The test part in the order of the train part's listeners; who is in the test part only is left out. */
function alignedTest(
  train: readonly string[],
  test: { readonly listeners: readonly string[]; readonly interactions: Interactions },
): Interactions {
  const place = new Map(test.listeners.map((id, listener) => [id, listener]));
  return interactionsFromLists(
    test.interactions.songCount,
    train.map((id) => {
      const listener = place.get(id);
      return listener === undefined ? [] : songsOf(test.interactions, listener);
    }),
  );
}

/** Hides songs by the seed alone, where the data folder has no splits of its own. */
function ownSplit(world: Pick<SongWorld, 'catalogue' | 'playlists'>, protocol: Protocol, seed: number) {
  const { catalogue, playlists } = world;
  const all = interactionsFromLists(
    catalogue.size,
    playlists.map(({ songs }) => songs),
  );
  const artistOf = (song: number) => catalogue.song(song).artists.join(', ');
  return holdOut(all, {
    fraction: HIDDEN,
    seed,
    listenerKey: (listener) => playlists[listener]!.id,
    // Songs with one key are hidden together.
    songKey: (song) => (protocol === 'discovery' ? artistOf(song) : catalogue.idAt(song)),
  });
}

/**
 * Reads the paper's table of songs and playlists.
 * @throws TableError, CatalogueError or ImportError when it cannot be used
 */
export async function openSongWorld(data: string): Promise<SongWorld> {
  const file = path.join(data, SONGS);
  const catalogue = await openAnyCatalogue(file, undefined);
  const hash = await hashFiles([file]);
  const playlists = catalogue.listeners.filter(({ songs }) => songs.length >= LEAST_SONGS);
  const known = knownArtists(catalogue);
  return {
    catalogue,
    hash,
    playlists,
    async split(protocol, seed) {
      const [trainFile, testFile] = ['train', 'test'].map((part) =>
        path.join(data, 'splits', `${protocol}-${seed}-${part}.csv`),
      ) as [string, string];
      const excluding = (train: Interactions) =>
        protocol === 'discovery' ? (listener: number) => known(songsOf(train, listener)) : undefined;
      if (existsSync(trainFile) && existsSync(testFile)) {
        const train = await readInteractions(trainFile, catalogue);
        const test = await readInteractions(testFile, catalogue);
        return {
          listeners: train.listeners,
          train: train.interactions,
          test: alignedTest(train.listeners, test),
          exclude: excluding(train.interactions),
          hash: await hashFiles([file, trainFile, testFile]),
          source: `splits/${path.basename(trainFile)} and ${path.basename(testFile)}`,
        };
      }
      const { train, test } = ownSplit({ catalogue, playlists }, protocol, seed);
      return {
        listeners: playlists.map(({ id }) => id),
        train,
        test,
        exclude: excluding(train),
        hash,
        source: `drawn with seed ${seed}`,
      };
    },
  };
}

/** Whether a draw that depends on the listener and the seed alone makes this one a newcomer. */
export const isNewcomer = (id: string, share: number, seed: number): boolean =>
  hashFraction(id, 'newcomer', seed) < share;
