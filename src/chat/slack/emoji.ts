import { EMOJI_ALIASES } from './emoji-aliases.ts';

/** An emotion as far as its emoji goes. `slack`: the short name, without colons. */
export interface NamedEmoji {
  readonly emoji: string;
  readonly slack: string;
}

/** Translates between emoji as the rest of the bot knows them (`😄`, `:zen:`) and Slack's short names. */
export interface EmojiNames {
  /** Undefined for an emoji whose name is not known. */
  nameOf(emoji: string): string | undefined;
  /** Skin tones are left out: they mean the same. */
  emojiOf(name: string): string;
}

const CODE = /^:([\w+'-]{1,100}):$/;

const plain = (emoji: string) => emoji.replace(/[\u{fe0e}\u{fe0f}]|[\u{1f3fb}-\u{1f3ff}]/gu, '');

/** The name under which Slack reports an emoji, whatever it was called. */
function canonical(name: string): string {
  const base = name.toLowerCase().replace(/::skin-tone-.*$/, '');
  return Object.hasOwn(EMOJI_ALIASES, base) ? (EMOJI_ALIASES[base] ?? base) : base;
}

export function createEmojiNames(known: readonly NamedEmoji[]): EmojiNames {
  const names = new Map(known.map(({ emoji, slack }) => [plain(emoji), canonical(slack)]));
  const emojis = new Map(known.map(({ emoji, slack }) => [canonical(slack), emoji]));
  return {
    nameOf(emoji) {
      const code = CODE.exec(emoji)?.[1];
      return code === undefined ? names.get(plain(emoji)) : canonical(code);
    },
    emojiOf(name) {
      const base = canonical(name);
      return emojis.get(base) ?? `:${base}:`;
    },
  };
}
