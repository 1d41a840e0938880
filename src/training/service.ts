import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Taxonomy } from '../domain/emotion.ts';
import type { Model } from '../domain/model.ts';
import type {
  TrainingOutcome,
  TrainingProgress,
  TrainingRun,
  TrainingStage,
  TrainingTrigger,
} from '../domain/training.ts';
import { storageFailure } from '../durable/failure.ts';
import type { Store } from '../store/store.ts';
import { type ChildEnd, runChild } from './child-process.ts';
import { JobAborted, jobsDir, writeJob } from './job.ts';
import type { BackendWish } from './load-ranking.ts';
import {
  currentModelDir,
  modelDir,
  modelIds,
  modelsDir,
  readModel,
  setCurrentModel,
  tidyModels,
} from './model-files.ts';
import { temporaryModelDir } from './model-format.ts';
import { createProgressMeter } from './progress.ts';
import type { RunHandle, Training } from './training.ts';

export interface TrainingOptions {
  readonly stateDir: string;
  readonly store: Store;
  /** The catalogue now in use, and its folder on disk. */
  catalogue(): Catalogue;
  catalogueDir(): string;
  readonly taxonomy: Taxonomy;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly backend: BackendWish;
  /** A run that takes longer ends as `timed-out`. Default 30 minutes. */
  readonly timeoutMs?: number;
  /** Between asking the child to end and making it. Default 5 seconds. */
  readonly graceMs?: number;
  readonly seed?: number;
  /** Steps of the GAN's training; absent = chosen by the size of the data. */
  readonly ganSteps?: number;
}

const THIRTY_MINUTES = 30 * 60_000;
const RUNS_LOOKED_AT = 20;

interface Ending {
  readonly outcome: TrainingOutcome;
  readonly reason?: string;
  readonly modelId?: string;
  readonly metrics?: TrainingRun['metrics'];
  readonly model?: Model;
}

/** Ids sort by time, so that the newest model is the last by name. */
function newRunId(at: number): string {
  const time = new Date(at).toISOString().replace(/[-:.Z]/g, '');
  return `${time}-${randomBytes(3).toString('hex')}`;
}

/** Runs that were under way when the bot itself ended: closed, so that nobody waits for them. */
async function closeAbandonedRuns(
  { stateDir, store, now }: TrainingOptions,
  currentModel: string | undefined,
): Promise<void> {
  for (const run of await store.recentRuns(RUNS_LOOKED_AT)) {
    if (run.endedAt !== undefined) continue;
    // It got as far as putting its model in use: only the last note is missing.
    const published = currentModel === run.id;
    if (!published) await rm(modelDir(stateDir, run.id), { recursive: true, force: true });
    await store.saveRun({
      ...run,
      endedAt: now(),
      outcome: published ? 'published' : 'failed',
      ...(published
        ? { modelId: run.id }
        : { reason: 'The bot stopped while this run was under way. The model in use stayed.' }),
    });
  }
}

/** The model in use, or, when it cannot be read, the newest one before it that can. */
async function openModel(stateDir: string, log: Logger): Promise<Model | undefined> {
  let current: string | undefined;
  try {
    current = await currentModelDir(stateDir);
    if (current === undefined) return undefined;
    return await readModel(current);
  } catch (error) {
    log.error({ err: error }, `the model in use cannot be read: ${(error as Error).message}`);
  }
  for (const id of await modelIds(stateDir)) {
    const dir = modelDir(stateDir, id);
    if (dir === current) continue;
    try {
      const model = await readModel(dir);
      await setCurrentModel(stateDir, id);
      log.warn({ model: id }, 'an earlier model is in use instead');
      return model;
    } catch (error) {
      log.warn({ err: error }, `an earlier model cannot be read either: ${(error as Error).message}`);
    }
  }
  return undefined;
}

/**
 * Opens the model in use and makes training runs possible. Needs the state folder for itself (`lockState`).
 * Runs and job folders that a stopped bot left behind are closed and removed.
 * @throws StoreError when the folder cannot be used
 */
export async function createTraining(options: TrainingOptions): Promise<Training> {
  const { stateDir, store, log, now } = options;
  let model: Model | undefined;
  try {
    await mkdir(modelsDir(stateDir), { recursive: true });
    model = await openModel(stateDir, log);
    await rm(jobsDir(stateDir), { recursive: true, force: true });
    await tidyModels(stateDir, model?.id);
    await closeAbandonedRuns(options, model?.id);
  } catch (error) {
    throw storageFailure(error, 'open the models', modelsDir(stateDir));
  }

  let running: { readonly handle: RunHandle; readonly cancel: (byWhom: string) => void } | undefined;
  const publishedListeners = new Set<(model: Model) => void>();

  /** From here on the new model serves. The child wrote it; it is read back before anything points to it. */
  async function putInUse(id: string): Promise<Model> {
    const published = await readModel(modelDir(stateDir, id));
    await setCurrentModel(stateDir, id);
    model = published;
    for (const listener of publishedListeners) {
      try {
        listener(published);
      } catch (err) {
        log.error({ err }, 'something that follows new models failed');
      }
    }
    await tidyModels(stateDir, id);
    return published;
  }

  async function endingOf(end: ChildEnd, byWhom: string): Promise<Ending> {
    switch (end.kind) {
      case 'cancelled':
        return { outcome: 'cancelled', reason: `Cancelled by ${byWhom}. The model in use stays.` };
      case 'timed-out': {
        const minutes = Math.max(1, Math.round((options.timeoutMs ?? THIRTY_MINUTES) / 60_000));
        return {
          outcome: 'timed-out',
          reason: `It took longer than ${minutes} min and was ended. The model in use stays.`,
        };
      }
      case 'failed':
        return { outcome: 'failed', reason: `${end.reason} The model in use stays.` };
      case 'done': {
        const { decision, reason, modelId, metrics, notes } = end.result;
        await putInUse(modelId);
        if (decision === 'keep') {
          const stays = `The new recommender stays out: ${reason} The emotions were brought up to date.`;
          return { outcome: 'kept', reason: [stays, ...notes].join(' '), modelId, metrics };
        }
        return {
          outcome: 'published',
          modelId,
          metrics,
          ...(notes.length === 0 ? {} : { reason: notes.join(' ') }),
        };
      }
    }
  }

  async function work(
    run: TrainingRun,
    cancel: AbortController,
    byWhom: () => string,
    report: (stage: TrainingStage, fraction: number, detail?: string) => void,
  ): Promise<Ending> {
    const jobDir = path.join(jobsDir(stateDir), run.id);
    try {
      await store.saveRun(run);
      report('prepare', 0, 'gathering the votes');
      const champion = model === undefined ? undefined : modelDir(stateDir, model.id);
      await writeJob(
        jobDir,
        {
          format: 1,
          runId: run.id,
          createdAt: run.startedAt,
          catalogueDir: options.catalogueDir(),
          catalogueVersion: run.catalogueVersion,
          emotions: options.taxonomy.emotions.map((emotion) => emotion.key),
          seed: options.seed ?? 1,
          backend: options.backend,
          modelsDir: modelsDir(stateDir),
          ...(champion === undefined ? {} : { championDir: champion }),
          ...(options.ganSteps === undefined ? {} : { ganSteps: options.ganSteps }),
        },
        store,
        cancel.signal,
      );
      const end = await runChild({
        jobDir,
        timeoutMs: options.timeoutMs ?? THIRTY_MINUTES,
        graceMs: options.graceMs ?? 5000,
        cancel: cancel.signal,
        onProgress: ({ stage, fraction, detail }) => report(stage, fraction, detail),
        log,
      });
      return await endingOf(end, byWhom());
    } catch (error) {
      if (error instanceof JobAborted) return await endingOf({ kind: 'cancelled' }, byWhom());
      log.error({ err: error }, 'the training run failed');
      const code = (error as NodeJS.ErrnoException).code;
      const why = code === 'ENOSPC' ? 'The disk is full.' : 'Its files could not be written or read.';
      return { outcome: 'failed', reason: `${why} The model in use stays; the log has the details.` };
    } finally {
      // The job's tables, and a model that was half written or not put in use: gone with the run, at once, or on a
      // full disk they would keep it full.
      const halfWritten = temporaryModelDir(modelsDir(stateDir), run.id);
      const leftovers = [jobDir, halfWritten, ...(model?.id === run.id ? [] : [modelDir(stateDir, run.id)])];
      for (const folder of leftovers) {
        await rm(folder, { recursive: true, force: true }).catch((err: unknown) => {
          log.warn({ err, folder }, 'a folder of the run could not be removed');
        });
      }
    }
  }

  async function previousSeconds(
    catalogueVersion: string,
  ): Promise<Readonly<Record<string, number>> | undefined> {
    const runs = (await store.recentRuns(RUNS_LOOKED_AT)).filter((run) => run.metrics !== undefined);
    return (runs.find((run) => run.catalogueVersion === catalogueVersion) ?? runs[0])?.metrics?.seconds;
  }

  async function start(trigger: TrainingTrigger): Promise<{ started: boolean; handle: RunHandle }> {
    if (running !== undefined) return { started: false, handle: running.handle };
    const startedAt = now();
    let run: TrainingRun = {
      id: newRunId(startedAt),
      trigger,
      startedAt,
      catalogueVersion: options.catalogue().version,
    };
    const cancel = new AbortController();
    let byWhom = 'the bot';
    const listeners = new Set<(progress: TrainingProgress) => void>();
    let meter = createProgressMeter(undefined, now);
    let latest: TrainingProgress = meter.current();

    function tell(progress: TrainingProgress): void {
      latest = progress;
      for (const listener of listeners) {
        try {
          listener(progress);
        } catch (err) {
          log.warn({ err }, 'a progress listener failed');
        }
      }
    }

    async function execute(): Promise<TrainingRun> {
      meter = createProgressMeter(await previousSeconds(run.catalogueVersion).catch(() => undefined), now);
      const { outcome, reason, modelId, metrics } = await work(
        run,
        cancel,
        () => byWhom,
        (stage, fraction, detail) => tell(meter.report(stage, fraction, detail)),
      );
      run = {
        ...run,
        endedAt: now(),
        outcome,
        ...(reason === undefined ? {} : { reason }),
        ...(modelId === undefined ? {} : { modelId }),
        ...(metrics === undefined ? {} : { metrics }),
      };
      await store.saveRun(run).catch((err: unknown) => {
        log.error({ err }, 'the end of the training run could not be stored');
      });
      log.info({ run: run.id, outcome, reason }, 'training run ended');
      running = undefined;
      if (outcome === 'published' || outcome === 'kept')
        tell({ stage: 'publish', percent: 100, secondsLeft: 0 });
      return run;
    }

    // The handle has to be there before the run begins, or a second request would begin another.
    const handle: RunHandle = {
      get run() {
        return run;
      },
      progress: () => latest,
      onProgress(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      finished: Promise.resolve().then(execute),
    };
    running = {
      handle,
      cancel(whom) {
        if (cancel.signal.aborted) return;
        byWhom = whom;
        cancel.abort();
      },
    };
    return { started: true, handle };
  }

  return {
    start,
    current: () => running?.handle,
    cancel(byWhom) {
      if (running === undefined) return false;
      running.cancel(byWhom);
      return true;
    },
    model: () => model,
    onPublished(listener) {
      publishedListeners.add(listener);
      return () => publishedListeners.delete(listener);
    },
    async stop() {
      const last = running;
      last?.cancel('the bot, which is stopping');
      await last?.handle.finished;
    },
  };
}
