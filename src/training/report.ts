import type { GroupTrial } from '../../ml/feature-choice.ts';
import {
  type EmotionMetrics,
  type RankingComparison,
  TRAINING_STAGES,
  type TrainingMetrics,
} from '../domain/training.ts';
import { aboutFeatures } from './feature-words.ts';
import type { VoteFacts } from './label-stage.ts';
import { aboutVariety, VARIETY_HEAD, varietyRows } from './variety-words.ts';

/** What a report tells besides the metrics. */
export interface ReportInput {
  readonly modelId: string;
  readonly catalogueName: string;
  readonly catalogueVersion: string;
  readonly metrics: TrainingMetrics;
  readonly backendWhy?: string;
  readonly labels: {
    /** Songs per primary emotion, by emotion key. */
    readonly perEmotion: Readonly<Record<string, number>>;
    readonly importedSongs: number;
    readonly meanConfidence: number;
    /** Absent without votes of members. */
    readonly votes?: VoteFacts;
  };
  /** What else than their sound is known of the songs, and whether it helped to infer emotions. */
  readonly features: readonly GroupTrial[];
  /** Mean profile after propagation, by emotion key. */
  readonly profileMix: Readonly<Record<string, number>>;
  readonly decision: 'publish' | 'keep';
  readonly decisionReason: string;
  readonly notes: readonly string[];
}

export function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

function heldOutText(
  { accuracy, macroF1, calibrationError, heldOutSongs }: EmotionMetrics,
  what: string,
): string {
  const calibration =
    calibrationError === undefined ? '' : `, calibration error ${calibrationError.toFixed(3)}`;
  return (
    `Hidden in turn (cross-validation), the top emotion of ${heldOutSongs} ${what} was inferred with an accuracy ` +
    `of ${percent(accuracy)} (macro-F1 ${macroF1.toFixed(3)}${calibration}).`
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A figure of agreement; there is none where nobody could agree or differ. */
export function alphaText(alpha: number): string {
  return Number.isNaN(alpha) ? '–' : alpha.toFixed(2);
}

function aboutVotes(facts: VoteFacts, emotions: readonly string[]): string[] {
  const { members, plainShares } = facts;
  const inStep =
    members.inStep === 0
      ? 'No accounts vote in step.'
      : `${members.inStep} accounts vote in step and count as ${members.inStepGroups}.`;
  return [
    '## Votes',
    'Songs are taken for what they may be: several emotions at once.',
    `Of ${members.all} members with votes, ${members.little} count less than half, because their votes do not depend ` +
      `on the song. ${inStep} Plain shares of votes have the same top emotion on ${percent(plainShares.sameTop)} of ` +
      `the songs; a share differs by ${plainShares.shareDifference.toFixed(3)} on average.`,
    `Agreement (Krippendorff's alpha: 1 = all agree, 0 = chance): ${alphaText(facts.agreement)} over all emotions.`,
    table(
      ['emotion', 'agreement'],
      emotions.map((key, e) => [key, alphaText(facts.agreementPerEmotion[e])]),
    ),
  ];
}

function aboutComparison({ listeners, ndcg10, before, difference, low, high }: RankingComparison): string[] {
  return [
    '### Against the recommender before it',
    `Both ranked the hidden songs of the same ${listeners} listeners. The interval is a paired bootstrap over ` +
      'listeners; the new recommender stays out when all of it is below 0.',
    table(
      ['NDCG@10 before', 'NDCG@10 now', 'difference', '95 % interval'],
      [
        [
          before.toFixed(4),
          ndcg10.toFixed(4),
          difference.toFixed(4),
          `${low.toFixed(4)} to ${high.toFixed(4)}`,
        ],
      ],
    ),
  ];
}

/** The report of a training run in plain language, as Markdown. */
export function writeReport(input: ReportInput): string {
  const { metrics, labels } = input;
  const parts: string[] = [];
  parts.push(`# Training report ${input.modelId}`);
  parts.push(
    input.decision === 'publish'
      ? `The new model is in use: ${input.decisionReason}`
      : `The new recommender is not in use: ${input.decisionReason} The one before it stays, with the new emotions.`,
  );
  parts.push(
    `It was trained on the catalogue "${input.catalogueName}" (${counted(metrics.songs, 'song')}, version ` +
      `${input.catalogueVersion.slice(0, 12)}), with ${counted(metrics.votes, 'vote')} of ` +
      `${counted(metrics.voters, 'member')} and ${counted(metrics.listeners, 'listener')}.`,
  );
  const { heldBackVotes = 0 } = metrics;
  if (heldBackVotes > 0) {
    parts.push(
      '## Held back',
      `${heldBackVotes} votes of new members came in a sudden burst and were not learned from. They wait for a ` +
        'moderator, who sees them with /status and decides whether they count.',
    );
  }
  if (input.notes.length > 0) {
    parts.push('## What to know', input.notes.map((note) => `- ${note}`).join('\n'));
  }
  parts.push(
    '## Stages',
    table(
      ['stage', 'seconds'],
      TRAINING_STAGES.map((stage) => [stage, (metrics.seconds[stage] ?? 0).toFixed(2)]),
    ),
    `Peak memory ${metrics.peakMemoryMiB} MiB. Backend: ${input.backendWhy ?? metrics.backend}.`,
  );
  const emotions = Object.keys(input.profileMix);
  parts.push(
    '## Emotions',
    `${metrics.labelledSongs} songs have a label (${labels.importedSongs} of them came with the catalogue); ` +
      `mean confidence ${labels.meanConfidence.toFixed(2)}. The mix is the mean emotion profile of all songs.`,
    table(
      ['emotion', 'songs labelled so', 'share of the mix'],
      emotions.map((key) => [key, String(labels.perEmotion[key] ?? 0), percent(input.profileMix[key] ?? 0)]),
    ),
  );
  if (labels.votes !== undefined) parts.push(...aboutVotes(labels.votes, emotions));
  parts.push(
    metrics.emotions === undefined
      ? 'Too few labelled songs to measure how well emotions are inferred.'
      : `${heldOutText(metrics.emotions, 'labelled songs')} ${
          metrics.emotionsAtRandom === undefined
            ? 'Too few of the songs that were posted at random have a label to measure it on them.'
            : heldOutText(metrics.emotionsAtRandom, 'labelled songs that were posted at random')
        }`,
  );
  if (input.features.length > 0) {
    const list = input.features.map((trial) => `- ${aboutFeatures(trial)}`);
    parts.push('What is known of the songs beside their sound is used where it helps:', list.join('\n'));
  }
  parts.push('## Ranking');
  if (metrics.ranking === undefined || metrics.ranking.length === 0) {
    parts.push('Too few listeners to measure it.');
  } else {
    parts.push(
      `Songs hidden from ${metrics.rankingListeners ?? 0} listeners, higher is better.`,
      table(
        ['method', 'NDCG@10', 'recall@50'],
        metrics.ranking.map((row) => [row.method, row.ndcg10.toFixed(4), row.recall50.toFixed(4)]),
      ),
    );
    if (metrics.comparison !== undefined) parts.push(...aboutComparison(metrics.comparison));
  }
  if (metrics.gan !== undefined) {
    const { gan } = metrics;
    parts.push(
      '## GAN',
      table(
        ['', ''],
        [
          ['training steps', String(gan.steps)],
          ['loss of the generator', gan.generatorLoss.toFixed(4)],
          ['loss of the discriminator', gan.discriminatorLoss.toFixed(4)],
          ['½ E[1 − D(x)] + E[D(G(z))]', gan.paperObjective.toFixed(4)],
          ['mean D of real songs', gan.dReal.toFixed(3)],
          ['mean D of generated songs', gan.dFake.toFixed(3)],
          ...(gan.dRealOfTwo === undefined || gan.dFakeOfTwo === undefined
            ? []
            : [
                ['D of real against generated songs', gan.dRealOfTwo.toFixed(3)],
                ['D of generated against real songs', gan.dFakeOfTwo.toFixed(3)],
              ]),
        ],
      ),
    );
    if (gan.variety !== undefined) {
      parts.push(
        aboutVariety(gan.variety),
        table(VARIETY_HEAD, varietyRows(gan.variety)),
        'All of them are measured against the hidden half; a spread of 1 is that of the hidden half itself.',
      );
    }
  }
  return `${parts.join('\n\n')}\n`;
}
