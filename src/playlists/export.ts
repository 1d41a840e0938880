import type { MessageFile } from '../chat/message.ts';
import type { Song } from '../domain/song.ts';
import { escapeXml } from '../xml.ts';

/** A playlist as it leaves the bot. */
export interface ExportedPlaylist {
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly songs: readonly Song[];
  /** Where a song can be opened or heard; undefined when nowhere. */
  linkOf(song: Song): string | undefined;
}

/** `spotify:track:…` as an address that a browser opens; undefined for anything else. */
export function spotifyLink(uri: string | undefined): string | undefined {
  const id = /^spotify:track:([0-9A-Za-z]+)$/.exec(uri ?? '')?.[1];
  return id === undefined ? undefined : `https://open.spotify.com/track/${id}`;
}

/** Without control characters and halves of surrogate pairs: those are in no title, and XML forbids them. */
function clean(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .replace(/[\u{fffe}\u{ffff}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
}

const artistsOf = (song: Song) => clean(song.artists.join(', '));

function durationMs(song: Song): number | undefined {
  const ms = song.features.durationMs;
  return ms !== undefined && Number.isFinite(ms) && ms > 0 ? Math.round(ms) : undefined;
}

/** A name that every file system takes. */
function fileName(text: string): string {
  const name = clean(text)
    .replace(/[<>:"/\\|?*]/g, '_')
    .replace(/^[.#\s]+|[.\s]+$/g, '');
  return name.slice(0, 120) || 'song';
}

/** Extended M3U in UTF-8. A song without a link is named as a file, so that players find it beside the list. */
export function toM3u8({ title, songs, linkOf }: ExportedPlaylist): string {
  const lines = ['#EXTM3U', `#PLAYLIST:${clean(title)}`];
  for (const song of songs) {
    const ms = durationMs(song);
    const seconds = ms === undefined ? -1 : Math.round(ms / 1000);
    const name = [artistsOf(song), clean(song.title)].filter((part) => part !== '').join(' - ');
    lines.push(`#EXTINF:${seconds},${name}`, linkOf(song) ?? `${fileName(name)}.mp3`);
  }
  return `${lines.join('\n')}\n`;
}

/** XSPF version 1, http://xspf.org/xspf-v1.html */
export function toXspf({ title, createdAt, songs, linkOf }: ExportedPlaylist): string {
  const element = (name: string, value: string | number | undefined) =>
    value === undefined || value === ''
      ? []
      : [`      <${name}>${escapeXml(clean(String(value)))}</${name}>`];
  const tracks = songs.flatMap((song) => [
    '    <track>',
    ...element('location', linkOf(song)),
    ...element('identifier', song.spotifyUri),
    ...element('title', song.title),
    ...element('creator', artistsOf(song)),
    ...element('album', song.album),
    ...element('duration', durationMs(song)),
    '    </track>',
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<playlist version="1" xmlns="http://xspf.org/ns/0/">',
    `  <title>${escapeXml(clean(title))}</title>`,
    '  <creator>Reactune</creator>',
    `  <date>${new Date(createdAt).toISOString()}</date>`,
    '  <trackList>',
    ...tracks,
    '  </trackList>',
    '</playlist>',
    '',
  ].join('\n');
}

/** JSPF, the same in JSON, https://www.xspf.org/jspf */
export function toJspf({ title, createdAt, songs, linkOf }: ExportedPlaylist): string {
  const track = songs.map((song) => {
    const link = linkOf(song);
    const ms = durationMs(song);
    return {
      ...(link === undefined ? {} : { location: [link] }),
      ...(song.spotifyUri === undefined ? {} : { identifier: [song.spotifyUri] }),
      title: clean(song.title),
      creator: artistsOf(song),
      ...(song.album === undefined ? {} : { album: clean(song.album) }),
      ...(ms === undefined ? {} : { duration: ms }),
    };
  });
  const playlist = {
    title: clean(title),
    creator: 'Reactune',
    date: new Date(createdAt).toISOString(),
    track,
  };
  return `${JSON.stringify({ playlist }, null, 2)}\n`;
}

/**
 * One cell by RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe in front
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = clean(value);
  const safe = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const CSV_COLUMNS = [
  'position',
  'title',
  'artists',
  'album',
  'year',
  'genre',
  'duration_ms',
  'link',
  'spotify_uri',
  'song_id',
];

/** A table by RFC 4180, safe to open in a spreadsheet. */
export function toCsv({ songs, linkOf }: ExportedPlaylist): string {
  const rows = songs.map((song, index) => [
    index + 1,
    song.title,
    artistsOf(song),
    song.album,
    song.year,
    song.genre,
    durationMs(song),
    linkOf(song),
    song.spotifyUri,
    song.id,
  ]);
  return [CSV_COLUMNS, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** The playlist in every form, as files of a message. */
export function playlistFiles(playlist: ExportedPlaylist): MessageFile[] {
  const slug = clean(playlist.title)
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const name = `reactune-${slug || 'playlist'}`;
  return [
    { name: `${name}.m3u8`, mediaType: 'audio/x-mpegurl', content: toM3u8(playlist) },
    { name: `${name}.xspf`, mediaType: 'application/xspf+xml', content: toXspf(playlist) },
    { name: `${name}.jspf`, mediaType: 'application/json', content: toJspf(playlist) },
    { name: `${name}.csv`, mediaType: 'text/csv', content: toCsv(playlist) },
  ];
}
