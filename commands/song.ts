import type { Message } from '../src/chat/message.ts';
import type { Catalogue } from '../src/domain/catalogue.ts';
import type { EmotionKey } from '../src/domain/emotion.ts';
import type { LabelNow, Model } from '../src/domain/model.ts';
import type { SongId } from '../src/domain/song.ts';
import type { Command, CommandContext, Services } from './command.ts';
import { count, inline, list, percent } from './phrases.ts';
import { songCard, songOf, strongest } from './songs.ts';

const words = {
  gone: 'That song is not in my catalogue any more. Try another one.',
  noModel:
    'I have not learned from your reactions yet, so I cannot say what it feels like. That comes with the first training.',
  unseen:
    'I have not listened to this one yet: it came after the last training. I will know more after the next one.',
  voted: (votes: number) => `From ${count(votes, 'vote')} of people here.`,
  imported: 'Nobody here has reacted to it yet: this is what it came with.',
  inferred: 'Nobody has reacted to it yet: this is my guess from songs that sound alike.',
  sure: (confidence: number) =>
    confidence >= 0.7
      ? 'I am quite sure.'
      : confidence >= 0.4
        ? 'I am fairly sure.'
        : 'I am not very sure yet.',
  clear: 'It needs no more votes.',
  needs: (votes: number) => `It needs about ${count(votes, 'more vote')}.`,
  needsMany: 'It needs many more votes.',
  mostly: (names: readonly string[]) => `Mostly ${list(names)}.`,
  likesIt: 'I like it',
  askOthers: 'Ask everybody',
};

/** Songs whose second emotion reaches this part of the first are named with both. */
const CLOSE = 0.75;
const BAR = 12;

const bar = (share: number) => '█'.repeat(Math.max(share >= 0.01 ? 1 : 0, Math.round(share * BAR)));

/** What is shown of a song: a label of its votes now, or else what the last training inferred. */
interface Felt {
  readonly distribution: Float32Array;
  readonly confidence: number;
  /** Where the label itself says which; else whichever are strongest. */
  readonly primary?: readonly EmotionKey[];
  readonly source: string;
}

function importedOn(catalogue: Catalogue, id: SongId): Readonly<Record<EmotionKey, number>> {
  const counts: Record<EmotionKey, number> = {};
  for (const { songId, emotion, weight } of catalogue.labels) {
    if (songId === id && weight > 0) counts[emotion] = (counts[emotion] ?? 0) + weight;
  }
  return counts;
}

function feltOf(model: Model, id: SongId, votes: number, now: LabelNow | undefined): Felt | undefined {
  if (now && now.primary.length > 0)
    return { ...now, source: votes > 0 ? words.voted(votes) : words.imported };
  const profile = model.profile(id);
  return profile && { ...profile, source: votes > 0 ? words.voted(votes) : words.inferred };
}

function stillNeeded(now: LabelNow): string {
  if (now.clear) return words.clear;
  return now.votesNeeded === undefined ? words.needsMany : words.needs(now.votesNeeded);
}

function describe(
  model: Model,
  felt: Felt,
  now: LabelNow | undefined,
  services: Services,
): Pick<Message, 'text' | 'fields'> {
  const all = strongest(model, felt, services.taxonomy, services.taxonomy.emotions.length);
  const [first, second] = all;
  const isClose = first && second && second.share >= first.share * CLOSE;
  const strong = felt.primary
    ? all.filter(({ key }) => felt.primary?.includes(key))
    : all.slice(0, isClose ? 2 : 1);
  const primary = strong.map(({ emoji, name }) => `${emoji} *${name.toLowerCase()}*`);
  const parts = [words.mostly(primary), felt.source, words.sure(felt.confidence)];
  return {
    text: [...parts, ...(now ? [stillNeeded(now)] : [])].join(' '),
    fields: all
      .filter(({ share }) => share >= 0.03)
      .map(({ emoji, name, share }) => ({
        name: `${emoji} ${name}`,
        value: `${bar(share)} ${percent(share)}`.trim(),
      })),
  };
}

async function run({ services, options }: CommandContext): Promise<Message> {
  const catalogue = services.catalogue();
  const found = songOf(catalogue, String(options.name));
  if (!found) return { text: words.gone, tone: 'refusal', private: true };
  const model = services.training.model();
  const votes = await services.bursts.countedOn(found.id);
  const now = model?.label(votes, importedOn(catalogue, found.id));
  const felt = model && feltOf(model, found.id, votes.length, now);
  const buttons = [
    { action: `taste:like:${found.id}`, label: words.likesIt },
    { action: `snippet:post:${found.id}`, label: words.askOthers },
  ].filter(({ action }) => action.length <= 100);
  return {
    title: inline(found.title),
    text: model ? words.unseen : words.noModel,
    ...(model && felt ? describe(model, felt, now, services) : {}),
    songs: [
      {
        ...songCard(services, found),
        ...(model && felt ? { emotions: strongest(model, felt, services.taxonomy, 2) } : {}),
      },
    ],
    buttons,
    private: true,
  };
}

export const song: Command = {
  name: 'song',
  description: 'What a song feels like',
  options: [{ type: 'song', name: 'name', description: 'Title or artist', required: true }],
  run,
};
