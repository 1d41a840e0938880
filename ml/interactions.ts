import type { Interactions } from './recommender.ts';

/**
 * Interactions from one list of songs per listener; sorts, and counts a song that is there twice once.
 * @throws RangeError on a song outside 0..songCount-1
 */
export function interactionsFromLists(songCount: number, lists: readonly ArrayLike<number>[]): Interactions {
  const offsets = new Int32Array(lists.length + 1);
  const rows = lists.map((list, listener) => {
    const sorted = Int32Array.from(list).sort();
    let kept = 0;
    for (const song of sorted) {
      if (song < 0 || song >= songCount) {
        throw new RangeError(`listener ${listener} likes song ${song}, not in 0..${songCount - 1}`);
      }
      if (kept === 0 || sorted[kept - 1] !== song) sorted[kept++] = song;
    }
    offsets[listener + 1] = offsets[listener] + kept;
    return sorted.subarray(0, kept);
  });
  const songs = new Int32Array(offsets[lists.length]);
  rows.forEach((row, listener) => {
    songs.set(row, offsets[listener]);
  });
  return { listenerCount: lists.length, songCount, offsets, songs };
}

/** The songs that a listener likes, ascending; a view, not a copy. */
export function songsOf(interactions: Interactions, listener: number): Int32Array {
  return interactions.songs.subarray(interactions.offsets[listener], interactions.offsets[listener + 1]);
}

/** Whether any listener has a song. */
export function anySongs(interactions: Interactions | undefined): interactions is Interactions {
  return interactions !== undefined && interactions.songs.length > 0;
}

/** How many listeners like each song. */
export function listenersPerSong(interactions: Interactions): Int32Array {
  const counts = new Int32Array(interactions.songCount);
  for (const song of interactions.songs) counts[song]++;
  return counts;
}
