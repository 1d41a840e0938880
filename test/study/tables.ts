import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRandom } from '../../ml/random.ts';

const MOODS = ['Happy', 'Energetic', 'Sad', 'Calm'];
const CENTRES = [
  { valence: 0.8, energy: 0.6, acousticness: 0.2 },
  { valence: 0.4, energy: 0.9, acousticness: 0.1 },
  { valence: 0.15, energy: 0.3, acousticness: 0.6 },
  { valence: 0.6, energy: 0.15, acousticness: 0.9 },
] as const;
const SONGS = 200;
const PLAYLISTS = 40;

const id = (name: string, number: number) => name + String(number).padStart(22 - name.length, '0');

/**
 * Writes the paper's two tables in small: songs in four clusters, playlists that each hold songs of one of them, and
 * moods that are the clusters. Danceability rises with valence; energy and loudness go together.
 */
export async function plantTables(folder: string, perPlaylist = 12): Promise<void> {
  const random = createRandom(3);
  const near = (value: number) => Math.min(1, Math.max(0, value + 0.05 * random.normal()));
  const audio = (cluster: number) => {
    const { valence: v, energy: e, acousticness } = CENTRES[cluster]!;
    const [valence, energy] = [near(v), near(e)];
    return {
      danceability: near(0.2 + 0.6 * valence),
      energy,
      loudness: -20 + 15 * energy + random.normal(),
      valence,
      acousticness: near(acousticness),
      instrumentalness: near(0.1),
      speechiness: near(0.1),
      liveness: near(0.2),
      tempo: 80 + 60 * near(e),
    };
  };
  const features = Array.from({ length: SONGS }, (_, song) => audio(song % MOODS.length));
  const names = Object.keys(features[0]!) as (keyof (typeof features)[number])[];
  const rows: string[] = [];
  for (let playlist = 0; playlist < PLAYLISTS; playlist++) {
    const cluster = playlist % MOODS.length;
    const own = random.shuffle(
      Array.from({ length: SONGS / MOODS.length }, (_, i) => i * MOODS.length + cluster),
    );
    for (const song of own.slice(0, perPlaylist)) {
      const cells = [
        ...[id('s', song), `Song ${song}`, `"Artist ${song % 29}, & <friends>"`, song % 100],
        ...[id('a', song % 50), `Album ${song % 50}`, `${1990 + (song % 30)}-01-01`],
        ...[`List ${playlist}`, id('p', playlist), ['pop', 'rock', 'r&b', 'lo<fi'][cluster], 'any'],
        ...names.map((name) => features[song]![name].toFixed(4)),
        ...[song % 12, song % 2, 180000 + song],
      ];
      rows.push(cells.join(','));
    }
  }
  const head = [
    ...['track_id', 'track_name', 'track_artist', 'track_popularity'],
    ...['track_album_id', 'track_album_name', 'track_album_release_date'],
    ...['playlist_name', 'playlist_id', 'playlist_genre', 'playlist_subgenre'],
    ...names,
    ...['key', 'mode', 'duration_ms'],
  ];
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'spotify_songs.csv'), `${[head.join(','), ...rows].join('\n')}\n`);
  const moods = Array.from({ length: 80 }, (_, song) => {
    const own = audio(song % MOODS.length);
    return [
      ...[`Mood ${song}`, 'Album', `Singer ${song}`, id('m', song), '2001-01-01', 50, 200000],
      ...names.map((name) => own[name].toFixed(4)),
      ...[song % 12, 4, MOODS[song % MOODS.length]],
    ].join(',');
  });
  const moodHead = [
    'name',
    'album',
    'artist',
    'id',
    'release_date',
    'popularity',
    'length',
    ...names,
    'key',
    'time_signature',
    'mood',
  ];
  await writeFile(path.join(folder, 'data_moods.csv'), `${[moodHead.join(','), ...moods].join('\n')}\n`);
}

/** Votes on every song by a few members who feel the planted mood. */
export async function plantVotes(folder: string): Promise<void> {
  const rows = Array.from({ length: SONGS * 3 }, (_, row) => {
    const song = Math.floor(row / 3);
    return `${id('s', song)},member ${row % 3},${MOODS[song % MOODS.length]!.toLowerCase()}`;
  });
  await writeFile(path.join(folder, 'votes.csv'), `song_id,member_id,emotion\n${rows.join('\n')}\n`);
}
