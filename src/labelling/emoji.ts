import type { ReactionMeaning, Taxonomy } from '../domain/emotion.ts';
import type { CommunitySettings } from '../domain/member.ts';
import { plainEmoji } from '../domain/taxonomy.ts';

type OwnEmoji = Pick<CommunitySettings, 'emoji'>;

/** What an emoji means in a community: its own stand-ins first, then what it means everywhere. */
export function meaningIn(
  taxonomy: Taxonomy,
  settings: OwnEmoji | undefined,
  emoji: string,
): ReactionMeaning | undefined {
  const plain = plainEmoji(emoji);
  for (const [emotion, own] of Object.entries(settings?.emoji ?? {})) {
    // An emotion that left the taxonomy takes its stand-in with it.
    if (plainEmoji(own) === plain && taxonomy.get(emotion)) return { kind: 'emotion', emotion };
  }
  return taxonomy.meaningOf(emoji);
}

/** The emoji that stands for an emotion in a community. */
export function emojiIn(settings: OwnEmoji | undefined, emotion: { key: string; emoji: string }): string {
  return settings?.emoji?.[emotion.key] ?? emotion.emoji;
}

/** Every emoji that a snippet post invites to in a community, in order: the emotions, then ❤️. */
export function invitationIn(taxonomy: Taxonomy, settings: OwnEmoji | undefined): readonly string[] {
  const like = taxonomy.invitation.at(-1)!;
  return [...taxonomy.emotions.map((emotion) => emojiIn(settings, emotion)), like];
}
