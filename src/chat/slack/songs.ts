import { cut, oneLine } from '../fit.ts';
import type { SongCard } from '../message.ts';
import { spotifyPage } from '../sound.ts';
import { mrkdwn, verbatim } from './text.ts';

const MAX_TITLE = 200;
const MAX_ARTISTS = 200;
const MAX_WHY = 300;

const title = (song: SongCard) => cut(oneLine(song.title) || 'Untitled', MAX_TITLE, verbatim);
const artists = (song: SongCard) => cut(oneLine(song.artists.join(', ')), MAX_ARTISTS, verbatim);

/** *title* — artists */
export function songName(song: SongCard): string {
  const by = artists(song);
  return by === '' ? `*${title(song)}*` : `*${title(song)}* — ${by}`;
}

/** One entry of a list: the song with its emotions, and why it is there in a line of its own. */
function entry(song: SongCard, number: number): string {
  const page = spotifyPage(song);
  const by = artists(song);
  const name = page === undefined ? `*${title(song)}*` : `*<${page}|${title(song)}>*`;
  const emotions = (song.emotions ?? [])
    .slice(0, 3)
    .map(
      (emotion) =>
        `${emotion.emoji} ${cut(oneLine(emotion.name), 40, verbatim)} ${Math.round(emotion.share * 100)}%`,
    );
  const first = [`*${number}.* ${name}${by === '' ? '' : ` — ${by}`}`, ...emotions].join(' · ');
  const small = [song.detail, song.why].filter((part) => part !== undefined && part !== '').join(' · ');
  return small === '' ? first : `${first}\n      ${cut(oneLine(small), MAX_WHY, mrkdwn)}`;
}

/** Entries of a numbered list up to the limit, cut between two songs; says how many are left out. */
export function songEntries(songs: readonly SongCard[], firstNumber: number, limit: number): string[] {
  const more = (count: number) => `… and ${count} more`;
  const room = limit - more(songs.length).length - 1;
  const entries: string[] = [];
  let length = 0;
  for (const [index, song] of songs.entries()) {
    const drawn = entry(song, firstNumber + index);
    const last = index === songs.length - 1;
    if (length + drawn.length + 1 > (last ? limit : room)) return [...entries, more(songs.length - index)];
    entries.push(drawn);
    length += drawn.length + 1;
  }
  return entries;
}
