import { placeSongs, type SongPlaces } from '../../ml/coverage.ts';
import type { Random } from '../../ml/random.ts';
import { type AskingPlan, type NextCandidates, planAsking } from '../../ml/select-next.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Model } from '../domain/model.ts';
import type { SnippetPost } from '../domain/post.ts';
import { AUDIO_FEATURES, type SongId } from '../domain/song.ts';
import { inSteps, pause } from './in-steps.ts';

/** What choosing needs of a catalogue; made once per version. */
export interface SongTraits {
  readonly genreOf: Int32Array;
  readonly artistOf: Int32Array;
  /** 1 for songs that nobody could hear. */
  readonly excluded: Uint8Array;
  /** Where each song stands among the others by how it sounds. */
  readonly places: SongPlaces;
  /** What imported labels count for, in votes. */
  readonly imported: ReadonlyMap<number, number>;
}

const DAY_MS = 86_400_000;
/** Songs looked at before the event loop gets its turn. */
const BATCH = 500;
/** A key is a place on a circle, not a size; mode and beats per bar have too few values to tell songs apart. */
const SOUND = AUDIO_FEATURES.flatMap((name, at) =>
  name === 'key' || name === 'mode' || name === 'timeSignature' ? [] : [at],
);
/** Reactions come in for about so long after a post; a model made meanwhile does not know them. */
const VOTES_COME_IN_MS = DAY_MS;

function createNumbering() {
  const numbers = new Map<string, number>();
  return (name: string | undefined): number => {
    if (name === undefined || name === '') return -1;
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, numbers.size);
    return numbers.size - 1;
  };
}

/** Numbers genres and first artists and places the songs by their sound. Gives way to the event loop between batches. */
export async function readTraits(catalogue: Catalogue): Promise<SongTraits> {
  const { size } = catalogue;
  const genreOf = new Int32Array(size);
  const artistOf = new Int32Array(size);
  const excluded = new Uint8Array(size);
  const genre = createNumbering();
  const artist = createNumbering();
  for (let i = 0; i < size; i++) {
    if (i % BATCH === BATCH - 1) await pause();
    const song = catalogue.song(i);
    genreOf[i] = genre(song.genre);
    artistOf[i] = artist(song.artists[0]);
    excluded[i] = song.snippet.kind === 'none' ? 1 : 0;
  }
  const imported = new Map<number, number>();
  for (const [i, { songId, weight }] of catalogue.labels.entries()) {
    if (i % BATCH === BATCH - 1) await pause();
    const index = catalogue.indexOf(songId);
    if (index >= 0) imported.set(index, (imported.get(index) ?? 0) + weight);
  }
  const places = await inSteps(placeSongs(catalogue.features, size, AUDIO_FEATURES.length, SOUND));
  return { genreOf, artistOf, excluded, places, imported };
}

/** What asking about each song is worth by a model and the votes so far. Gives way to the event loop between batches. */
export async function readPlan(
  catalogue: Catalogue,
  traits: SongTraits,
  model: Model | undefined,
  voters: ReadonlyMap<SongId, number>,
  random: Random,
): Promise<AskingPlan> {
  const votersOf = new Map(traits.imported);
  let seen = 0;
  for (const [id, count] of voters) {
    if (++seen % BATCH === 0) await pause();
    const index = catalogue.indexOf(id);
    if (index >= 0) votersOf.set(index, (votersOf.get(index) ?? 0) + count);
  }
  const profileOf = model && ((index: number) => model.profile(catalogue.idAt(index))?.distribution);
  const { places, excluded } = traits;
  return inSteps(planAsking({ places, excluded, profileOf, voters: votersOf }, random));
}

/**
 * Puts together what the policy looks at.
 * @param plannedAt when the plan was made: it knows hardly any votes of posts since, nor of those just before
 * @param posts of the community, newest first
 */
export function candidatesOf(
  catalogue: Catalogue,
  traits: SongTraits,
  plan: AskingPlan,
  plannedAt: number,
  voters: ReadonlyMap<SongId, number>,
  posts: readonly SnippetPost[],
  now: number,
): NextCandidates {
  const lastPostedDaysAgo = new Map<number, number>();
  const recent: number[] = [];
  let pending = 0;
  for (const post of posts) {
    const index = catalogue.indexOf(post.songId);
    if (index < 0) continue;
    recent.push(index);
    if (post.postedAt > plannedAt - VOTES_COME_IN_MS) pending++;
    const daysAgo = (now - post.postedAt) / DAY_MS;
    lastPostedDaysAgo.set(index, Math.min(lastPostedDaysAgo.get(index) ?? daysAgo, daysAgo));
  }
  const { genreOf, artistOf, imported } = traits;
  const votersOf = (index: number) => (voters.get(catalogue.idAt(index)) ?? 0) + (imported.get(index) ?? 0);
  return { plan, voters: votersOf, genreOf, artistOf, lastPostedDaysAgo, recent, pending };
}
