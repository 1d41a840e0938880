import type {
  TrainingMetrics,
  TrainingOutcome,
  TrainingRun,
  TrainingTrigger,
} from '../src/domain/training.ts';
import { count, duration, percent } from './phrases.ts';

/** How a run ended, in a few words, for lists. */
export const OUTCOMES: Readonly<Record<TrainingOutcome, string>> = {
  published: 'a new model is in use',
  kept: 'its emotions are in use, with the recommender before it, which was better',
  failed: 'it did not finish',
  cancelled: 'it was cancelled',
  'timed-out': 'it took too long and was stopped',
};

/** Who or what started a run, to finish the sentence "started by …". */
export function startedBy(trigger: TrainingTrigger): string {
  switch (trigger.kind) {
    case 'moderator':
      return trigger.name;
    case 'schedule':
      return 'the schedule';
    case 'first-start':
      return 'my first start';
    case 'catalogue':
      return 'new songs';
    case 'renewal':
      return 'an update of mine';
    case 'shell':
      return 'whoever runs me';
  }
}

/** NDCG@10 of what serves playlists: the GAN, or the method that stands in for it. */
function ranking(metrics: TrainingMetrics): { readonly method: string; readonly ndcg10: number } | undefined {
  const rows = metrics.ranking ?? [];
  return rows.find(({ method }) => method === 'gan') ?? rows.find(({ method }) => method === 'item-knn');
}

function changed(now: number, before: number | undefined, show: (value: number) => string): string {
  if (before === undefined || before === now) return show(now);
  return `${show(now)} (before: ${show(before)})`;
}

const three = (value: number) => value.toFixed(3);

/** With its sign, as a change reads. */
function signed(value: number): string {
  const text = three(Math.abs(value));
  if (Number(text) === 0) return text;
  return value < 0 ? `−${text}` : `+${text}`;
}

/**
 * What a run learned, as lines for people, compared with the model that was in use before it.
 * @param before metrics of that model
 */
export function figures(
  run: TrainingRun,
  before: TrainingMetrics | undefined,
): { readonly name: string; readonly value: string }[] {
  const { metrics } = run;
  if (!metrics) return [];
  const found = ranking(metrics);
  const old = before && ranking(before);
  const { comparison } = metrics;
  // The figure that was stored with the model before is of other listeners; a comparison is of the same.
  const comparable = comparison?.before ?? (old?.method === found?.method ? old?.ndcg10 : undefined);
  return [
    {
      name: 'Songs with votes',
      value: changed(metrics.labelledSongs, before?.labelledSongs, (n) => n.toLocaleString('en-GB')),
    },
    { name: 'Votes', value: changed(metrics.votes, before?.votes, (n) => n.toLocaleString('en-GB')) },
    ...(metrics.heldBackVotes
      ? [
          {
            name: 'Held back',
            value: `${count(metrics.heldBackVotes, 'vote')} of new members: see /status`,
          },
        ]
      : []),
    ...(metrics.emotions
      ? [
          {
            name: 'Emotion guessed right',
            value: `${changed(metrics.emotions.accuracy, before?.emotions?.accuracy, percent)}, tried on ${count(metrics.emotions.heldOutSongs, 'song')}`,
          },
        ]
      : []),
    ...(found
      ? [
          {
            name: 'Playlists (NDCG@10)',
            value: `${changed(found.ndcg10, comparable, three)}, ${found.method}`,
          },
        ]
      : []),
    ...(comparison
      ? [
          {
            name: 'Against the one before',
            value:
              `${signed(comparison.difference)} (95%: ${signed(comparison.low)} to ${signed(comparison.high)}), ` +
              `tried on ${count(comparison.listeners, 'listener')}`,
          },
        ]
      : []),
    ...(run.endedAt === undefined ? [] : [{ name: 'Took', value: duration(run.endedAt - run.startedAt) }]),
  ];
}
