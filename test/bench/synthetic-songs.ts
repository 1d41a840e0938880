import type { Random } from '../../ml/random.ts';
import type { Song } from '../../src/domain/song.ts';

/** Songs of drawn features, four to an artist; energetic ones are loud and not acoustic. */
export function* syntheticSongs(size: number, random: Random): Generator<Song> {
  for (let i = 0; i < size; i++) {
    const energy = random.next();
    yield {
      id: `song${String(i).padStart(8, '0')}`,
      title: `Song ${i}`,
      artists: [`Artist ${random.integer(Math.max(1, size >> 2))}`],
      year: 1970 + random.integer(55),
      popularity: random.integer(100),
      snippet: { kind: 'spotify' },
      features: {
        danceability: random.next(),
        energy,
        key: random.integer(12),
        loudness: -30 + 25 * energy,
        mode: random.integer(2),
        speechiness: random.next() / 3,
        acousticness: 1 - energy,
        instrumentalness: random.next(),
        liveness: random.next(),
        valence: random.next(),
        tempo: 60 + 120 * random.next(),
        durationMs: 120_000 + random.integer(200_000),
      },
    };
  }
}
