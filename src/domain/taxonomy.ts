import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Emotion, LIKE_EMOJI, type ReactionMeaning, type Taxonomy } from './emotion.ts';

/** Discord allows 20 distinct reactions on a message; one of them is ❤️ and one is left for members. */
export const MAX_EMOTIONS = 18;

/** The taxonomy file says something that cannot work. Lists every mistake at once, each with its fix. */
export class TaxonomyError extends Error {
  constructor(problems: readonly string[], source: string) {
    super(`${source} cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'TaxonomyError';
  }
}

const plane = z.number().min(-1).max(1);
const taxonomyFile = z.object({
  emotions: z.array(
    z.object({
      key: z
        .string()
        .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9, _ and -, starting with a letter'),
      name: z.string().min(1).max(40),
      emoji: z.string().min(1),
      slack: z.string().regex(/^[a-z0-9_+'-]+$/, "must be Slack's short name of the emoji, without colons"),
      valence: plane,
      arousal: plane,
      colour: z.string().regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #3b6fd4'),
    }),
  ),
});

/**
 * One form per emoji: without variation selectors and skin tones; of a place's own emoji only the id, because their
 * names change (`<:zen:12>` and `<a:calm:12>` are the same).
 */
export function plainEmoji(emoji: string): string {
  const own = /^<a?:\w*:(\d+)>$/.exec(emoji);
  if (own) return own[1];
  return emoji.replace(/[\u{fe0e}\u{fe0f}]|[\u{1f3fb}-\u{1f3ff}]/gu, '');
}

function duplicates(emotions: readonly Emotion[], of: (emotion: Emotion) => string, what: string): string[] {
  const first = new Map<string, string>();
  const problems: string[] = [];
  for (const emotion of emotions) {
    const other = first.get(of(emotion));
    if (other === undefined) first.set(of(emotion), emotion.key);
    else
      problems.push(
        `"${other}" and "${emotion.key}" share ${what} ${of(emotion)}: give one of them another.`,
      );
  }
  return problems;
}

/**
 * Checks and indexes a taxonomy.
 * @param source name of the file, for messages
 * @throws TaxonomyError
 */
export function parseTaxonomy(json: unknown, source = 'data/emotions.json'): Taxonomy {
  const parsed = taxonomyFile.safeParse(json);
  if (!parsed.success) {
    throw new TaxonomyError(
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`),
      source,
    );
  }
  const emotions: readonly Emotion[] = parsed.data.emotions;
  const problems: string[] = [];
  if (emotions.length === 0) problems.push('there is no emotion in it: list at least two.');
  if (emotions.length === 1) problems.push('there is only one emotion in it: list at least two.');
  if (emotions.length > MAX_EMOTIONS) {
    problems.push(`${emotions.length} emotions are too many: Discord allows ${MAX_EMOTIONS} beside ❤️.`);
  }
  problems.push(
    ...duplicates(emotions, (e) => e.key, 'the key'),
    ...duplicates(emotions, (e) => plainEmoji(e.emoji), 'the emoji'),
    ...duplicates(emotions, (e) => e.slack, "Slack's"),
  );
  for (const emotion of emotions) {
    if (plainEmoji(emotion.emoji) === plainEmoji(LIKE_EMOJI)) {
      problems.push(`"${emotion.key}" uses ❤️, which means "I like this song": give it another emoji.`);
    }
  }
  if (problems.length > 0) throw new TaxonomyError(problems, source);
  return indexTaxonomy(emotions);
}

function indexTaxonomy(emotions: readonly Emotion[]): Taxonomy {
  const positions = new Map(emotions.map((emotion, index) => [emotion.key, index]));
  const meanings = new Map<string, ReactionMeaning>([[plainEmoji(LIKE_EMOJI), { kind: 'like' }]]);
  for (const { emoji, key } of emotions) meanings.set(plainEmoji(emoji), { kind: 'emotion', emotion: key });
  return {
    emotions,
    get: (key) => emotions[positions.get(key) ?? -1],
    indexOf: (key) => positions.get(key) ?? -1,
    meaningOf: (emoji) => meanings.get(plainEmoji(emoji)),
    invitation: [...emotions.map((emotion) => emotion.emoji), LIKE_EMOJI],
  };
}

/**
 * @param file path of emotions.json
 * @throws TaxonomyError
 */
export function loadTaxonomy(file: string): Taxonomy {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TaxonomyError([`it cannot be read (${(cause as NodeJS.ErrnoException).code}).`], file);
  }
  try {
    return parseTaxonomy(JSON.parse(text.replace(/^\uFEFF/, '')), file);
  } catch (error) {
    if (error instanceof TaxonomyError) throw error;
    throw new TaxonomyError([`it is not JSON: ${(error as Error).message}`], file);
  }
}
