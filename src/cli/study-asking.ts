import { placeSongs } from '../../ml/coverage.ts';
import { evaluatePolicy, postsFor } from '../../ml/evaluate-policy.ts';
import { emotionTable } from '../../ml/items.ts';
import { mean } from '../../ml/metrics.ts';
import { finish } from '../../ml/steps.ts';
import { DEFAULT_EMOTION_METHOD, EMOTION_METHODS } from '../study/emotion-methods.ts';
import { MOODS, missingTables } from '../study/files.ts';
import { readMoods } from '../study/moods.ts';
import { rawSongs } from '../training/profile-stage.ts';
import { against, figure, type StudySkipped, type StudyTable } from './study-table.ts';

/** A tenth of the songs, and some numbers on the way there. */
const POSTS = [41, 55, 69];
const CAMPAIGNS = 20;
/** So much better than chance the policy has to be … */
const GAIN_BAR = 0.015;
/** … or so many of chance's answers may it need for the same. */
const PART_BAR = 0.6;

const ROWS = {
  policy: 'the policy',
  random: 'at random',
  stratified: 'at random, stratified',
} as const;

/** Songs chosen by the policy against songs chosen at random: how well are the others inferred? */
export async function studyAsking(
  data: string,
  seed: number,
  tell: (what: string) => void,
): Promise<StudyTable | StudySkipped> {
  const title = 'Asking about the right songs (686 songs, four moods, seven answers a day)';
  const missing = missingTables(data, [MOODS]);
  if (missing.length > 0) return { title, missing };
  const truth = await readMoods(data);
  const { catalogue } = truth;
  const raw = rawSongs(catalogue);
  const table = emotionTable(raw);
  const infer = EMOTION_METHODS[DEFAULT_EMOTION_METHOD]!(raw);
  const artists = Array.from({ length: catalogue.size }, (_, song) => catalogue.song(song).artists[0]);
  const numbers = new Map([...new Set(artists)].map((name, number) => [name, number]));
  const emotionCount = truth.emotions.length;
  const { curves, gains } = await evaluatePolicy(
    {
      places: finish(placeSongs(table.values, table.rows, table.columns)),
      truth: truth.of,
      emotionCount,
      artistOf: Int32Array.from(artists, (name) => numbers.get(name) ?? -1),
      infer: (seeds, random) => infer(seeds, emotionCount, random),
    },
    {
      posts: POSTS,
      seeds: Array.from({ length: CAMPAIGNS }, (_, i) => seed + i),
      onProgress: (part) => tell(`asking, campaign ${Math.round(part * CAMPAIGNS)} of ${CAMPAIGNS}`),
    },
  );
  const last = POSTS.length - 1;
  const rows = (['policy', 'random', 'stratified'] as const).map((way) => {
    const gain = gains.find(({ over, posts }) => over === way && posts === POSTS[last])?.rest;
    const { rest, all } = curves[way][last];
    const needed = postsFor(curves.policy, mean(rest));
    return [
      ROWS[way],
      figure(mean(rest)),
      figure(mean(all)),
      gain === undefined ? '' : `${figure(gain.difference)} [${figure(gain.low)}, ${figure(gain.high)}]`,
      way === 'policy' || needed === undefined ? '' : `${Math.ceil(needed)} of ${POSTS[last]}`,
    ];
  });
  const gain = gains.find(({ over, posts }) => over === 'random' && posts === POSTS[last])?.rest.difference;
  const needed = postsFor(curves.policy, mean(curves.random[last].rest)) ?? POSTS[last];
  rows.push([
    'bar, one of the two',
    '',
    '',
    against(gain ?? 0, GAIN_BAR, 'atLeast'),
    against(needed / POSTS[last], PART_BAR, 'atMost', 2),
  ]);
  return {
    title,
    protocol:
      `Accuracy after ${POSTS[last]} answers, on the songs without an answer and on all; mean of ${CAMPAIGNS} ` +
      'campaigns. Questions about hard songs make the remaining ones easier. Stratified choice knows the moods of ' +
      'all songs beforehand: no community can choose so.',
    head: ['chosen', 'on the others', 'on all', 'the policy is better by (95 %)', 'the policy needs'],
    rows,
  };
}
