import type { SongCard } from '../message.ts';
import { spotifyPage } from '../sound.ts';
import { cut, oneLine, verbatim } from './text.ts';

const MAX_TITLE = 200;
const MAX_ARTISTS = 200;
const MAX_WHY = 300;

function title(song: SongCard): string {
  const drawn = cut(oneLine(song.title) || 'Untitled', MAX_TITLE, verbatim);
  return `**${drawn}**`;
}

const artists = (song: SongCard) => cut(oneLine(song.artists.join(', ')), MAX_ARTISTS, verbatim);

/** **title** — artists */
export function songName(song: SongCard): string {
  const by = artists(song);
  return by === '' ? title(song) : `${title(song)} — ${by}`;
}

/** One entry of a list: the song with its emotions, and why it is there in small print below. */
function entry(song: SongCard, number: string): string {
  const page = spotifyPage(song);
  const by = artists(song);
  const name = page === undefined ? title(song) : `[${title(song)}](${page})`;
  const emotions = (song.emotions ?? [])
    .slice(0, 3)
    .map(
      (emotion) =>
        `${emotion.emoji} ${cut(oneLine(emotion.name), 40, verbatim)} ${Math.round(emotion.share * 100)}%`,
    );
  const first = [`${number}${name}${by === '' ? '' : ` — ${by}`}`, ...emotions].join(' · ');
  const small = [song.detail, song.why].filter((part) => part !== undefined && part !== '').join(' · ');
  return small === '' ? first : `${first}\n-# ${cut(oneLine(small), MAX_WHY)}`;
}

/** A list up to the limit, cut between two songs; says how many are left out. Several songs are numbered. */
export function songList(
  all: readonly SongCard[],
  page: { readonly from: number; readonly to: number } | undefined,
  limit: number,
): string {
  const { from, to } = page ?? { from: 0, to: all.length };
  const songs = all.slice(from, to);
  const numbered = (index: number) => (all.length === 1 ? '' : `**${from + index + 1}.** `);
  const more = (count: number) => `… and ${count} more`;
  const room = limit - more(songs.length).length - 1;
  let list = '';
  for (const [index, song] of songs.entries()) {
    const drawn = entry(song, numbered(index));
    const longer = list === '' ? drawn : `${list}\n${drawn}`;
    const last = index === songs.length - 1;
    if (longer.length > (last ? limit : room)) {
      const rest = more(songs.length - index);
      return list === '' ? rest : `${list}\n${rest}`;
    }
    list = longer;
  }
  return list;
}
