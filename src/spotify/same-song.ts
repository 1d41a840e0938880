import type { Song } from '../domain/song.ts';
import type { SpotifyTrack } from './web-api.ts';

/** What has to be known of a song to recognise it. */
export type KnownSong = Pick<Song, 'title' | 'artists' | 'album'> & { readonly durationMs?: number };

/** What tells another recording of a song from the one that is meant, in brackets or after a dash. */
const OTHER_RECORDING =
  /\b(live|unplugged|acoustic|karaoke|instrumental|covers?|tribute|remix|mix|rmx|dub|bootleg|mashup|medley|demo|extended|club|dance|sped up|slowed|nightcore|8 ?bit|8d|lullaby|orchestral|symphonic|piano|a ?cappella|acapella|reprise|sessions?|rehearsal|take|rework|vip|parody|in the style of|made famous by|originally performed|backing track|commentary|interlude|ao vivo|en vivo|en directo|dal vivo|taylors version|re ?recorded|new recording)\b/;
/** The same recording, though one of the words above occurs. */
const SAME_MIX = /^(album|single|original|radio|mono|stereo|\d{4})( \d{4})? mix$/;
/** What says nothing about which recording it is. */
const SAME_RECORDING =
  /^(feat|ft|featuring|with|from)\b|\b(remaster|remastered|mono|stereo|album version|single version|original version|radio edit|radio version|single edit|explicit|clean|bonus track|deluxe|anniversary|expanded)\b|^\d{4}( version)?$/;
const FEATURED = /^(feat|ft|featuring|with)\b/;
/** On such albums others sing. */
const OTHERS_SING =
  /\b(karaoke|tribute|made famous by|in the style of|originally performed|cover versions?)\b/;

const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  æ: 'ae',
  œ: 'oe',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/**
 * One form for comparing: no case, accents, punctuation. Accents are those of Latin, Greek and Cyrillic letters alone:
 * the marks of other scripts are letters themselves. A title of nothing but signs stays as it is.
 */
export function plain(text: string): string {
  const folded = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[ßøæœłđðþı]/g, (letter) => LETTERS[letter] ?? letter);
  const words = folded
    .replace(/['’`´]/g, '')
    .replace(/&/g, ' and ')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
  return words === '' ? folded.trim() : words;
}

interface Title {
  /** With what stands in brackets and means nothing for the recording left out. */
  readonly core: string;
  /** Without anything in brackets or after a dash. */
  readonly bare: string;
  /** What tells the recording, as in `live at wembley`. */
  readonly recording: readonly string[];
}

const isOtherRecording = (words: string) =>
  OTHER_RECORDING.test(words) && !SAME_MIX.test(words) && !FEATURED.test(words);
const isSameRecording = (words: string) =>
  !isOtherRecording(words) && (SAME_RECORDING.test(words) || SAME_MIX.test(words));

/** Takes a title apart: `Song (feat. Somebody) - Live at Wembley`. */
function readTitle(title: string): Title {
  const asides: string[] = [];
  const aside = (text: string, original: string): string => {
    const words = plain(text);
    if (isOtherRecording(words)) asides.push(words);
    else if (!isSameRecording(words)) return original;
    return ' ';
  };
  let rest = title;
  const [, head, tail] = /^(.+?)\s+[-–—]\s+(.+)$/u.exec(rest) ?? [];
  if (head !== undefined && tail !== undefined) rest = `${head} ${aside(tail, tail)}`;
  const withoutTail = head ?? rest;
  rest = rest.replace(/[([{（【]([^)\]}）】]*)[)\]}）】]/gu, (whole, inner: string) => aside(inner, whole));
  rest = rest.replace(/\s+(?:feat|ft|featuring)\.?\s.*$/iu, '');
  const bare = withoutTail.replace(/[([{（【][^)\]}）】]*[)\]}）】]/gu, ' ');
  return { core: plain(rest), bare: plain(bare), recording: asides.sort() };
}

/** `Somebody feat. Somebody Else` → `Somebody`: whom to look for. */
export function mainArtist({ artists }: Pick<Song, 'artists'>): string {
  return (artists[0] ?? '').split(/\s+(?:feat|ft|featuring)\.?\s/iu)[0]?.trim() ?? '';
}

/** The title without what a search need not find: brackets and what follows a dash. */
export function titleForSearch(title: string): string {
  const { recording } = readTitle(title);
  const shorter = title
    .replace(/[([{（【]([^)\]}）】]*)[)\]}）】]/gu, (whole, inner: string) =>
      isSameRecording(plain(inner)) ? ' ' : whole,
    )
    .replace(/\s+[-–—]\s+.*$/u, (tail) => (recording.length > 0 ? tail : ' '))
    .replace(/\s+(?:feat|ft|featuring)\.?\s.*$/iu, '')
    .replace(/"/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return shorter === '' ? title.replace(/"/g, ' ').trim() : shorter;
}

const withoutThe = (name: string) => plain(name).replace(/^the /, '');

function sameArtist(song: KnownSong, track: SpotifyTrack): boolean {
  const there = new Set(track.artists.map(withoutThe));
  const wanted = withoutThe(mainArtist(song));
  if (wanted === '') return false;
  if (there.has(wanted)) return true;
  // `Ana & Ben` may be one artist here and two there: then all of them have to be.
  const parts = mainArtist(song)
    .split(/\s*(?:,|;|\/|&|\+|\bx\b|\band\b|\bvs\.?)\s*/iu)
    .map(withoutThe)
    .filter((part) => part !== '');
  return parts.length > 1 && parts.every((part) => there.has(part));
}

function sameRecording(one: Title, other: Title): boolean {
  if (one.recording.length !== other.recording.length) return false;
  return one.recording.every((words, index) => {
    const others = other.recording[index] as string;
    // Concerts are called in many ways, a remix is somebody's.
    return words === others || (/\blive\b/.test(words) && /\blive\b/.test(others));
  });
}

/** How far apart two lengths are, where both are known. */
function apart(song: KnownSong, track: SpotifyTrack): number | undefined {
  if (song.durationMs === undefined || !Number.isFinite(song.durationMs) || song.durationMs <= 0)
    return undefined;
  return Math.abs(song.durationMs - track.durationMs);
}

/** Longer or shorter by more, it is another recording: an extended mix, a concert, somebody else's. */
const MOST_APART_MS = 15_000;
/** Two recordings that are the same to a few seconds, where the titles leave a doubt. */
const HARDLY_APART_MS = 3_000;

/** Whether a track is the song; undefined if not, else how well it fits, lower being better. */
function misfit(song: KnownSong, track: SpotifyTrack): number | undefined {
  if (!sameArtist(song, track)) return undefined;
  if (OTHERS_SING.test(plain(track.album)) && !OTHERS_SING.test(plain(song.album ?? ''))) return undefined;
  const [wanted, there] = [readTitle(song.title), readTitle(track.title)];
  if (!sameRecording(wanted, there)) return undefined;
  const distance = apart(song, track);
  if (distance !== undefined && distance > MOST_APART_MS) return undefined;
  if (wanted.core !== there.core) {
    const near = distance !== undefined && distance <= HARDLY_APART_MS;
    if (!near || wanted.bare === '' || wanted.bare !== there.bare) return undefined;
  }
  const sameAlbum = song.album !== undefined && plain(song.album) === plain(track.album);
  return (distance ?? 0) / 1000 + (sameAlbum ? 0 : 1) + (plain(song.title) === plain(track.title) ? 0 : 2);
}

/** The track that is the song, if one of them is. A wrong song is worse than none. */
export function pickSameSong(song: KnownSong, found: readonly SpotifyTrack[]): SpotifyTrack | undefined {
  let best: { readonly track: SpotifyTrack; readonly misfit: number } | undefined;
  for (const track of found) {
    const value = misfit(song, track);
    if (value !== undefined && (best === undefined || value < best.misfit)) best = { track, misfit: value };
  }
  return best?.track;
}
