import { type GroupTrial, MIN_LABELS_TO_CHOOSE } from '../../ml/feature-choice.ts';

/** How the groups of `songFeatures` are called. */
const NAMES: Readonly<Record<string, string>> = {
  year: 'Release year',
  genre: 'Genre',
  explicit: 'Explicit flag',
  lyrics: 'Lyrics (language, sentiment, length, repetition)',
};

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

function reason({ verdict, songs, known, trial }: GroupTrial): string {
  if (verdict === 'too few labels') {
    return `not used, because ${songs === 1 ? '1 labelled song is' : `${songs} labelled songs are`} too few to tell whether it helps (${MIN_LABELS_TO_CHOOSE} are enough).`;
  }
  if (trial === undefined) {
    return `not used, because too little is known: ${known} of ${songs} labelled songs have it, or it is the same for all.`;
  }
  const { beside, standardErrors } = trial;
  const use = verdict === 'helps' ? 'used' : 'not used';
  const subject = beside.length === 0 ? 'The' : `Beside ${beside.join(' and ')}, the`;
  return (
    `${use}. ${subject} right emotion of ${songs} hidden songs was given ${percent(trial.with)} probability with it, ` +
    `${percent(trial.without)} without (geometric means; ${standardErrors < 0 ? 'a loss' : 'a gain'} of ` +
    `${Math.abs(standardErrors).toFixed(1)} standard errors).`
  );
}

/** What became of a group of features, in a sentence or two. */
export function aboutFeatures(trial: GroupTrial): string {
  return `${NAMES[trial.name] ?? trial.name}: ${reason(trial)}`;
}
