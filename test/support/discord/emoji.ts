import type { APIPartialEmoji } from 'discord.js';

/** An emoji as reactions know it: a custom one has an id, a Unicode one only its name. */
export interface Emoji {
  readonly id: string | null;
  readonly name: string;
  readonly animated: boolean;
}

// Built from a string: Node knows the `v` flag, TypeScript's target does not yet.
const SETS = 'v';
const RGI_EMOJI = new RegExp('^\\p{RGI_Emoji}$', SETS);
const known = new Map<string, string | undefined>();

/** The emoji in its fully qualified form, as Discord reports it; undefined if it is none. */
function qualified(text: string): string | undefined {
  if (known.has(text)) return known.get(text);
  const bare = text.replaceAll('\uFE0F', '');
  const found = [text, bare, `${bare}\uFE0F`].find((form) => RGI_EMOJI.test(form));
  known.set(text, found);
  return found;
}

export function unicodeEmoji(text: string): Emoji | undefined {
  const name = qualified(text);
  return name === undefined ? undefined : { id: null, name, animated: false };
}

/** `name:id` as in routes, `<:name:id>` and `<a:name:id>` as in messages: the id. */
export function customEmojiId(text: string): string | undefined {
  return /^<?(?:a?:)?\w{1,32}:(\d{15,20})>?$/.exec(text)?.[1];
}

/** One key per emoji: a custom one keeps its reactions when it is renamed. */
export function emojiKey(emoji: Emoji): string {
  return emoji.id ?? emoji.name;
}

export function partialEmoji(emoji: Emoji): APIPartialEmoji {
  return {
    id: emoji.id,
    name: emoji.name,
    ...(emoji.id !== null && { animated: emoji.animated }),
  };
}
