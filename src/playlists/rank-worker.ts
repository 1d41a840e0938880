import { parentPort } from 'node:worker_threads';
import type { PlanePoint } from '../../ml/plane.ts';
import { openCatalogue } from '../catalogue/catalogue-files.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import { loadRanking } from '../training/model-files.ts';
import { explainSongs, rankPlaylist } from './rank.ts';
import type { RankAnswers, RankCall, RankQuestion, RankReply } from './rank-messages.ts';
import { createRankWorld, type LikesHere, placeLikes, type RankWorld } from './rank-world.ts';

// The thread that ranks: holds one catalogue and one model and makes playlists of them, one question at a time.

let world: RankWorld | undefined;
let opened: { readonly dir: string; readonly catalogue: Catalogue } | undefined;
/** Kept to be placed again when the catalogue changes. */
let likes: Pick<Extract<RankQuestion, { kind: 'likes' }>, 'songIds' | 'counts'> = {
  songIds: [],
  counts: new Int32Array(0),
};
let likesHere: LikesHere | undefined;

async function load({
  catalogueDir,
  modelDir,
  plane,
}: Extract<RankQuestion, { kind: 'load' }>): Promise<RankAnswers['load']> {
  const started = performance.now();
  if (opened?.dir !== catalogueDir) {
    opened = { dir: catalogueDir, catalogue: await openCatalogue(catalogueDir) };
  }
  const { catalogue } = opened;
  // The native backend can be loaded only once per process (tensorflow/tfjs#8388), and this thread may be replaced.
  const ranking = await loadRanking(modelDir, catalogue, 'wasm');
  const places = new Map<string, PlanePoint>(plane.map((point) => [point.key, point]));
  const next = createRankWorld(catalogue, ranking, (emotion) => places.get(emotion));
  world?.ranking.recommender.dispose?.();
  world = next;
  likesHere = placeLikes(next, likes);
  const { modelId, substitutedBecause } = ranking;
  return { modelId, milliseconds: performance.now() - started, substitutedBecause };
}

async function answer(question: RankQuestion): Promise<RankAnswers[keyof RankAnswers]> {
  switch (question.kind) {
    case 'load':
      return load(question);
    case 'likes':
      likes = question;
      if (world) likesHere = placeLikes(world, likes);
      return null;
    case 'rank':
    case 'explain':
      if (!world || !likesHere) throw new Error('The ranking thread was asked before it had a model.');
      return question.kind === 'rank'
        ? rankPlaylist(world, likesHere, question)
        : explainSongs(world, likesHere, question);
  }
}

const port = parentPort;
if (!port) throw new Error('rank-worker is a thread of the bot: it cannot be started by itself.');

// One after the other: a model that is being loaded is not asked.
let queue: Promise<void> = Promise.resolve();
port.on('message', ({ id, question }: RankCall) => {
  queue = queue.then(async () => {
    let reply: RankReply;
    try {
      reply = { id, answer: await answer(question) };
    } catch (error) {
      reply = { id, error: (error as Error).message };
    }
    port.postMessage(reply);
  });
});
