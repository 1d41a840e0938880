import { cp } from 'node:fs/promises';
import path from 'node:path';
import { type Logger, pino } from 'pino';
import { buildCatalogue, type ColumnarCatalogue } from '../../src/catalogue/catalogue.ts';
import { writeCatalogue } from '../../src/catalogue/catalogue-files.ts';
import { refKey } from '../../src/domain/post.ts';
import { loadTaxonomy } from '../../src/domain/taxonomy.ts';
import type { TrainingRun, TrainingStage } from '../../src/domain/training.ts';
import { defaultSettings } from '../../src/labelling/settings.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { createTraining, type TrainingOptions } from '../../src/training/service.ts';
import type { RunHandle, Training } from '../../src/training/training.ts';
import { type Planted, temporaryFolder } from './planted.ts';

export const TAXONOMY = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));

/** A state folder with a real store and a real catalogue, and training on it. */
export interface House {
  readonly dir: string;
  readonly store: Store;
  readonly training: Training;
  /** Process ids of the training children so far. */
  readonly children: readonly number[];
  /** Votes of `members` members for what was planted, on the first `songs` songs. */
  vote(planted: Planted, songs: number, members?: number): Promise<void>;
  /** A snippet of a song in the room. */
  post(song: number, chosenBy: 'policy' | 'random'): Promise<void>;
  useCatalogue(catalogue: ColumnarCatalogue): Promise<void>;
  train(): Promise<TrainingRun>;
  start(): Promise<RunHandle>;
  /** As a restart of the bot: everything is opened again from the folder. */
  restart(changes?: Partial<TrainingOptions>): Promise<void>;
  /** Lets go of the folder and leaves it. */
  leave(): Promise<void>;
  /** Lets go of the folder and removes it. */
  close(): Promise<void>;
}

/** Steps that teach the GAN something; tests of anything else get by with fewer. */
export const FEW_STEPS = 4;

/** @param template folder of a closed house that this one begins as a copy of; its catalogue is the same */
export async function openHouse(
  planted: Planted,
  changes: Partial<TrainingOptions> = {},
  template?: string,
): Promise<House> {
  const folder = await temporaryFolder();
  const { dir } = folder;
  if (template !== undefined) await cp(template, dir, { recursive: true });
  const children: number[] = [];
  // The service logs the child's process id; tests that kill it read it there, as an operator would.
  const log: Logger = pino(
    { level: 'info' },
    {
      write(line: string) {
        const { childPid, msg } = JSON.parse(line) as { childPid?: number; msg: string };
        if (msg === 'training process started' && childPid !== undefined) children.push(childPid);
      },
    },
  );
  let catalogue = planted.catalogue;
  let catalogueDir = await writeCatalogue(dir, catalogue);

  async function open(options: Partial<TrainingOptions>): Promise<{ store: Store; training: Training }> {
    const quiet = pino({ level: 'silent' });
    const store = await openLowdbStore({ dir: path.join(dir, 'store'), log: quiet, now: Date.now });
    const training = await createTraining({
      stateDir: dir,
      store,
      catalogue: () => catalogue,
      catalogueDir: () => catalogueDir,
      taxonomy: TAXONOMY,
      log,
      now: Date.now,
      backend: 'wasm',
      ganSteps: FEW_STEPS,
      ...options,
    });
    return { store, training };
  }
  let parts = await open(changes);

  const house: House = {
    dir,
    children,
    get store() {
      return parts.store;
    },
    get training() {
      return parts.training;
    },
    async vote({ emotions }, songs, members = 3) {
      await parts.store.setReactions(
        Array.from({ length: songs * members }, (_, i) => {
          const song = i % songs;
          return {
            postId: 'demo',
            songId: `song-${song}`,
            identity: `room:${Math.floor(i / songs)}`,
            meaning: { kind: 'emotion' as const, emotion: emotions[song] },
            present: true,
            at: i,
          };
        }),
      );
    },
    async post(song, chosenBy) {
      const id = 'room:main';
      if ((await parts.store.community(id)) === undefined) {
        await parts.store.saveCommunity({ id, platform: 'room', name: 'Room', settings: defaultSettings() });
      }
      const message = { platform: 'room', communityId: id, channel: 'main', message: String(song) } as const;
      await parts.store.savePost({
        id: refKey(message),
        communityId: id,
        message,
        songId: `song-${song}`,
        postedAt: song,
        closesAt: song + 1,
        postedBy: 'schedule',
        chosenBy,
      });
    },
    async useCatalogue(next) {
      catalogue = next;
      catalogueDir = await writeCatalogue(dir, next);
    },
    async start() {
      return (await parts.training.start({ kind: 'shell' })).handle;
    },
    async train() {
      return await (await house.start()).finished;
    },
    async restart(next = {}) {
      await parts.training.stop();
      await parts.store.close();
      parts = await open({ ...changes, ...next });
    },
    async leave() {
      await parts.training.stop();
      await parts.store.close();
    },
    async close() {
      await house.leave();
      await folder.remove();
    },
  };
  return house;
}

/** Starts a run and resolves when its child says that it has reached a stage. */
export async function startUntil(house: House, stage: TrainingStage): Promise<RunHandle> {
  const before = house.children.length;
  const handle = await house.start();
  await new Promise<void>((resolve) => {
    const stop = handle.onProgress((progress) => {
      // Gathering the votes is part of `prepare` and happens before there is a child.
      if (progress.stage !== stage || house.children.length === before) return;
      stop();
      resolve();
    });
  });
  return handle;
}

/** The same songs with nobody who likes them. */
export function withoutListeners({ catalogue }: Planted): ColumnarCatalogue {
  const songs = Array.from({ length: catalogue.size }, (_, index) => catalogue.song(index));
  return buildCatalogue({ name: 'no listeners', demo: true, songs, labels: [], listeners: [] });
}
