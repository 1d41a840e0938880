/** Key of an emotion in the taxonomy, e.g. `happy`. */
export type EmotionKey = string;

/** One entry of the taxonomy. */
export interface Emotion {
  readonly key: EmotionKey;
  readonly name: string;
  /** The Unicode emoji members react with (Discord and the room). */
  readonly emoji: string;
  /** The same emoji as a Slack short name, without colons. */
  readonly slack: string;
  /** Place on the plane, both in [-1, 1]. */
  readonly valence: number;
  readonly arousal: number;
  /** `#rrggbb`, for pictures; never the only carrier of a meaning. */
  readonly colour: string;
}

/** What one reaction means. `like` (❤️) is taste, not an emotion. */
export type ReactionMeaning =
  | { readonly kind: 'emotion'; readonly emotion: EmotionKey }
  | { readonly kind: 'like' };

export interface Taxonomy {
  readonly emotions: readonly Emotion[];
  get(key: EmotionKey): Emotion | undefined;
  /** Position in `emotions`, or -1. */
  indexOf(key: EmotionKey): number;
  /** What an emoji means; undefined for every other emoji. Variation selectors and skin tones don't matter. */
  meaningOf(emoji: string): ReactionMeaning | undefined;
  /** Every emoji that a snippet post invites to, in order: the emotions, then ❤️. */
  readonly invitation: readonly string[];
}

export const LIKE_EMOJI = '❤️';
