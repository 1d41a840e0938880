import { createRandom, type Random } from '../../../ml/random.ts';
import { GENRES, type Genre } from './genres.ts';
import { ARTISTS, albumNameFor, titleFor } from './names.ts';

/** The eight regions that songs are planted around; independent of the taxonomy an operator uses. */
const REGIONS: readonly (readonly [valence: number, arousal: number])[] = [
  [0.8, 0.45],
  [0.5, 0.9],
  [-0.65, 0.8],
  [-0.55, 0.4],
  [-0.7, -0.45],
  [0.1, -0.35],
  [0.45, -0.8],
  [0.7, -0.3],
];
const SONGS_PER_REGION = 40;
/** Standard deviation around a region's centre: wide enough for neighbours to overlap. */
const SPREAD = 0.17;

/** Songs of the demo catalogue. */
export const DEMO_SIZE = REGIONS.length * SONGS_PER_REGION;

export interface DemoArtist {
  readonly name: string;
  readonly genre: Genre;
  readonly valence: number;
  readonly arousal: number;
}

/** What a song is meant to be, before a note is written. */
export interface SongPlan {
  readonly id: string;
  readonly title: string;
  readonly artist: DemoArtist;
  readonly album: string;
  readonly year: number;
  /** How well known it is, 0..1; a few songs are, most are not. */
  readonly fame: number;
  /** Where it is planted on the plane. */
  readonly valence: number;
  readonly arousal: number;
  /** Source of everything that is composed. */
  readonly random: Random;
}

export function demoSongId(seed: number, index: number): string {
  return `demo-${seed}-${String(index + 1).padStart(3, '0')}`;
}

/** The seed and position in an id of the demo catalogue, or undefined if it is none. */
export function parseDemoSongId(id: string): { seed: number; index: number } | undefined {
  const match = /^demo-(-?\d{1,10})-(\d{3})$/.exec(id);
  const index = Number(match?.[2]) - 1;
  return match && index >= 0 && index < DEMO_SIZE ? { seed: Number(match[1]), index } : undefined;
}

function clampPlane(value: number): number {
  return Math.min(1, Math.max(-1, value));
}

/** Draws from a list with the given weights. */
function draw<T>(list: readonly T[], weight: (item: T) => number, random: Random): T {
  const weights = list.map(weight);
  let left = random.next() * weights.reduce((sum, w) => sum + w, 0);
  for (let i = 0; i < list.length; i++) {
    left -= weights[i]!;
    if (left < 0) return list[i]!;
  }
  return list.at(-1)!;
}

interface Place {
  readonly valence: number;
  readonly arousal: number;
}

function squared(a: Place, b: Place): number {
  return (a.valence - b.valence) ** 2 + (a.arousal - b.arousal) ** 2;
}

function plantArtists(random: Random): DemoArtist[] {
  return GENRES.flatMap((genre) =>
    ARTISTS[genre.name]!.map((name, i, names) => {
      // The artists of a genre stand around its home, so that every genre has brighter and darker ones.
      const angle = (2 * Math.PI * (i + random.next())) / names.length;
      const radius = 0.25 + 0.45 * random.next();
      return {
        name,
        genre,
        valence: clampPlane(genre.home.valence * 0.7 + radius * Math.cos(angle)),
        arousal: clampPlane(genre.home.arousal * 0.7 + radius * Math.sin(angle)),
      };
    }),
  );
}

/**
 * Plants the songs of the demo catalogue: a point on the plane first, then a genre that is at home near it, one of
 * its artists, an album and a title. Equal seeds give equal plans; a song's own random source depends on the seed
 * and its position only, so a single song can be composed without the others.
 */
export function planSongs(seed: number): SongPlan[] {
  const root = createRandom(seed);
  const random = root.fork('plan');
  const artists = plantArtists(root.fork('artists'));
  const songsOf = new Map<DemoArtist, number>();
  const careers = new Map(
    artists.map((artist) => [
      artist,
      { start: 1984 + random.integer(36), albums: [] as { name: string; year: number }[] },
    ]),
  );
  const titles = new Set<string>();
  const albums = new Set<string>();
  const points = REGIONS.flatMap(([valence, arousal]) =>
    Array.from({ length: SONGS_PER_REGION }, () => ({
      valence: clampPlane(valence + SPREAD * random.normal()),
      arousal: clampPlane(arousal + SPREAD * random.normal()),
    })),
  );
  random.shuffle(points);
  return points.map((point, index) => {
    const genre = draw(GENRES, (g) => 0.05 + Math.exp(-squared(g.home, point) / (2 * 0.45 ** 2)), random);
    const artist = draw(
      artists.filter((a) => a.genre === genre),
      (a) => Math.exp(-squared(a, point) / (2 * 0.35 ** 2)) / (1 + 0.25 * (songsOf.get(a) ?? 0)) + 0.01,
      random,
    );
    const count = songsOf.get(artist) ?? 0;
    songsOf.set(artist, count + 1);
    const career = careers.get(artist)!;
    if (count % 4 === 0) {
      const year = Math.min(2025, (career.albums.at(-1)?.year ?? career.start - 2) + 1 + random.integer(4));
      career.albums.push({
        name: unique(albums, () => albumNameFor(point.valence, point.arousal, random)),
        year,
      });
    }
    const album = career.albums.at(-1)!;
    return {
      id: demoSongId(seed, index),
      title: unique(titles, () => titleFor(point.valence, point.arousal, random)),
      artist,
      album: album.name,
      year: album.year,
      fame: random.next() ** 2.2,
      ...point,
      random: root.fork(`song ${index}`),
    };
  });
}

function unique(taken: Set<string>, invent: () => string): string {
  for (;;) {
    const name = invent();
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}
