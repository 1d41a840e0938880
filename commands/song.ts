import type { Message } from '../src/chat/message.ts';
import type { EmotionProfile, Model } from '../src/domain/model.ts';
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
  inferred: 'Nobody has reacted to it yet: this is my guess from songs that sound alike.',
  sure: (confidence: number) =>
    confidence >= 0.7
      ? 'I am quite sure.'
      : confidence >= 0.4
        ? 'I am fairly sure.'
        : 'I am not very sure yet.',
  mostly: (names: readonly string[]) => `Mostly ${list(names)}.`,
  likesIt: 'I like it',
  askOthers: 'Ask everybody',
};

/** Songs whose second emotion reaches this part of the first are named with both. */
const CLOSE = 0.75;
const BAR = 12;

const bar = (share: number) => '█'.repeat(Math.max(share >= 0.01 ? 1 : 0, Math.round(share * BAR)));

function describe(
  model: Model,
  profile: EmotionProfile,
  votes: number,
  services: Services,
): Partial<Message> {
  const all = strongest(model, profile, services.taxonomy, services.taxonomy.emotions.length);
  const [first, second] = all;
  const primary = all
    .slice(0, first && second && second.share >= first.share * CLOSE ? 2 : 1)
    .map(({ emoji, name }) => `${emoji} *${name.toLowerCase()}*`);
  const source = votes > 0 ? words.voted(votes) : words.inferred;
  return {
    text: `${words.mostly(primary)} ${source} ${words.sure(profile.confidence)}`,
    fields: all
      .filter(({ share }) => share >= 0.03)
      .map(({ emoji, name, share }) => ({
        name: `${emoji} ${name}`,
        value: `${bar(share)} ${percent(share)}`.trim(),
      })),
  };
}

async function run({ services, options }: CommandContext): Promise<Message> {
  const found = songOf(services.catalogue(), String(options.name));
  if (!found) return { text: words.gone, tone: 'refusal', private: true };
  const model = services.training.model();
  const profile = model?.profile(found.id);
  const votes = (await services.bursts.countedOn(found.id)).length;
  const buttons = [
    { action: `taste:like:${found.id}`, label: words.likesIt },
    { action: `snippet:post:${found.id}`, label: words.askOthers },
  ].filter(({ action }) => action.length <= 100);
  return {
    title: inline(found.title),
    text: model ? words.unseen : words.noModel,
    ...(model && profile ? describe(model, profile, votes, services) : {}),
    songs: [songCard(services, found)],
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
