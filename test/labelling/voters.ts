import type { ReactionFact } from '../../src/domain/post.ts';
import type { Store } from '../../src/store/store.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A reaction under a snippet of the song in the room. */
export function vote(who: string, songId: string, emotion: string, at: number, present = true): ReactionFact {
  return {
    postId: `room:main/main/${songId}`,
    songId,
    identity: `room:${who}`,
    meaning: { kind: 'emotion', emotion },
    present,
    at,
  };
}

/** Eight people who have voted under a snippet each day for twenty days, the last of them the day before `now`. */
export async function settle(store: Store, now: number, songs: readonly string[]): Promise<void> {
  const facts: ReactionFact[] = [];
  for (let day = 20; day >= 1; day--) {
    for (let n = 0; n < 8; n++) {
      const fact = vote(`regular${n}`, songs[day % songs.length], 'calm', now - day * DAY + n * MINUTE);
      facts.push({ ...fact, postId: `room:main/main/day-${day}` });
    }
  }
  await store.setReactions(facts);
}

/** New people, `rush0`, `rush1` …, who all say the same of a song within so many minutes, until `until`. */
export async function rush(
  store: Store,
  songId: string,
  until: number,
  { members = 6, minutes = 20, emotions = ['angry'], name = 'rush' } = {},
): Promise<void> {
  const step = (minutes * MINUTE) / Math.max(1, members - 1);
  await store.setReactions(
    Array.from({ length: members }, (_, n) =>
      emotions.map((emotion) => vote(`${name}${n}`, songId, emotion, until - n * step)),
    ).flat(),
  );
}
