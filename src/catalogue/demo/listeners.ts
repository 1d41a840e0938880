import type { Random } from '../../../ml/random.ts';
import type { Emotion, EmotionKey } from '../../domain/emotion.ts';
import type { IdentityId } from '../../domain/member.ts';
import type { SongId } from '../../domain/song.ts';
import { GENRES } from './genres.ts';
import type { DemoArtist, SongPlan } from './plan.ts';

export interface DemoListener {
  /** `demo:<n>` */
  readonly id: IdentityId;
  readonly name: string;
  readonly songIds: readonly SongId[];
}

export interface DemoVote {
  readonly songId: SongId;
  readonly identity: IdentityId;
  readonly emotion: EmotionKey;
}

export interface DemoLike {
  readonly songId: SongId;
  readonly identity: IdentityId;
}

export const DEMO_LISTENERS = 60;
const VOTED_SHARE = 0.3;
/** How voters answer: the planted emotion, one of its neighbours, or anything at all. */
const PLANTED = 0.68;
const NONSENSE = 0.04;

const NAMES = [
  'Ada', 'Bo', 'Cleo', 'Dara', 'Edda', 'Finn', 'Gwen', 'Hugo', 'Ines', 'Juno', 'Kaya', 'Leif', 'Mira', 'Nils', 'Oona',
  'Pia', 'Quinn', 'Rafa', 'Suki', 'Taro', 'Uma', 'Vito', 'Wren', 'Xenia', 'Yara', 'Zeno', 'Alma', 'Bram', 'Cosmo', 'Dot',
]; // biome-ignore format: a list of names reads better in rows

interface Place {
  readonly valence: number;
  readonly arousal: number;
}

function nearness(a: Place, b: Place, reach: number): number {
  return Math.exp(-((a.valence - b.valence) ** 2 + (a.arousal - b.arousal) ** 2) / (2 * reach * reach));
}

/** The emotion whose place on the plane is nearest. */
export function nearestEmotion(place: Place, emotions: readonly Emotion[]): EmotionKey {
  let best = emotions[0]!;
  for (const emotion of emotions)
    if (nearness(place, emotion, 0.5) > nearness(place, best, 0.5)) best = emotion;
  return best.key;
}

/**
 * Listeners with planted tastes: two or three genres, one or two moods they come back to and a few artists they
 * follow; well-known songs reach everybody a little more easily. Songs are drawn without replacement in proportion
 * to how well they fit (Gumbel top-k, Vieira 2014).
 */
export function plantListeners(songs: readonly SongPlan[], random: Random): DemoListener[] {
  const artists = [...new Set(songs.map((song) => song.artist))];
  return Array.from({ length: DEMO_LISTENERS }, (_, i) => {
    const liked = random.shuffle(GENRES.map((_, g) => g)).slice(0, 2 + random.integer(2));
    const genreWeight = new Map(liked.map((g, rank) => [GENRES[g]!, 2.6 - 0.5 * rank]));
    const moods: Place[] = Array.from({ length: 1 + random.integer(2) }, () => {
      const song = songs[random.integer(songs.length)]!;
      return { valence: song.valence, arousal: song.arousal };
    });
    const favourites = new Set<DemoArtist>();
    const reachable = artists.filter((artist) => genreWeight.has(artist.genre));
    for (let n = 3 + random.integer(3); n > 0; n--)
      favourites.add(reachable[random.integer(reachable.length)]!);
    const score = (song: SongPlan) =>
      (genreWeight.get(song.artist.genre) ?? 0) +
      3 * Math.max(...moods.map((mood) => nearness(mood, song, 0.4))) +
      (favourites.has(song.artist) ? 2 : 0) +
      0.9 * song.fame;
    const scored = songs.map((song) => ({
      id: song.id,
      score: score(song) - Math.log(-Math.log(random.next() + 1e-12)),
    }));
    scored.sort((a, b) => b.score - a.score);
    const count = 12 + Math.floor(29 * random.next() ** 1.4);
    const name = `${NAMES[i % NAMES.length]}${i < NAMES.length ? '' : ' the Second'} (demo)`;
    return {
      id: `demo:${i + 1}`,
      name,
      songIds: scored
        .slice(0, count)
        .map((s) => s.id)
        .sort(),
    };
  });
}

/**
 * Votes on about a third of the songs by three to eight listeners each, spread over all emotions. Most voters hear
 * the planted emotion, some a neighbouring one, a few anything.
 */
export function plantVotes(
  songs: readonly SongPlan[],
  emotions: readonly Emotion[],
  random: Random,
): DemoVote[] {
  const votes: DemoVote[] = [];
  for (const emotion of emotions) {
    const own = songs.filter((song) => nearestEmotion(song, emotions) === emotion.key);
    const voted = random.shuffle([...own]).slice(0, Math.round(own.length * VOTED_SHARE));
    for (const song of voted) {
      const voters = random
        .shuffle(Array.from({ length: DEMO_LISTENERS }, (_, n) => n + 1))
        .slice(0, 3 + random.integer(6));
      for (const voter of voters) {
        votes.push({
          songId: song.id,
          identity: `demo:${voter}`,
          emotion: hear(song, emotion.key, emotions, random),
        });
      }
    }
  }
  return votes;
}

function hear(song: Place, planted: EmotionKey, emotions: readonly Emotion[], random: Random): EmotionKey {
  const kind = random.next();
  if (kind < PLANTED || emotions.length < 2) return planted;
  if (kind > 1 - NONSENSE) return emotions[random.integer(emotions.length)]!.key;
  const others = emotions.filter((emotion) => emotion.key !== planted);
  const weights = others.map((emotion) => nearness(song, emotion, 0.32) + 1e-9);
  let left = random.next() * weights.reduce((sum, w) => sum + w, 0);
  for (let i = 0; i < others.length; i++) {
    left -= weights[i]!;
    if (left < 0) return others[i]!.key;
  }
  return others.at(-1)!.key;
}

/** ❤️ from voters who have the song among theirs, and from a few who discover it. */
export function plantLikes(
  votes: readonly DemoVote[],
  listeners: readonly DemoListener[],
  random: Random,
): DemoLike[] {
  const has = new Map(listeners.map((listener) => [listener.id, new Set(listener.songIds)]));
  const likes = new Map<string, DemoLike>();
  for (const { songId, identity } of votes) {
    if (has.get(identity)?.has(songId) || random.next() < 0.04)
      likes.set(`${identity} ${songId}`, { songId, identity });
  }
  return [...likes.values()];
}
