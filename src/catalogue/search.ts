import type { TextColumn } from './columns.ts';
import { topOf } from './top.ts';

/** Latin letters that Unicode does not decompose. */
const UNDECOMPOSED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
};

/** Scripts written without spaces, in which a word may begin anywhere. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/**
 * One form for everything that people type alike: lower case, without accents and apostrophes, every other
 * character that is no letter or digit a single space. A text of nothing but signs ("!!!") stays as it is.
 */
export function foldText(text: string): string {
  let folded = text.toLowerCase();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is the range of ASCII that is meant
  if (/[^\x00-\x7f]/.test(folded)) {
    folded = folded
      .normalize('NFKD')
      .replace(/\p{M}+/gu, '')
      .replace(/[ßæœøđðþłħı]/g, (letter) => UNDECOMPOSED[letter]!)
      .replace(/[’‘ʼ`´]/g, '');
  }
  const words = folded
    .replace(/'/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  return words === '' ? folded.replace(/\s+/g, ' ').trim() : words;
}

/** The form in which a song is searched: ` title words \x1f artist words `, every word between two spaces. */
export function searchableText(title: string, artists: readonly string[]): string {
  return ` ${foldText(title)} \x1f ${foldText(artists.join(' '))} `;
}

/** The song whose text holds a byte: the last offset that is not beyond it. */
function songOfByte(offsets: Uint32Array, byte: number, from: number): number {
  let low = from;
  let high = offsets.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (offsets[middle]! <= byte) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * How well a song answers, lower is better: 0 exactly this title, 1 this title and words of its artists, 2 exactly
 * the artists, 3 the title begins so, 4 all words are in the title, 5 the rest.
 */
function rankOf(text: string, query: string, words: readonly string[]): number {
  const middle = text.indexOf('\x1f');
  const title = text.slice(1, middle - 1);
  if (title === query) return 0;
  const artists = text.slice(middle + 1);
  const rest = new Set(words);
  const titleIsThere = title.split(' ').every((word) => rest.delete(word) || words.includes(word));
  if (titleIsThere && [...rest].every((word) => artists.includes(` ${word}`))) return 1;
  if (artists.slice(1, -1) === query) return 2;
  if (title.startsWith(query)) return 3;
  return words.every((word) => text.lastIndexOf(` ${word}`, middle) !== -1) ? 4 : 5;
}

/**
 * Songs whose title and artists together hold every word of the query; the last word may be unfinished. Looks for
 * the longest word through all texts at once, which is a matter of a millisecond for tens of thousands of songs.
 * @param popularity decides among equally good ones; NaN counts as unpopular
 * @returns at most `limit` positions, best first
 */
export function searchSongs(
  texts: TextColumn,
  popularity: Float32Array,
  query: string,
  limit: number,
): number[] {
  const folded = foldText(query);
  if (folded === '' || limit < 1 || texts.offsets.length < 2) return [];
  const words = folded.split(' ');
  const patterns = words.map((word, i) => {
    const start = UNSPACED.test(word) ? word : ` ${word}`;
    return i === words.length - 1 ? start : `${start} `;
  });
  // Long words are rare words.
  const [first, ...others] = patterns.sort((a, b) => b.length - a.length);
  const needle = Buffer.from(first!, 'utf8');
  const asTitle = Buffer.from(` ${folded}`, 'utf8');
  const asArtists = Buffer.from(`\x1f ${folded} `, 'utf8');
  const { bytes, offsets } = texts;
  const best = topOf(limit);
  let song = 0;
  for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, offsets[song + 1]!)) {
    song = songOfByte(offsets, at, song);
    const start = offsets[song]!;
    const end = offsets[song + 1]!;
    // A match that runs into the next song's text is none.
    if (at + needle.length > end) continue;
    const liked = popularity[song]!;
    // Rank first, then popularity, then the shorter text; the parts cannot outweigh each other.
    const within = (Number.isNaN(liked) ? 0 : liked * 1e3) - Math.min(end - start, 999);
    // Most songs with a common word cannot get among the best, which a look at a few bytes tells.
    const atBest = holdsAt(bytes, asTitle, start, end)
      ? 0
      : words.length > 1
        ? 1
        : holdsAt(bytes, asArtists, end - asArtists.length, end)
          ? 2
          : 4;
    if (within - atBest * 1e6 <= best.bar()) continue;
    const text = bytes.toString('utf8', start, end);
    if (others.every((pattern) => text.includes(pattern)))
      best.offer(song, within - rankOf(text, folded, words) * 1e6);
  }
  return best.list();
}

function holdsAt(bytes: Buffer, part: Buffer, at: number, end: number): boolean {
  return (
    at >= 0 && at + part.length <= end && bytes.compare(part, 0, part.length, at, at + part.length) === 0
  );
}
