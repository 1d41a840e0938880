import type { Message } from '../src/chat/message.ts';
import type {
  TrainingMetrics,
  TrainingProgress,
  TrainingRun,
  TrainingStage,
} from '../src/domain/training.ts';
import type { RunHandle } from '../src/training/training.ts';
import type { ActionContext, Command } from './command.ts';
import { liveAnswer } from './live.ts';
import { figures, startedBy } from './outcome.ts';
import { duration, inline } from './phrases.ts';

const words = {
  training: 'I am learning from your reactions. Everything else goes on as usual meanwhile.',
  already: (who: string, since: string) =>
    `A training is already on its way, started by ${inline(who)} ${since}. You can follow it here.`,
  stages: {
    prepare: 'Gathering votes and tastes',
    aggregate: 'Making labels of the votes',
    propagate: 'Spreading emotions to similar songs',
    train: 'Learning what you like',
    evaluate: 'Trying out how well it does',
    publish: 'Putting it to use',
  } satisfies Record<TrainingStage, string>,
  cancel: 'Cancel',
  cancelling: 'I am stopping the training. The model in use stays.',
  nothing: 'No training is under way, so there is nothing to cancel.',
  published: 'Done! The new model is in use from now on.',
  kept: 'Done, but for playlists the model in use stays.',
  cancelled: 'The training was cancelled.',
  'timed-out': 'The training took too long, so I stopped it.',
  failed: 'The training did not work out.',
  stays: 'The model in use stays.',
  justNow: 'just now',
  again: 'Try again',
};

function underWay(text: string, { stage, percent, secondsLeft, detail }: TrainingProgress): Message {
  const label = detail === undefined ? words.stages[stage] : `${words.stages[stage]}: ${detail}`;
  return {
    text,
    progress: { percent, label, ...(secondsLeft === undefined ? {} : { secondsLeft }) },
    buttons: [{ action: 'retrain:cancel', label: words.cancel, style: 'danger' }],
    private: true,
  };
}

/** The last word on a run. */
export function ended(run: TrainingRun, before: TrainingMetrics | undefined): Message {
  const outcome = run.outcome ?? 'failed';
  const good = outcome === 'published' || outcome === 'kept';
  const reason = run.reason === undefined ? '' : sentence(run.reason);
  // Most reasons end with it themselves.
  const stays = good || reason.includes(words.stays.slice(0, -1)) ? '' : words.stays;
  return {
    text: [words[outcome], reason, stays].filter((part) => part !== '').join(' '),
    tone: outcome === 'published' ? 'success' : good || outcome === 'cancelled' ? 'plain' : 'refusal',
    fields: good ? figures(run, before) : [],
    buttons: good ? [] : [{ action: 'retrain:again', label: words.again }],
    private: true,
  };
}

/** Reasons come as a clause or a sentence; here they stand on their own. */
function sentence(reason: string): string {
  const text = reason.charAt(0).toUpperCase() + reason.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

const since = (ms: number) => (ms < 5_000 ? words.justNow : `${duration(ms)} ago`);

async function follow(
  context: Omit<ActionContext, 'args'>,
  handle: RunHandle,
  text: string,
  before: TrainingMetrics | undefined,
): Promise<undefined> {
  const answer = await context.answer(underWay(text, handle.progress()));
  const live = liveAnswer(answer, { log: context.log });
  const unfollow = handle.onProgress((progress) => live.show(underWay(text, progress)));
  const run = await handle.finished;
  unfollow();
  await live.end(ended(run, before));
  return undefined;
}

async function start(context: Omit<ActionContext, 'args'>): Promise<Message | undefined> {
  const { services, asker } = context;
  const before = services.training.model()?.metrics;
  const { started, handle } = await services.training.start({
    kind: 'moderator',
    identity: asker.identity,
    name: asker.name,
  });
  const { trigger, startedAt } = handle.run;
  const text = started
    ? words.training
    : words.already(startedBy(trigger), since(services.now() - startedAt));
  return follow(context, handle, text, before);
}

async function cancel({ services, asker }: Omit<ActionContext, 'args'>): Promise<Message> {
  return services.training.cancel(asker.name)
    ? { text: words.cancelling, private: true }
    : { text: words.nothing, tone: 'refusal', private: true };
}

export const retrain: Command = {
  name: 'retrain',
  description: 'Learn from the reactions so far, now',
  options: [{ type: 'boolean', name: 'cancel', description: 'Stop the training that is under way' }],
  moderatorsOnly: true,
  run: (context) => (context.options.cancel === true ? cancel(context) : start(context)),
  actions: {
    cancel: { moderatorsOnly: true, run: cancel },
    again: { moderatorsOnly: true, run: start },
  },
};
