import type { NextCandidates } from '../../ml/select-next.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Model } from '../domain/model.ts';
import type { SnippetPost } from '../domain/post.ts';
import type { SongId } from '../domain/song.ts';

/** What choosing needs of a catalogue; made once per version. */
export interface SongTraits {
  readonly genreOf: Int32Array;
  readonly artistOf: Int32Array;
  /** 1 for songs that nobody could hear. */
  readonly excluded: Uint8Array;
}

const DAY_MS = 86_400_000;
/** Songs looked at before the event loop gets its turn. */
const BATCH = 2_000;

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

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Numbers genres and first artists. Gives way to the event loop between batches. */
export async function readTraits(catalogue: Catalogue): Promise<SongTraits> {
  const { size } = catalogue;
  const traits = {
    genreOf: new Int32Array(size),
    artistOf: new Int32Array(size),
    excluded: new Uint8Array(size),
  };
  const genre = createNumbering();
  const artist = createNumbering();
  for (let i = 0; i < size; i++) {
    if (i % BATCH === BATCH - 1) await pause();
    const song = catalogue.song(i);
    traits.genreOf[i] = genre(song.genre);
    traits.artistOf[i] = artist(song.artists[0]);
    traits.excluded[i] = song.snippet.kind === 'none' ? 1 : 0;
  }
  return traits;
}

/** The model's confidence per song of a catalogue, 0 for songs it has not seen. Gives way between batches. */
export async function readConfidence(catalogue: Catalogue, model: Model): Promise<Float32Array> {
  const confidence = new Float32Array(catalogue.size);
  for (let i = 0; i < catalogue.size; i++) {
    if (i % BATCH === BATCH - 1) await pause();
    confidence[i] = model.profile(catalogue.idAt(i))?.confidence ?? 0;
  }
  return confidence;
}

/**
 * Puts together what the policy looks at.
 * @param posts of the community, newest first
 */
export function candidatesOf(
  catalogue: Catalogue,
  traits: SongTraits,
  confidence: Float32Array | undefined,
  voters: ReadonlyMap<SongId, number>,
  posts: readonly SnippetPost[],
  now: number,
): NextCandidates {
  const votersOf = new Int32Array(catalogue.size);
  for (const [id, count] of voters) {
    const index = catalogue.indexOf(id);
    if (index >= 0) votersOf[index] = count;
  }
  const lastPostedDaysAgo = new Float32Array(catalogue.size).fill(Number.POSITIVE_INFINITY);
  const recent: number[] = [];
  for (const post of posts) {
    const index = catalogue.indexOf(post.songId);
    if (index < 0) continue;
    recent.push(index);
    lastPostedDaysAgo[index] = Math.min(lastPostedDaysAgo[index], (now - post.postedAt) / DAY_MS);
  }
  const latest = recent.slice(0, 8);
  return {
    voters: votersOf,
    confidence,
    genreOf: traits.genreOf,
    artistOf: traits.artistOf,
    excluded: traits.excluded,
    lastPostedDaysAgo,
    recentGenres: latest.map((index) => traits.genreOf[index]),
    recentArtists: latest.map((index) => traits.artistOf[index]),
  };
}
