import { songsOf } from '../interactions.ts';
import type { Random } from '../random.ts';
import type { Interactions, Tastes } from '../recommender.ts';
import type { GanConfig } from './config.ts';

/** For how many random songs a put-away one counts: this one is certainly not the listener's. */
export const PUT_AWAY_WEIGHT = 4;
/** Part of the places for songs of the catalogue that may go to put-away ones. */
const MOST_PLACES = 1 / 8;
/** One listener's put-away songs in one step: what is learned should not be from those who put much away alone. */
const MOST_OF_ONE = 3;

/**
 * The songs that a listener put away and does not like, ascending.
 * @throws RangeError when the put-away songs are those of other listeners or of another catalogue
 */
export function certainlyNot({ interactions, putAway }: Required<Tastes>): readonly Int32Array[] {
  const same = (of: keyof Interactions) => interactions[of] === putAway[of];
  if (!same('listenerCount') || !same('songCount')) {
    throw new RangeError(
      `${putAway.listenerCount} listeners put away some of ${putAway.songCount} songs, ` +
        `but ${interactions.listenerCount} like some of ${interactions.songCount}`,
    );
  }
  return Array.from({ length: interactions.listenerCount }, (_, listener) => {
    const own = new Set(songsOf(interactions, listener));
    return songsOf(putAway, listener).filter((song) => !own.has(song));
  });
}

/** Places of a step that go to put-away songs: the first ones. */
interface Fed {
  /** The song of each. */
  readonly songs: readonly number[];
  /** As in a batch: R × mismatched. */
  readonly counts: Float32Array;
}

/**
 * Gives places among a step's songs of the catalogue to songs that its listeners put away: to one of each listener in
 * turn, while there are places. For who put it away such a song counts for {@link PUT_AWAY_WEIGHT} random ones. For the
 * others it does not count: it is no fair draw from the catalogue, and may well be what they like. The other songs stand
 * for the catalogue as before, each for a little more of it.
 *
 * @returns changes `standsFor` (B × mismatched) of a step with these listeners; undefined, and no change, where none of
 * them put anything away
 * @throws RangeError when the put-away songs are those of other listeners
 */
export function createFeedback(
  tastes: Required<Tastes>,
  { targets, mismatched }: Pick<GanConfig, 'targets' | 'mismatched'>,
  random: Random,
): (listeners: Int32Array, standsFor: Float32Array) => Fed | undefined {
  const away = certainlyNot(tastes);
  const most = Math.max(1, Math.floor(MOST_PLACES * mismatched));
  const certain = (PUT_AWAY_WEIGHT * tastes.interactions.songCount) / mismatched;

  /** Songs with who of these listeners put them away. */
  function choose(listeners: Int32Array): Map<number, Set<number>> {
    // Who is drawn twice for a step has places once.
    const some = random.shuffle([...new Set(listeners)].filter((listener) => away[listener]!.length > 0));
    const queues = some.map((listener) => random.shuffle(away[listener]!.slice()));
    const places = new Map<number, Set<number>>();
    for (let turn = 0; turn < MOST_OF_ONE; turn++) {
      some.forEach((listener, at) => {
        const song = queues[at]![turn];
        if (song === undefined || (!places.has(song) && places.size === most)) return;
        places.set(song, (places.get(song) ?? new Set()).add(listener));
      });
    }
    return places;
  }

  return (listeners, standsFor) => {
    const places = choose(listeners);
    if (places.size === 0) return undefined;
    const rest = mismatched / Math.max(1, mismatched - places.size);
    for (let at = 0; at < standsFor.length; at++) standsFor[at] *= rest;
    const counts = new Float32Array(listeners.length * targets * mismatched).fill(rest);
    const songs = [...places.keys()];
    listeners.forEach((listener, b) => {
      songs.forEach((song, place) => {
        const theirs = places.get(song)!.has(listener);
        standsFor[b * mismatched + place] = theirs ? certain : 0;
        for (let t = 0; t < targets; t++) {
          counts[(b * targets + t) * mismatched + place] = theirs ? PUT_AWAY_WEIGHT : 0;
        }
      });
    });
    return { songs, counts };
  };
}
