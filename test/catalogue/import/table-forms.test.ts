import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../../src/catalogue/catalogue.ts';
import { AUDIO_FEATURES } from '../../../src/domain/song.ts';
import { operator } from './importing.ts';

const ID_A = '6f807x0ima9a1j3VPbc7VN';
const ID_B = '0r7CVbZTWZgbTCYdfa2P31';
const SONGS_HEADER =
  'track_id,track_name,track_artist,track_popularity,track_album_id,track_album_name,track_album_release_date,playlist_name,playlist_id,playlist_genre,playlist_subgenre,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,duration_ms';
const FEATURES = '0.748,0.916,6,-2.634,1,0.0583,0.102,0,0.0653,0.518,122.036,194754';

describe('the Spotify songs table', () => {
  const row = (id: string, title: string, playlist: string, genre: string, subgenre: string) =>
    `${id},"${title}",Ed Sheeran,66,alb,"I Don't Care, Loud",2019-06-14,Pop ${playlist},${playlist},${genre},${subgenre},${FEATURES}`;
  const table = [
    SONGS_HEADER,
    row(ID_A, 'I Don\'t Care ""Remix""', 'p1', 'pop', 'dance pop'),
    row(ID_B, 'Memories', 'p1', 'pop', 'dance pop'),
    row(ID_A, 'I Don\'t Care ""Remix""', 'p2', 'edm', 'big room'),
    row(ID_A, 'I Don\'t Care ""Remix""', 'p3', 'edm', 'pop edm'),
    row(ID_A, 'I Don\'t Care ""Remix""', 'p4', 'edm', 'pop edm'),
    '',
  ].join('\n');

  test('becomes songs with Spotify links, one per track', async () => {
    const { report, catalogue } = await operator().importsSongs('songs.csv', table);
    expect(report).toMatchObject({
      rows: 5,
      skippedRows: 0,
      repeatedRows: 3,
      songs: 2,
      newSongs: 2,
      listeners: 4,
    });
    expect(report.ignoredColumns).toEqual(['track_album_id']);
    expect(catalogue.song(0)).toEqual({
      id: ID_A,
      title: 'I Don\'t Care "Remix"',
      artists: ['Ed Sheeran'],
      album: "I Don't Care, Loud",
      genre: 'edm',
      subgenre: 'pop edm',
      year: 2019,
      popularity: 66,
      features: expect.objectContaining({ key: 6, mode: 1, durationMs: 194754, tempo: Math.fround(122.036) }),
      spotifyUri: `spotify:track:${ID_A}`,
      snippet: { kind: 'spotify' },
    });
    expect(Object.keys(catalogue.song(0).features)).toHaveLength(AUDIO_FEATURES.length - 1);
  });

  test('makes every playlist a listener of its songs', async () => {
    const { catalogue } = await operator().importsSongs('songs.csv', table);
    expect(catalogue.listeners[0]).toEqual({
      id: 'p1',
      name: 'Pop p1',
      songs: Int32Array.of(0, 1),
      source: 'songs',
    });
    expect(catalogue.listeners.map((listener) => [...listener.songs])).toEqual([[0, 1], [0], [0], [0]]);
  });

  test('with lyrics keeps what they are like, and not a word of them', async () => {
    const lyrics = '"Hello hello\nmy ""secretword"" hello"';
    const { catalogue } = await operator().importsSongs(
      'lyrics.csv',
      `${SONGS_HEADER},lyrics,language\n${row(ID_A, 'A', 'p', 'pop', 'x')},${lyrics},en\n${row(ID_B, 'B', 'p', 'pop', 'x')},NA,NA\n`,
    );
    const song = catalogue.song(0);
    expect(song.lyrics).toEqual({ language: 'en', words: 5, repetition: Math.fround(0.4) });
    expect(catalogue.song(1).lyrics).toBeUndefined();
    const stored = Object.values(catalogue.columns).map((column) =>
      Buffer.from(bytesOf(column)).toString('latin1'),
    );
    expect(stored.some((bytes) => bytes.includes('Hello'))).toBe(false);
    expect(stored.some((bytes) => bytes.includes('secretword'))).toBe(false);
  });
});

test('the moods table brings labels, and its length is in milliseconds', async () => {
  const header =
    'name,album,artist,id,release_date,popularity,length,danceability,acousticness,energy,instrumentalness,liveness,valence,loudness,speechiness,tempo,key,time_signature,mood';
  const rest = '1982-10-27,68,379266,0.866,0.137,0.73,0.0,0.0843,0.625,-8.201,0.0767,118.523,5,4';
  const { report, catalogue } = await operator().importsSongs(
    'moods.csv',
    `${header}\r\n1999,1999,Prince,${ID_A},${rest},Happy\r\n23,23,Blonde Redhead,${ID_B},${rest},Grumpy\r\n`,
  );
  expect(report).toMatchObject({
    songs: 2,
    labels: 1,
    skippedRows: 0,
    problems: { counts: { 'unknown emotion': 1 } },
  });
  expect(report.problems.first[0]).toMatchObject({ line: 3, kept: true });
  expect(catalogue.labels).toEqual([{ songId: ID_A, emotion: 'happy', weight: 5, source: 'moods' }]);
  expect(catalogue.song(0)).toMatchObject({
    title: '1999',
    year: 1982,
    features: { durationMs: 379266, timeSignature: 4 },
  });
  expect(catalogue.song(0).features.mode).toBeUndefined();
});

test('the 1.2-million-song table brings artists as a list', async () => {
  const header =
    'id,name,album,album_id,artists,artist_ids,track_number,disc_number,explicit,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,duration_ms,time_signature,year,release_date';
  const row = (id: string, artists: string, year = '1999,1999-11-02') =>
    `${id},Testify,The Battle,alb,${artists},"['2d0hyoQ5ynDBnkvAbJKORj']",1,1,False,0.47,0.978,7,-5.399,1,0.0727,0.0261,1.09e-05,0.356,0.503,117.906,210133,4.0,${year}`;
  const { report, catalogue } = await operator().importsSongs(
    'tracks_features.csv',
    [
      header,
      row('a', `"['Rage Against The Machine']"`),
      row('b', `"[""Guns N' Roses"", 'Sigur R\\xf3s', 'A \\\\ B']"`),
      row('c', '[spunge]', '0,0000'),
    ].join('\n'),
  );
  expect(report).toMatchObject({ songs: 3, skippedRows: 0, listeners: 0, labels: 0 });
  expect(catalogue.song(0).artists).toEqual(['Rage Against The Machine']);
  expect(catalogue.song(1).artists).toEqual(["Guns N' Roses", 'Sigur Rós', 'A \\ B']);
  expect(catalogue.song(2).artists).toEqual(['[spunge]']);
  expect(catalogue.song(0)).toMatchObject({ explicit: false, year: 1999, snippet: { kind: 'none' } });
  expect(catalogue.song(2).year).toBeUndefined();
});

describe('any other table', () => {
  test('is imported through a column map', async () => {
    const { report, catalogue } = await operator().importsSongs(
      'mine.csv',
      'Song;Singer;Power;Happiness;BPM;Seconds;Key;Mode\nÄtna;Zoë;0,5;0,25;90;200,5;C#;Minor\n',
      {
        map: {
          title: 'Song',
          artist: 'Singer',
          energy: 'Power',
          valence: 'happiness',
          durationSeconds: 'Seconds',
        },
      },
    );
    expect(report.columns).toMatchObject({ title: 'Song', artists: 'Singer', energy: 'Power', tempo: 'BPM' });
    expect(catalogue.song(0)).toMatchObject({
      title: 'Ätna',
      artists: ['Zoë'],
      features: { energy: 0.5, valence: 0.25, tempo: 90, durationMs: 200500, key: 1, mode: 0 },
    });
  });

  test('without ids gets them from titles and artists, the same ones however they are written', async () => {
    const ana = operator();
    const first = await ana.importsSongs('one.csv', 'title,artist,energy\nDéjà Vu,Beyoncé,0.5\n');
    expect(first.catalogue.idAt(0)).toMatch(/^song-[0-9a-f]{20}$/);
    const second = await ana.importsSongs('two.csv', 'title\tartist\tenergy\ndeja vu\tBEYONCE\t0.75\n');
    expect(second.report).toMatchObject({ songs: 1, newSongs: 0 });
    expect(second.catalogue.size).toBe(1);
  });

  test('with Spotify links or addresses as ids has songs with Spotify ids', async () => {
    const { catalogue } = await operator().importsSongs(
      'links.csv',
      `uri,title,energy\nspotify:track:${ID_A},A,0.5\nhttps://open.spotify.com/track/${ID_B}?si=1,B,0.5\n`,
    );
    expect([catalogue.idAt(0), catalogue.idAt(1)]).toEqual([ID_A, ID_B]);
    expect(catalogue.song(1).spotifyUri).toBe(`spotify:track:${ID_B}`);
  });

  test('keeps a missing feature missing', async () => {
    const { report, catalogue } = await operator().importsSongs(
      't.csv',
      'id,title,energy,valence,tempo\na,A,0.5,,NA\nb,B,,0.5,0\n',
    );
    expect(report.skippedRows).toBe(0);
    expect(catalogue.song(0).features).toEqual({ energy: 0.5 });
    expect(catalogue.song(1).features).toEqual({ valence: 0.5 });
  });
});
