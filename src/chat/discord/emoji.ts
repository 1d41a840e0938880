/** An emoji as Discord's events and messages carry it: of a server if it has an id. */
export interface RawEmoji {
  readonly id?: string | null;
  readonly name?: string | null;
  readonly animated?: boolean;
}

/** The emoji as the rest of the bot knows it: `😄`, `<:zen:12>`, `<a:calm:12>`. The name of a deleted one is lost. */
export function emojiOf({ id, name, animated }: RawEmoji): string {
  if (!id) return name ?? '';
  return `<${animated ? 'a' : ''}:${name ?? '_'}:${id}>`;
}

/** The emoji as a path of Discord's REST interface names it. */
export function emojiInRoute(emoji: string): string {
  const own = /^<a?:(\w+):(\d+)>$/.exec(emoji);
  return encodeURIComponent(own ? `${own[1]}:${own[2]}` : emoji);
}

/** Whether two forms mean the same emoji: those of a server by id, the others without variation selectors. */
export function emojiKey(emoji: string): string {
  return /^<a?:\w*:(\d+)>$/.exec(emoji)?.[1] ?? emoji.replace(/[\u{fe0e}\u{fe0f}]/gu, '');
}
