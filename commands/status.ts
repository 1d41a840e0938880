import type { Message } from '../src/chat/message.ts';
import type { TrainingRun } from '../src/domain/training.ts';
import { burstActions, heldBackPart } from './bursts.ts';
import type { Command, CommandContext, Services } from './command.ts';
import { OUTCOMES, startedBy } from './outcome.ts';
import { count, duration, inline, moment, percent } from './phrases.ts';

const words = {
  title: 'How things stand',
  text: (songs: number, name: string) => `I know ${count(songs, 'song')} (${inline(name)}).`,
  demo: 'They are a demo: composed by a program, by artists who do not exist.',
  reactions: 'Reactions',
  noVotes: 'None yet. Post a snippet with /snippet and be the first.',
  votes: (votes: number, voters: number, songs: number, share: number) =>
    `${count(votes, 'vote')} by ${count(voters, 'person', 'people')} on ${count(songs, 'song')} (${percent(share)} of all)`,
  lastTraining: 'Last training',
  none: 'None yet',
  running: (percentDone: number, who: string) =>
    `Under way, ${Math.round(percentDone)}% done, started by ${inline(who)}`,
  ended: (when: string, outcome: string, took: string) => `${when}: ${outcome}. It took ${took}.`,
  nextTraining: 'Next training',
  nextSnippet: 'Next snippet',
  off: 'Not planned',
  noChannel: 'When a channel is chosen for it with /settings',
  model: 'Model in use',
  noModel: 'None yet',
  modelFrom: (when: string, songs: number) => `from ${when}, with votes on ${count(songs, 'song')}`,
  version: 'Version',
};

function lastTraining(run: TrainingRun | undefined, services: Services, timeZone: string): string {
  const current = services.training.current();
  if (current) return words.running(current.progress().percent, startedBy(current.run.trigger));
  if (!run?.outcome || run.endedAt === undefined) return words.none;
  const when = moment(run.endedAt, services.now(), timeZone);
  return words.ended(when, OUTCOMES[run.outcome], duration(run.endedAt - run.startedAt));
}

async function run(context: CommandContext): Promise<Message> {
  const { services, community, asker } = context;
  const { timeZone } = community.settings;
  const now = services.now();
  const catalogue = services.catalogue();
  const totals = await services.bursts.totals();
  const [last] = await services.store.recentRuns(1);
  const model = services.training.model();
  const nextPost = await services.labelling.nextPostAt(community);
  const heldBack = asker.moderator ? await heldBackPart(context) : { fields: [], buttons: [] };
  const planned = (at: number | undefined) => (at === undefined ? words.off : moment(at, now, timeZone));
  return {
    title: words.title,
    text: [words.text(catalogue.size, catalogue.name), ...(catalogue.demo ? [words.demo] : [])].join(' '),
    fields: [
      {
        name: words.reactions,
        value:
          totals.votes === 0
            ? words.noVotes
            : words.votes(
                totals.votes,
                totals.voters,
                totals.votedSongs,
                totals.votedSongs / Math.max(1, catalogue.size),
              ),
      },
      ...heldBack.fields,
      {
        name: words.model,
        value: model
          ? words.modelFrom(moment(model.createdAt, now, timeZone), model.metrics.labelledSongs)
          : words.noModel,
      },
      { name: words.lastTraining, value: lastTraining(last, services, timeZone) },
      { name: words.nextTraining, value: planned(services.nextTrainingAt(community)) },
      { name: words.nextSnippet, value: nextPost === 'no-channel' ? words.noChannel : planned(nextPost) },
      { name: words.version, value: services.version },
    ],
    ...(heldBack.buttons.length > 0 && { buttons: heldBack.buttons }),
    private: true,
  };
}

export const status: Command = {
  name: 'status',
  description: 'Reactions so far, the last training, and what comes next',
  options: [],
  run,
  actions: burstActions,
};
