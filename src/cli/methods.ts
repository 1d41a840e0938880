import { Option } from 'commander';
import { type Backend, type BackendWish, loadBackend } from '../../ml/backend.ts';
import { fitArtistEase, fitCoOccurrence, fitRecurrent } from '../../ml/baselines.ts';
import { fitGan, WITHOUT_GENERATOR } from '../../ml/gan/gan.ts';
import { buildItems, type RawSongs } from '../../ml/items.ts';
import { createRandom } from '../../ml/random.ts';
import type {
  FitRecommender,
  Interactions,
  Matrix,
  Recommender,
  RecommenderData,
} from '../../ml/recommender.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { rawSongs } from '../training/profile-stage.ts';
import { BASELINES } from '../training/ranking-stage.ts';
import { songGroups } from '../training/song-groups.ts';
import { UsageError } from './run.ts';
import { readProfiles } from './tables.ts';

/** What is known of a song besides who likes it. */
export type FeatureSet = 'audio' | 'audio+year+popularity' | 'all';

/** Methods that only the shell has: a training run measures those of `BASELINES`. */
const MORE: Readonly<Record<string, FitRecommender>> = {
  'co-occurrence': fitCoOccurrence,
  'ease-artists': fitArtistEase,
};

/** Methods that compute with TensorFlow.js. */
const NETWORKS: Readonly<Record<string, (backend: Backend) => FitRecommender>> = {
  recurrent: (backend) => fitRecurrent({}, backend),
  'gan-without-generator': (backend) => fitGan(WITHOUT_GENERATOR, backend),
  gan: (backend) => fitGan({}, backend),
};

export const METHODS = [BASELINES, MORE, NETWORKS].flatMap((methods) => Object.keys(methods));

/** The methods that can do with a set of features. */
export function methodsFor(features: FeatureSet): readonly string[] {
  return METHODS.filter((name) => features === 'all' || name !== 'ease-artists');
}

export function featuresOption(): Option {
  return new Option(
    '--features <set>',
    'what songs are compared by; all = everything that the catalogue knows',
  )
    .choices(['audio', 'audio+year+popularity', 'all'])
    .default('all');
}

export function backendOption(): Option {
  return new Option('--backend <name>', 'what methods with networks compute with')
    .choices(['auto', 'node', 'wasm', 'cpu'])
    .default('auto');
}

function chosenColumns(catalogue: Catalogue, features: FeatureSet): RawSongs {
  const raw = rawSongs(catalogue);
  if (features !== 'audio') return raw;
  const { size, features: values, names } = raw;
  return { size, features: values, names };
}

/**
 * Data for the methods: features of the songs, with `all` which of them share artist and album, and, where given,
 * their emotion profiles. Without a file of profiles
 * there is one emotion that every song has, so that profiles tell nothing.
 */
export async function recommenderData(
  catalogue: Catalogue,
  interactions: Interactions,
  features: FeatureSet,
  emotionsFile: string | undefined,
): Promise<RecommenderData> {
  const { items } = buildItems(chosenColumns(catalogue, features));
  let profiles: Matrix = {
    rows: catalogue.size,
    columns: 1,
    values: new Float32Array(catalogue.size).fill(1),
  };
  if (emotionsFile !== undefined) {
    const known = await readProfiles(emotionsFile, catalogue);
    profiles = { rows: catalogue.size, columns: known.emotions.length, values: known.profiles };
  }
  const groups = features === 'all' ? songGroups(catalogue) : undefined;
  return { interactions, items, profiles, groups };
}

/** Fits a method by name, telling its progress on standard error when somebody is watching. */
export async function fitMethod(
  name: string,
  data: RecommenderData,
  seed: number,
  backend: BackendWish,
): Promise<Recommender> {
  // With and without generator start from the same weights and see the same examples.
  const random = createRandom(seed).fork(name === 'gan-without-generator' ? 'gan' : name);
  if (name === 'ease-artists' && data.groups === undefined) {
    throw new UsageError('ease-artists goes by artists: it needs --features all.');
  }
  const network = NETWORKS[name];
  if (network === undefined) return await (MORE[name] ?? BASELINES[name]())(data, random);
  const loaded = await loadBackend(backend);
  process.stderr.write(`The method ${name} computes with ${loaded.why}.\n`);
  const watched = process.stderr.isTTY === true;
  let told = -1;
  const recommender = await network(loaded)(data, random, (fraction) => {
    const percent = Math.floor(100 * fraction);
    if (!watched || percent === told) return;
    told = percent;
    process.stderr.write(`\rtraining ${percent} %`);
  });
  if (watched) process.stderr.write('\n');
  return recommender;
}
