import { songsOf } from '../interactions.ts';
import type { Interactions, SongGroups } from '../recommender.ts';

/** Of more listeners than this, every n-th is looked at. */
const MOST_COMPANIONS = 2000;
/** Shares of a listener's songs are small numbers; this brings them to about 1. */
const SHARE_SCALE = 5;
/** Brings co-occurrence, a sum of cosines, to a scale where the logarithm bends. */
const TOGETHER_SCALE = 20;
/** What a liked artist adds to a first look, in units of log odds. */
const KNOWN_ARTIST = 3;

/** Names of the numbers that `affinityOf` writes for a song, in their order. */
export const AFFINITY_COLUMNS = [
  'songs by the artist',
  'part of the artist’s songs',
  'share of the artist',
  'artist known',
  'songs from the album',
  'part of the album’s songs',
  'album known',
  'hold on the artist',
  'hold on the album',
  'new artist together',
  'new artist together, squared',
  'songs together',
  'listeners of the song',
  'nobody’s song',
  'listeners of the artist',
  'listeners of the album',
  'another edition known',
  'size of the artist',
  'size of the album',
  'songs known',
  'known artist together',
  'known artist together, squared',
] as const;

const LOGS = Float64Array.from({ length: 4096 }, (_, count) => Math.log1p(count));

/** log(1 + count) of a small whole number, from a table: it is asked for many times per song and ranking. */
const logOfCount = (count: number): number => LOGS[count] ?? Math.log1p(count);

/** Positions of rows by the number of their group, as compressed sparse rows. */
interface Members {
  readonly offsets: Int32Array;
  readonly rows: Int32Array;
}

function membersOf(groups: Int32Array, count: number): Members {
  const offsets = new Int32Array(count + 1);
  for (const group of groups) if (group >= 0) offsets[group + 1]++;
  for (let g = 0; g < count; g++) offsets[g + 1] += offsets[g]!;
  const next = offsets.slice(0, count);
  const rows = new Int32Array(offsets[count]!);
  groups.forEach((group, row) => {
    if (group >= 0) rows[next[group]!++] = row;
  });
  return { offsets, rows };
}

const sizeOf = ({ offsets }: Members, group: number): number => offsets[group + 1]! - offsets[group]!;

function countGroups(groups: Int32Array): number {
  let most = -1;
  for (const group of groups) if (group > most) most = group;
  return most + 1;
}

/** Group numbers of songs with how many of the songs are in each. */
function countsOf(songs: Int32Array, groups: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const song of songs) {
    const group = groups[song]!;
    if (group >= 0) counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return counts;
}

function thin(interactions: Interactions): Interactions {
  const step = Math.ceil(interactions.listenerCount / MOST_COMPANIONS);
  if (step <= 1) return interactions;
  const kept: Int32Array[] = [];
  for (let l = 0; l < interactions.listenerCount; l += step) kept.push(songsOf(interactions, l));
  const offsets = new Int32Array(kept.length + 1);
  kept.forEach((songs, l) => {
    offsets[l + 1] = offsets[l]! + songs.length;
  });
  const songs = new Int32Array(offsets[kept.length]!);
  kept.forEach((own, l) => {
    songs.set(own, offsets[l]);
  });
  return { listenerCount: kept.length, songCount: interactions.songCount, offsets, songs };
}

/** What artists, albums and other listeners say of a listener and songs. */
export interface Affinity {
  readonly groups: SongGroups;
  /** Songs by an artist. */
  songsBy(artist: number): Int32Array;
  /**
   * How one listener is related to the songs of the catalogue.
   * @param liked songs that are known to be liked
   * @param self this listener among the companions, who is then left out; absent: companions whose songs are all
   * liked are taken for the listener
   */
  meet(liked: Int32Array, self?: number): Acquaintance;
}

export interface Acquaintance {
  /** Songs the listener likes by each artist. */
  readonly artists: ReadonlyMap<number, number>;
  /** Adds to a first look how near the artists and songs are to the liked ones. */
  addTo(looks: Float32Array): void;
  /** The nearness that `addTo` adds, of one song. */
  nearness(song: number): number;
  /** Writes the numbers of {@link AFFINITY_COLUMNS}. */
  write(song: number, out: Float32Array, at: number): void;
}

/**
 * Relations by artist, album and the lists of other listeners: how much of an artist's or album's songs the listener
 * has, how strong the listener's hold on them is beside others', and whether other lists with the same artists (cosine,
 * rare artists weighing more) have this artist or song.
 *
 * @param companions other listeners' songs; may be none
 */
export function createAffinity(groups: SongGroups, companions: Interactions): Affinity {
  const { artists, albums, titles } = groups;
  const songCount = artists.length;
  const others = thin(companions);
  const byArtist = membersOf(artists, countGroups(artists));
  const byAlbum = membersOf(albums, countGroups(albums));
  const artistCount = byArtist.offsets.length - 1;
  const albumCount = byAlbum.offsets.length - 1;

  const listenerOfEntry = new Int32Array(others.songs.length);
  for (let l = 0; l < others.listenerCount; l++) {
    listenerOfEntry.fill(l, others.offsets[l], others.offsets[l + 1]);
  }
  /** Entries of the companions' lists by song. */
  const bySong = membersOf(others.songs, songCount);
  const artistEntries = new Int32Array(artistCount);
  const albumEntries = new Int32Array(albumCount);
  const albumListeners = new Int32Array(albumCount);
  const listsOfArtist: number[][] = Array.from({ length: artistCount }, () => []);
  const artistsOfList: Int32Array[] = [];
  for (let l = 0; l < others.listenerCount; l++) {
    const own = songsOf(others, l);
    const ofArtists = countsOf(own, artists);
    artistsOfList.push(Int32Array.from(ofArtists.keys()));
    for (const [artist, count] of ofArtists) {
      artistEntries[artist] += count;
      listsOfArtist[artist]!.push(l);
    }
    for (const [album, count] of countsOf(own, albums)) {
      albumEntries[album] += count;
      albumListeners[album]++;
    }
  }

  function meet(liked: Int32Array, self?: number): Acquaintance {
    const ofArtists = countsOf(liked, artists);
    const ofAlbums = countsOf(liked, albums);
    const ofTitles = countsOf(liked, titles);
    const shared = new Int32Array(others.listenerCount);
    const listsOf = (song: number) => bySong.rows.subarray(bySong.offsets[song], bySong.offsets[song + 1]);
    for (const song of liked) for (const entry of listsOf(song)) shared[listenerOfEntry[entry]!]++;
    // The listener's own entries say nothing that is not known already.
    const ownArtists = { entries: new Map<number, number>(), lists: new Map<number, number>() };
    const ownAlbums = { entries: new Map<number, number>(), lists: new Map<number, number>() };
    const ownSongs = new Map<number, number>();
    const leftOut = new Uint8Array(others.listenerCount);
    const grow = (map: Map<number, number>, key: number, by: number) =>
      map.set(key, (map.get(key) ?? 0) + by);
    for (let l = 0; l < others.listenerCount; l++) {
      const own = songsOf(others, l);
      const isSelf = self === undefined ? own.length > 0 && shared[l] === own.length : l === self;
      if (!isSelf) continue;
      leftOut[l] = 1;
      for (const song of own) grow(ownSongs, song, 1);
      for (const [artist, count] of countsOf(own, artists)) {
        grow(ownArtists.entries, artist, count);
        grow(ownArtists.lists, artist, 1);
      }
      for (const [album, count] of countsOf(own, albums)) {
        grow(ownAlbums.entries, album, count);
        grow(ownAlbums.lists, album, 1);
      }
    }
    const bySongs = new Float32Array(others.listenerCount);
    for (const song of liked) {
      const rarity = 1 / Math.sqrt(Math.max(1, sizeOf(bySong, song) - (ownSongs.get(song) ?? 0)));
      for (const entry of listsOf(song)) bySongs[listenerOfEntry[entry]!] += rarity;
    }
    const byArtists = new Float32Array(others.listenerCount);
    const commonArtists = new Int32Array(others.listenerCount);
    for (const artist of ofArtists.keys()) {
      const lists = listsOfArtist[artist]!;
      const rarity = 1 / Math.sqrt(Math.max(1, lists.length - (ownArtists.lists.get(artist) ?? 0)));
      for (const l of lists) {
        byArtists[l] += rarity;
        commonArtists[l]++;
      }
    }
    const artistsTogether = new Float32Array(artistCount);
    const artistsSquared = new Float32Array(artistCount);
    const songsTogether = new Float32Array(songCount);
    const width = Math.sqrt(Math.max(1, ofArtists.size));
    const length = Math.sqrt(Math.max(1, liked.length));
    for (let l = 0; l < others.listenerCount; l++) {
      if (leftOut[l] === 1 || (byArtists[l] === 0 && bySongs[l] === 0)) continue;
      const theirs = Math.sqrt(Math.max(1, artistsOfList[l]!.length));
      const cosine = byArtists[l]! / (width * theirs);
      const squared = (commonArtists[l]! / (width * theirs)) ** 2;
      for (const artist of artistsOfList[l]!) {
        artistsTogether[artist] += cosine;
        artistsSquared[artist] += squared;
      }
      const alike = cosine + bySongs[l]! / (length * theirs);
      for (const song of songsOf(others, l)) songsTogether[song] += alike;
    }
    // Most artists are in no list that shares anything: their numbers are 0, and no logarithm is taken of them.
    const togetherLogs = new Float32Array(artistCount);
    const artistBonus = new Float32Array(artistCount);
    for (let artist = 0; artist < artistCount; artist++) {
      const value = artistsTogether[artist]!;
      if (value > 0) togetherLogs[artist] = Math.log1p(TOGETHER_SCALE * value);
      artistBonus[artist] = togetherLogs[artist]!;
    }
    for (const artist of ofArtists.keys()) artistBonus[artist] += KNOWN_ARTIST;
    const nearness = (song: number) =>
      (artists[song]! >= 0 ? artistBonus[artists[song]!]! : 0) + songsTogether[song]!;

    const songsKnown = Math.log1p(liked.length) / Math.log1p(32);

    return {
      artists: ofArtists,
      nearness,
      addTo(looks) {
        // Artist by artist: of most there is nothing to add to any of their songs.
        for (let artist = 0; artist < artistCount; artist++) {
          const bonus = artistBonus[artist]!;
          if (bonus === 0) continue;
          for (let at = byArtist.offsets[artist]!; at < byArtist.offsets[artist + 1]!; at++) {
            const song = byArtist.rows[at]!;
            looks[song] += bonus + songsTogether[song]!;
          }
        }
        for (let song = 0; song < looks.length; song++) {
          if (songsTogether[song] === 0) continue;
          const artist = artists[song]!;
          if (artist < 0 || artistBonus[artist] === 0) looks[song] += songsTogether[song]!;
        }
      },
      write(song, out, at) {
        const [artist, album] = [artists[song]!, albums[song]!];
        const known = artist < 0 ? 0 : (ofArtists.get(artist) ?? 0);
        const fromAlbum = album < 0 ? 0 : (ofAlbums.get(album) ?? 0);
        const artistSize = artist < 0 ? 1 : sizeOf(byArtist, artist);
        const albumSize = album < 0 ? 1 : sizeOf(byAlbum, album);
        const artistRivals = artist < 0 ? 0 : artistEntries[artist]! - (ownArtists.entries.get(artist) ?? 0);
        const albumRivals = album < 0 ? 0 : albumEntries[album]! - (ownAlbums.entries.get(album) ?? 0);
        const listeners = sizeOf(bySong, song) - (ownSongs.get(song) ?? 0);
        const ofArtist = artist < 0 ? 0 : listsOfArtist[artist]!.length - (ownArtists.lists.get(artist) ?? 0);
        const ofAlbum = album < 0 ? 0 : albumListeners[album]! - (ownAlbums.lists.get(album) ?? 0);
        out[at] = logOfCount(known);
        out[at + 1] = artistSize > 1 ? Math.min(1, known / (artistSize - 1)) : 0;
        out[at + 2] = liked.length > 0 ? (SHARE_SCALE * known) / liked.length : 0;
        out[at + 3] = known > 0 ? 1 : 0;
        out[at + 4] = logOfCount(fromAlbum);
        out[at + 5] = albumSize > 1 ? Math.min(1, fromAlbum / (albumSize - 1)) : 0;
        out[at + 6] = fromAlbum > 0 ? 1 : 0;
        out[at + 7] = known > 0 ? known / (known + artistRivals) : 0;
        out[at + 8] = fromAlbum > 0 ? fromAlbum / (fromAlbum + albumRivals) : 0;
        // Apart for new and known artists: what finds a new one must not outweigh what is known of the others.
        const together = artist < 0 ? 0 : togetherLogs[artist]!;
        const square = artist < 0 ? 0 : artistsSquared[artist]!;
        const squared = square > 0 ? 0.5 * Math.log1p(100 * square) : 0;
        out[at + 9] = known > 0 ? 0 : together;
        out[at + 10] = known > 0 ? 0 : squared;
        out[at + 20] = known > 0 ? together : 0;
        out[at + 21] = known > 0 ? squared : 0;
        const alike = songsTogether[song]!;
        out[at + 11] = alike > 0 ? Math.log1p(TOGETHER_SCALE * alike) : 0;
        out[at + 12] = logOfCount(listeners);
        out[at + 13] = listeners === 0 ? 1 : 0;
        out[at + 14] = 0.5 * logOfCount(ofArtist);
        out[at + 15] = logOfCount(ofAlbum);
        out[at + 16] = titles[song]! >= 0 && ofTitles.has(titles[song]!) ? 1 : 0;
        out[at + 17] = 0.5 * logOfCount(artistSize - 1);
        out[at + 18] = 0.5 * logOfCount(albumSize - 1);
        out[at + 19] = songsKnown;
      },
    };
  }

  return {
    groups,
    songsBy: (artist) => byArtist.rows.subarray(byArtist.offsets[artist], byArtist.offsets[artist + 1]),
    meet,
  };
}
