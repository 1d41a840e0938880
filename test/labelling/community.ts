import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { buildCatalogue } from '../../src/catalogue/catalogue.ts';
import type { Sound } from '../../src/chat/message.ts';
import type { ReactionEvent } from '../../src/chat/platform.ts';
import type { Catalogue } from '../../src/domain/catalogue.ts';
import type { Model } from '../../src/domain/model.ts';
import type { SnippetPost } from '../../src/domain/post.ts';
import { loadTaxonomy } from '../../src/domain/taxonomy.ts';
import { createBursts } from '../../src/labelling/bursts.ts';
import { createReactions, type Reactions } from '../../src/labelling/reactions.ts';
import { createLabelling } from '../../src/labelling/service.ts';
import { defaultSettings } from '../../src/labelling/settings.ts';
import { PACKAGE_ROOT } from '../../src/paths.ts';
import { openLowdbStore } from '../../src/store/lowdb/lowdb-store.ts';
import type { Store } from '../../src/store/store.ts';
import { labelNow, type Voters } from '../../src/training/voters.ts';
import { songOf } from '../catalogue/songs.ts';
import { METRICS } from '../playlists/planted-model.ts';
import { openRoom, type RunningRoom } from '../support/room.ts';

const log = pino({ level: 'silent' });
export const taxonomy = loadTaxonomy(path.join(PACKAGE_ROOT, 'data', 'emotions.json'));
export const sound: Sound = { kind: 'own', seconds: 16 };

/** Twelve songs by six artists of three genres; the last one has no sound. */
function songs(): Catalogue {
  return buildCatalogue({
    name: 'Test',
    demo: false,
    songs: Array.from({ length: 12 }, (_, i) =>
      songOf(`s${i}`, {
        artists: [`Artist ${i % 6}`],
        genre: ['folk', 'ambient', 'rock'][i % 3],
        snippet: { kind: i === 11 ? 'none' : 'own' },
      }),
    ),
    listeners: [],
    labels: [],
  });
}

/** A model that is sure of every song but one, and reads labels as the bot does, with the weights of a training. */
export function tornAbout(torn: string, trained?: Voters): Model {
  const emotions = taxonomy.emotions.map(({ key }) => key);
  const mean = new Array<number>(emotions.length).fill(1 / emotions.length);
  const sure = Float32Array.from(emotions, (_, e) => (e === 0 ? 1 : 0));
  return {
    id: 'model',
    createdAt: 0,
    catalogueVersion: songs().version,
    emotions,
    metrics: METRICS,
    profile: (id) => ({
      distribution: id === torn ? Float32Array.from(mean) : sure,
      confidence: 0.5,
      voted: false,
    }),
    label: (votes) =>
      labelNow(
        trained ?? { format: 1, songs: { concentration: 2, mean }, salt: 'salt', members: {} },
        emotions,
        votes,
      ),
  };
}

/** A room with the labelling behind it; its clock is the test's. */
export async function openCommunity() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'reactune-labelling-'));
  const clock = { now: Date.parse('2026-11-22T12:00:00Z') };
  const now = () => clock.now;
  const store: Store = await openLowdbStore({ dir: path.join(dir, 'store'), log, now });
  const reactions: Reactions = createReactions({ store, taxonomy, log, now });
  const taken: Promise<void>[] = [];
  const listen = (event: ReactionEvent) => {
    const done = reactions.handle(event);
    taken.push(done);
    return done;
  };
  const running: RunningRoom = await openRoom({ dir, now, handlers: { reaction: listen } });
  const catalogue = songs();
  const bursts = createBursts({ store, now });
  let inUse: Model | undefined;
  const labelling = createLabelling({
    store,
    taxonomy,
    platforms: [running.room],
    log,
    seed: 1,
    catalogue: () => catalogue,
    model: () => inUse,
    soundOf: () => sound,
    now,
    votesOn: bursts.countedOn,
    votersPerSong: bursts.votersPerSong,
  });
  const [place] = await running.room.places();
  await store.saveCommunity({
    id: place.communityId,
    platform: 'room',
    name: place.name,
    settings: { ...defaultSettings(), timeZone: 'UTC' },
  });
  return {
    clock,
    store,
    labelling,
    reactions,
    running,
    communityId: place.communityId,
    bursts,
    publishes(next: Model): void {
      inUse = next;
    },
    async posts(songId?: string): Promise<SnippetPost> {
      const result = await labelling.postSnippet(place.communityId, { by: 'command', songId });
      if ('refusal' in result) throw new Error(result.refusal);
      return result.post;
    },
    /** Until every reaction that the room has reported is stored. */
    async settled() {
      await Promise.all(taken);
    },
    async close() {
      await running.stop();
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export type LabellingCommunity = Awaited<ReturnType<typeof openCommunity>>;
