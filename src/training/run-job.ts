import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Backend, loadBackend } from '../../ml/backend.ts';
import { fitItemKnn } from '../../ml/baselines.ts';
import { buildItems, type ItemScaler } from '../../ml/items.ts';
import { createRandom, type Random } from '../../ml/random.ts';
import type { Recommender, RecommenderData } from '../../ml/recommender.ts';
import { openCatalogue } from '../catalogue/catalogue-files.ts';
import { openCrew } from '../crew/open-crew.ts';
import type { TrainingMetrics } from '../domain/training.ts';
import type { RunDecision } from './child-message.ts';
import { decide, INCOMPARABLE } from './decide.ts';
import { type Job, readJob } from './job.ts';
import { type Aggregation, aggregate } from './label-stage.ts';
import { exposureFor, loadRecommender } from './load-ranking.ts';
import {
  ModelError,
  readStoredModel,
  type StoredModel,
  type StoredRecommender,
  writeModel,
} from './model-format.ts';
import { inferProfiles, type Profiles, rawSongs } from './profile-stage.ts';
import {
  companionsOf,
  type Measured,
  MIN_LISTENERS,
  measure,
  measureBaselines,
  type Split,
  splitListeners,
  trainGan,
  whatIsBroken,
} from './ranking-stage.ts';
import { writeReport } from './report.ts';
import { songFeatures } from './song-features.ts';
import { songGroups } from './song-groups.ts';
import { createStageClock, type ReportStage } from './stage-clock.ts';
import { readTrainingData, type TrainingData } from './training-data.ts';
import { votersOf } from './voters.ts';

/** The trained recommender in its two forms. */
interface Challenger {
  readonly recommender: Recommender;
  readonly stored: StoredRecommender;
  readonly gan?: TrainingMetrics['gan'];
}

/** A sentence for each thing that members or moderators should know about what was learned from. */
function notesOn({ votes, importedSongs, passedOver }: TrainingData, voted: Uint8Array): string[] {
  const notes: string[] = [];
  if (votes.songs.length === 0 && importedSongs === 0) {
    notes.push('There are no votes yet, so every song has all emotions alike, with no confidence.');
  } else if (!voted.includes(0)) {
    notes.push('Every song has votes of its own.');
  }
  const missed = Object.entries(passedOver).filter(([, count]) => count > 0);
  for (const [what, count] of missed) {
    notes.push(`${count} ${what} were passed over: their song or emotion is not in use now.`);
  }
  return notes;
}

async function itemKnn(data: RecommenderData): Promise<Challenger> {
  return { recommender: await fitItemKnn()(data, createRandom(1)), stored: { kind: 'item-knn' } };
}

/** Trains the GAN, or takes nearest neighbours where the GAN cannot be had, and notes why. */
async function trainRecommender(
  data: RecommenderData,
  split: Split,
  job: Job,
  random: Random,
  notes: string[],
  progress: (fraction: number, detail?: string) => void,
): Promise<Challenger & { readonly backend?: Backend }> {
  if (split.usable < MIN_LISTENERS) {
    notes.push(
      `The GAN needs at least ${MIN_LISTENERS} listeners with three known songs each and there are ` +
        `${split.usable}: until then songs are ranked by how near they are to the liked ones.`,
    );
    return await itemKnn(data);
  }
  const backend = await loadBackend(job.backend);
  const gan = await trainGan(data, random, backend, job.ganSteps, progress);
  const broken = whatIsBroken(gan, split);
  if (broken !== undefined) {
    gan.dispose();
    notes.push(`${broken}: songs are ranked by how near they are to the liked ones.`);
    return { ...(await itemKnn(data)), backend };
  }
  const saved = gan.save();
  // The curve stays with the stored GAN: in the figures of a run it would be most of their size.
  const { curve: _curve, dMismatched: _dMismatched, ...figures } = gan.metrics;
  return {
    recommender: gan,
    stored: { kind: 'gan', ...saved },
    gan: figures,
    backend,
  };
}

interface StandingChampion {
  readonly catalogueVersion: string;
  readonly stored: StoredRecommender;
  readonly scaler: unknown;
  readonly measured: Measured;
}

/**
 * The recommender in use on the new emotion profiles, or undefined when there is none. The notes say why it cannot be
 * compared.
 */
async function measureChampion(
  job: Job,
  data: TrainingData,
  { profiles, companions }: RecommenderData,
  split: Split,
  notes: string[],
  progress: (fraction: number) => void,
): Promise<StandingChampion | typeof INCOMPARABLE | undefined> {
  if (job.championDir === undefined) return undefined;
  const incomparable = (why: string): typeof INCOMPARABLE => {
    notes.push(`${why}, so the new one was not compared with it.`);
    return INCOMPARABLE;
  };
  let stored: StoredModel;
  try {
    stored = await readStoredModel(job.championDir);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return incomparable('The model before it could not be read');
  }
  if (stored.emotions.join() !== data.emotions.join()) {
    return incomparable('The model before it was made for other emotions');
  }
  try {
    const recommender = await loadRecommender(stored, data.catalogue, profiles, job.backend, companions);
    const { evaluation } = await measure(recommender, split, progress);
    recommender.dispose?.();
    return {
      catalogueVersion: stored.catalogueVersion,
      stored: { ...stored.recommender, exposure: exposureFor(stored, data.catalogue) },
      scaler: stored.scaler,
      measured: { method: 'in use', evaluation },
    };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return incomparable('The networks of the model before it do not fit this version of the program');
  }
}

function labelledSongs({ labels }: Aggregation): number[] {
  return [...labels.primary.keys()].filter((song) => labels.primary[song] >= 0);
}

function meanProfile({ profiles }: Profiles, emotions: readonly string[]): Record<string, number> {
  const songs = profiles.length / emotions.length;
  const sums = new Float64Array(emotions.length);
  for (const [at, value] of profiles.entries()) sums[at % emotions.length] += value;
  return Object.fromEntries(emotions.map((key, e) => [key, songs === 0 ? 0 : sums[e] / songs]));
}

function labelFacts({ labels, facts }: Aggregation, data: TrainingData) {
  const perEmotion: Record<string, number> = {};
  let labelled = 0;
  let confidence = 0;
  for (const [song, emotion] of labels.primary.entries()) {
    if (emotion < 0) continue;
    labelled++;
    confidence += labels.confidence[song];
    const key = data.emotions[emotion];
    perEmotion[key] = (perEmotion[key] ?? 0) + 1;
  }
  return {
    labelled,
    perEmotion,
    importedSongs: data.importedSongs,
    meanConfidence: labelled === 0 ? 0 : confidence / labelled,
    ...(facts === undefined ? {} : { votes: facts }),
  };
}

/**
 * One whole training run on a frozen job: aggregate, propagate, train, evaluate, and write the model. It is put in
 * use by the bot, not here. When the recommender in use proves better it stays, and the model that is written joins
 * it to the new emotion profiles, so that new votes, and votes that were deleted, count in any case.
 */
export async function runJob(jobDir: string, report: ReportStage): Promise<RunDecision> {
  const clock = createStageClock(report);
  const job = await readJob(jobDir);
  const random = createRandom(job.seed);

  const data = await clock.run('prepare', async () =>
    readTrainingData(jobDir, await openCatalogue(job.catalogueDir), job.emotions),
  );
  const { catalogue, emotions } = data;
  const aggregation = await clock.run('aggregate', () => aggregate(data.votes));
  const raw = rawSongs(catalogue);
  const crew = openCrew();
  const inferred = await clock.run('propagate', (progress) =>
    inferProfiles(
      raw,
      songFeatures(catalogue, labelledSongs(aggregation)),
      data.votes,
      aggregation.labels,
      random.fork('profiles'),
      data.postedAtRandom,
      (fraction) => progress(fraction, 'learning what emotions sound like'),
      crew,
    ),
  );
  await crew.close();

  const notes = notesOn(data, inferred.voted);
  const split = splitListeners(data);
  const { items, scaler } = buildItems(raw);
  const profiles = { rows: catalogue.size, columns: emotions.length, values: inferred.profiles };
  const recommenderData: RecommenderData = {
    interactions: split.train,
    putAway: data.putAway,
    items,
    profiles,
    groups: songGroups(catalogue),
    companions: companionsOf(data, split.train),
  };
  const challenger = await clock.run('train', (progress) =>
    trainRecommender(recommenderData, split, job, random, notes, progress),
  );

  const { measured, champion } = await clock.run('evaluate', async (progress) => {
    const others = await measureBaselines(recommenderData, split, random, (fraction, detail) =>
      progress(0.5 * fraction, detail),
    );
    const own = await measure(challenger.recommender, split, (fraction) =>
      progress(0.5 + 0.2 * fraction, 'measuring the new model'),
    );
    const standing = await measureChampion(job, data, recommenderData, split, notes, (fraction) =>
      progress(0.7 + 0.3 * fraction, 'measuring the model in use'),
    );
    return { measured: { own, others }, champion: standing };
  });

  return await clock.run('publish', async () => {
    const compared = champion === INCOMPARABLE ? undefined : champion;
    const { replace, reason, comparison } = decide(
      measured.own.evaluation,
      compared
        ? { catalogueVersion: compared.catalogueVersion, evaluation: compared.measured.evaluation }
        : champion === undefined
          ? undefined
          : INCOMPARABLE,
      catalogue.version,
      random,
    );
    const facts = labelFacts(aggregation, data);
    const rows = [...measured.others, ...(compared ? [compared.measured] : [])];
    // With nearest neighbours standing in for the GAN, the new model is a row of the baselines already.
    if (challenger.stored.kind === 'gan') rows.push(measured.own);
    const metrics: TrainingMetrics = {
      seconds: clock.seconds(),
      peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
      backend: challenger.backend?.name ?? 'none',
      songs: catalogue.size,
      votes: data.votes.songs.length,
      voters: data.votes.memberCount,
      ...(job.heldBackVotes ? { heldBackVotes: job.heldBackVotes } : {}),
      labelledSongs: facts.labelled,
      listeners: data.interactions.listenerCount,
      ...(inferred.score === undefined ? {} : { emotions: inferred.score }),
      ...(inferred.randomScore === undefined ? {} : { emotionsAtRandom: inferred.randomScore }),
      ...(split.measured.length === 0
        ? {}
        : {
            ranking: rows.map(({ method, evaluation }) => ({
              method,
              ndcg10: evaluation.meanNdcg10,
              recall50: evaluation.meanRecall50,
            })),
            rankingListeners: split.measured.length,
          }),
      ...(comparison === undefined ? {} : { comparison }),
      ...(challenger.gan === undefined ? {} : { gan: challenger.gan }),
    };
    const kept = replace ? undefined : compared;
    const text = writeReport({
      modelId: job.runId,
      catalogueName: catalogue.name,
      catalogueVersion: catalogue.version,
      metrics,
      backendWhy: challenger.backend?.why,
      labels: facts,
      features: inferred.features,
      profileMix: meanProfile(inferred, emotions),
      decision: replace ? 'publish' : 'keep',
      decisionReason: reason,
      notes,
    });
    await mkdir(job.modelsDir, { recursive: true });
    const dir = await writeModel(
      job.modelsDir,
      {
        id: job.runId,
        createdAt: job.createdAt,
        catalogueVersion: catalogue.version,
        emotions,
        metrics,
        scaler: kept ? kept.scaler : (scaler satisfies ItemScaler),
        recommender: kept ? kept.stored : challenger.stored,
        songIds: Array.from({ length: catalogue.size }, (_, index) => catalogue.idAt(index)),
        profiles: inferred.profiles,
        confidence: inferred.confidence,
        voted: inferred.voted,
        voters: votersOf(aggregation.labels, data.memberIds),
      },
      { 'report.md': text },
    );
    challenger.recommender.dispose?.();
    return { decision: replace ? 'publish' : 'keep', reason, modelId: path.basename(dir), metrics, notes };
  });
}
