import type { LyricsFeatures } from '../../domain/song.ts';
import { isMissing } from './values.ts';

/** Counts words and repetition in lyrics; the text itself goes no further. */
export function lyricsFeatures(
  lyrics: string | undefined,
  language: string | undefined,
): LyricsFeatures | undefined {
  if (lyrics === undefined || isMissing(lyrics)) return undefined;
  const words = lyrics.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu);
  if (words === null) return undefined;
  return {
    ...(!isMissing(language) && { language: language!.trim().toLowerCase() }),
    words: words.length,
    repetition: 1 - new Set(words).size / words.length,
  };
}
