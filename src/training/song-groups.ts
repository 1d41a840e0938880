import type { SongGroups } from '../../ml/recommender.ts';
import type { Catalogue } from '../domain/catalogue.ts';

/** Between the parts of a name; no name contains a control character. */
const BETWEEN = '\u0000';

function createNumbers(): (name: string) => number {
  const numbers = new Map<string, number>();
  return (name) => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, numbers.size);
    return numbers.size - 1;
  };
}

/** Which songs of a catalogue share artist, album or title. Names are compared without regard to case. */
export function songGroups(catalogue: Catalogue): SongGroups {
  const { size } = catalogue;
  const groups = {
    artists: new Int32Array(size).fill(-1),
    albums: new Int32Array(size).fill(-1),
    titles: new Int32Array(size).fill(-1),
  };
  const [artistNumber, albumNumber, titleNumber] = [createNumbers(), createNumbers(), createNumbers()];
  for (let index = 0; index < size; index++) {
    const song = catalogue.song(index);
    const artist = song.artists[0]?.toLowerCase();
    if (artist === undefined) continue;
    groups.artists[index] = artistNumber(artist);
    groups.titles[index] = titleNumber(`${artist}${BETWEEN}${song.title.toLowerCase()}`);
    // "Greatest Hits" is many albums.
    if (song.album !== undefined) {
      groups.albums[index] = albumNumber(`${artist}${BETWEEN}${song.album.toLowerCase()}`);
    }
  }
  return groups;
}
