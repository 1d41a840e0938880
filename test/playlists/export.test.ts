import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Song } from '../../src/domain/song.ts';
import {
  type ExportedPlaylist,
  playlistFiles,
  spotifyLink,
  toCsv,
  toJspf,
  toM3u8,
  toXspf,
} from '../../src/playlists/export.ts';

const song = (over: Partial<Song>): Song => ({
  id: 'x',
  title: 'Song',
  artists: ['Artist'],
  features: {},
  snippet: { kind: 'none' },
  ...over,
});

const exported = (songs: readonly Song[], title = 'From sad to happy'): ExportedPlaylist => ({
  title,
  createdAt: Date.UTC(2026, 10, 22, 12),
  songs,
  linkOf: (one) => spotifyLink(one.spotifyUri),
});

const songs = [
  song({
    id: 's1',
    title: 'Blue "Monday", & <Tuesday>',
    artists: ['A', 'B'],
    album: 'Week',
    year: 1999,
    genre: 'pop',
    spotifyUri: 'spotify:track:4uLU6hMCjMI75M1A2tKUQC',
    features: { durationMs: 213_399.6 },
  }),
  song({
    id: 's2',
    title: '=HYPERLINK("http://evil")\r\n#EXTM3U',
    artists: ['+1', '@x'],
    features: { durationMs: Number.NaN },
  }),
  song({ id: 's3', title: '../../etc/passwd\u0000', artists: ['日本'] }),
  song({ id: 's4', title: 'Half \ud800 pair \u0007', artists: [] }),
];

/** The text of every element of a name, unescaped; enough of XML to read back what was written. */
function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) =>
    text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  );
}

describe('M3U', () => {
  it('begins with its header, has two lines a song, seconds, and links where there are', () => {
    const lines = toM3u8(exported(songs)).trimEnd().split('\n');
    expect(lines.slice(0, 4)).toEqual([
      '#EXTM3U',
      '#PLAYLIST:From sad to happy',
      '#EXTINF:213,A, B - Blue "Monday", & <Tuesday>',
      'https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC',
    ]);
    expect(lines).toHaveLength(2 + 2 * songs.length);
    expect(lines.filter((line) => line.startsWith('#EXTINF:'))).toHaveLength(songs.length);
    expect(lines[4]).toMatch(/^#EXTINF:-1,/);
  });

  it('names a song without a link as a file that cannot lie in another folder', () => {
    const lines = toM3u8(exported([songs[2]]))
      .trimEnd()
      .split('\n');
    expect(lines[3]).toBe('日本 - .._.._etc_passwd.mp3');
    expect(toM3u8(exported([song({ title: '../x', artists: [] })])).split('\n')[3]).toBe('_x.mp3');
  });
});

describe('XSPF', () => {
  const xml = toXspf(exported(songs));
  it('has the namespace, version and a track per song', () => {
    expect(
      xml.startsWith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<playlist version="1" xmlns="http://xspf.org/ns/0/">',
      ),
    ).toBe(true);
    expect(xml.match(/<track>/g)).toHaveLength(songs.length);
    expect(elements(xml, 'title').slice(0, 2)).toEqual(['From sad to happy', 'Blue "Monday", & <Tuesday>']);
    expect(elements(xml, 'location')).toEqual(['https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC']);
    expect(elements(xml, 'duration')).toEqual(['213400']);
    expect(elements(xml, 'date')).toEqual(['2026-11-22T12:00:00.000Z']);
  });

  it('is well formed whatever is in a title', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (title, artist) => {
        const text = toXspf(exported([song({ title, artists: [artist] })], title));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: those that XML 1.0 forbids
        expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u);
        expect(text.replace(/<\/?[a-zA-Z][^<>]*>|<\?xml[^<>]*\?>/g, '')).not.toMatch(
          /[<>]|&(?!amp;|lt;|gt;|quot;)/,
        );
      }),
    );
  });
});

describe('JSPF', () => {
  it('is one playlist object with a list of tracks', () => {
    const { playlist } = JSON.parse(toJspf(exported(songs)));
    expect(playlist).toMatchObject({ title: 'From sad to happy', date: '2026-11-22T12:00:00.000Z' });
    expect(playlist.track).toHaveLength(songs.length);
    expect(playlist.track[0]).toEqual({
      location: ['https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC'],
      identifier: ['spotify:track:4uLU6hMCjMI75M1A2tKUQC'],
      title: 'Blue "Monday", & <Tuesday>',
      creator: 'A, B',
      album: 'Week',
      duration: 213_400,
    });
  });
});

describe('CSV', () => {
  it('reads back as it was, in lines that end with CRLF', () => {
    const text = toCsv(exported(songs));
    expect(text.split('\r\n')).toHaveLength(songs.length + 2);
    const rows = parse(text, { columns: true }) as Record<string, string>[];
    expect(rows[0]).toEqual({
      position: '1',
      title: 'Blue "Monday", & <Tuesday>',
      artists: 'A, B',
      album: 'Week',
      year: '1999',
      genre: 'pop',
      duration_ms: '213400',
      link: 'https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC',
      spotify_uri: 'spotify:track:4uLU6hMCjMI75M1A2tKUQC',
      song_id: 's1',
    });
  });

  it('has no cell that a spreadsheet runs as a formula', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc
            .constantFrom('=', '+', '-', '@', '\t=', ' =', '\r=')
            .chain((start) => fc.string().map((end) => start + end)),
        ),
        (title) => {
          const rows = parse(toCsv(exported([song({ title, artists: [title], id: title })]))) as string[][];
          for (const text of rows[1]) expect(text).not.toMatch(/^[=+\-@\t\r]/);
        },
      ),
    );
  });
});

describe('the files of a playlist', () => {
  it('are named after it, in letters that every file system takes', () => {
    const names = (title: string) => playlistFiles(exported(songs, title)).map(({ name }) => name);
    expect(names('From sad to happy')[0]).toBe('reactune-from-sad-to-happy.m3u8');
    expect(names('../../Ünruhig')[1]).toBe('reactune-u-nruhig.xspf');
    expect(names('静か')[3]).toBe('reactune-playlist.csv');
  });
});
