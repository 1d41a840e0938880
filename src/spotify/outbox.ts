import { setMaxListeners } from 'node:events';
import type { EmotionWish } from '../domain/member.ts';
import { type PushFailure, SHARED_ACCOUNT, type SpotifyOwner, type StoredPush } from '../domain/spotify.ts';
import type { Store } from '../store/store.ts';
import { type CarryOutParts, ComeBack, carryOut, findInLibrary } from './carry-out.ts';
import { type DressUpParts, dressUp } from './dress-up.ts';
import { demandNoPause } from './gate.ts';
import { SpotifyError } from './problem.ts';
import { type Pushes, type PushNews, type PushState, type PushWish, pushIdOf } from './pushes.ts';
import { changePush, PushGone } from './record.ts';
import { setbackOf } from './setback.ts';
import { createSlots } from './slots.ts';

/** Accounts served at the same time; within one, playlists arrive in the order in which they were asked for. */
const ACCOUNTS_AT_ONCE = 4;
const HOUR = 3_600_000;
const UNSAVED_MS = 60_000;
/** What is under way when the bot stops may take so long to end well; it is taken up again where it was. */
const STOP_MS = 2_000;
/** Where an earlier push with the same wish is looked for. */
const REMEMBERED = 20;

interface OutboxParts extends CarryOutParts, Omit<DressUpParts, 'store' | 'api'> {
  readonly store: CarryOutParts['store'] & Pick<Store, 'openPushes' | 'recentPushes' | 'spotifyPause'>;
  /** A push is over, and nobody saw it who watched: whoever asked for it is to be told. */
  onUnseen(news: PushNews): Promise<void>;
}

/** Carries pushes out until each has ended, through pauses, failures of Spotify's and restarts of the bot. */
export function createOutbox(given: OutboxParts): Pushes {
  const { store, log, now, wait } = given;
  const slots = createSlots(ACCOUNTS_AT_ONCE);
  const covers = createSlots(1);
  const stopping = new AbortController();
  // Every account that waits listens.
  setMaxListeners(0, stopping.signal);
  const parts: OutboxParts = {
    ...given,
    tokens: {
      ...given.tokens,
      async use(owner, run) {
        if (stopping.signal.aborted) throw new ComeBack(0);
        return given.tokens.use(owner, run);
      },
    },
  };
  /** Ids in order, by account. */
  const lanes = new Map<SpotifyOwner, string[]>();
  const waiting = new Map<string, Extract<PushState, { kind: 'waiting' }>>();
  const watchers = new Map<string, Set<(news: PushNews) => Promise<boolean>>>();
  const running = new Set<Promise<void>>();
  /** Those whose songs are in, and which get their cover. */
  const dressing = new Map<string, Promise<void>>();
  /** Wishes for the same push one after another, so that a double click is one. */
  const asking = new Map<string, Promise<unknown>>();

  function stateOf(push: StoredPush): PushState {
    if (push.failure !== undefined) return { kind: 'failed', failure: push.failure };
    // All songs are in: whether the cover is, nobody has to wait for.
    if (push.into !== undefined && push.filledAt !== undefined) return { kind: 'done', url: push.into.url };
    return waiting.get(push.id) ?? { kind: 'under-way' };
  }

  const newsOf = (push: StoredPush): PushNews => ({ push, state: stateOf(push) });

  function tell(push: StoredPush): void {
    const news = newsOf(push);
    const over = news.state.kind === 'done' || news.state.kind === 'failed';
    const watching = [...(watchers.get(push.id) ?? [])];
    if (over) watchers.delete(push.id);
    inBackground(
      Promise.all(watching.map((seen) => seen(news))).then(async (seen) => {
        if (over && !seen.includes(true)) await given.onUnseen(news);
      }),
    );
  }

  function inBackground(work: Promise<void>): void {
    const run = work
      .catch((err: unknown) => log.error({ err }, 'a push to Spotify could not go on'))
      .finally(() => running.delete(run));
    running.add(run);
  }

  function enqueue({ id, owner }: StoredPush): void {
    const lane = lanes.get(owner);
    if (lane?.includes(id) || dressing.has(id)) return;
    if (lane !== undefined) {
      lane.push(id);
      return;
    }
    const ids = [id];
    lanes.set(owner, ids);
    inBackground(serve(owner, ids));
  }

  async function serve(owner: SpotifyOwner, ids: string[]): Promise<void> {
    while (ids[0] !== undefined && !stopping.signal.aborted) {
      const id = ids[0];
      const pause = await slots.run(() => attempt(id));
      if (pause === undefined) ids.shift();
      else {
        await tellBehind(ids, pause);
        await wait(pause, stopping.signal);
      }
    }
    lanes.delete(owner);
  }

  /** Those behind one that waits wait as well, and are told. */
  async function tellBehind(ids: readonly string[], pause: number): Promise<void> {
    const [first, ...behind] = ids;
    const state = first === undefined ? undefined : waiting.get(first);
    if (state === undefined) return;
    for (const id of behind) {
      const push = await store.push(id);
      if (push === undefined) continue;
      waiting.set(id, { ...state, until: now() + pause });
      tell(push);
    }
  }

  /** Returns how long to wait before the next attempt; undefined when the push is over. */
  async function attempt(id: string): Promise<number | undefined> {
    if (stopping.signal.aborted) return undefined;
    waiting.delete(id);
    // Somebody who unlinked their account has ended what was on its way there, and knows.
    if ((await store.push(id))?.endedAt !== undefined) return undefined;
    try {
      // Here as well, or a token would be renewed for nothing.
      await demandNoPause(store, now(), 'a push');
      const push = await carryOut(parts, id);
      tell(push);
      dress(push);
      return undefined;
    } catch (error) {
      try {
        return await setBack(id, error);
      } catch (err) {
        if (err instanceof PushGone) return undefined;
        // The store itself does not write; nothing is lost by waiting until it does.
        log.error({ err, push: id }, 'how a push to Spotify stands could not be saved');
        return UNSAVED_MS;
      }
    }
  }

  /** One at a time, and after everybody's songs: nobody waits for a cover. */
  function dress(push: StoredPush): void {
    const work = covers
      .run(() => dressUp(parts, push, stopping.signal))
      .catch((error: unknown) => {
        if (!(error instanceof PushGone)) throw error;
      })
      .finally(() => dressing.delete(push.id));
    dressing.set(push.id, work);
    inBackground(work);
  }

  async function setBack(id: string, error: unknown): Promise<number | undefined> {
    // What was cut off by stopping stands in the store as it was.
    if (error instanceof PushGone || stopping.signal.aborted) return undefined;
    const before = await store.push(id);
    const setback = setbackOf(error, before?.attempts ?? 0);
    if (setback.kind === 'come-back') return setback.afterMs;
    if (setback.kind === 'failed') return giveUp(id, setback.failure, error);
    const { why, afterMs, attempts } = setback;
    log[why === 'unavailable' ? 'warn' : 'info'](
      { err: error, push: id, afterMs },
      'a push to Spotify waits',
    );
    const push = why === 'unavailable' ? await changePush(store, id, { attempts }) : before;
    if (push === undefined) return undefined;
    waiting.set(id, { kind: 'waiting', until: now() + afterMs, why });
    tell(push);
    return afterMs;
  }

  async function giveUp(id: string, failure: PushFailure, err: unknown): Promise<undefined> {
    const level = failure === 'refused' ? 'error' : 'warn';
    log[level]({ err, push: id, failure }, 'a push to Spotify was given up');
    tell(await changePush(store, id, { failure, endedAt: now() }));
    return undefined;
  }

  /** One after another for one push. */
  function alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    const run = (asking.get(id) ?? Promise.resolve()).then(work, work);
    asking.set(id, run);
    const forget = () => {
      if (asking.get(id) === run) asking.delete(id);
    };
    run.then(forget, forget);
    return run;
  }

  async function start(push: StoredPush): Promise<PushNews> {
    await store.savePush(push);
    enqueue(push);
    return newsOf(push);
  }

  async function push(wish: PushWish): Promise<PushNews> {
    const { playlist, owner, where, name, description, updates } = wish;
    const id = pushIdOf(playlist.id, owner === SHARED_ACCOUNT);
    const known = await store.push(id);
    if (known !== undefined && known.failure === undefined) {
      // Saved by a process that ended before it was taken up, perhaps.
      if (known.endedAt === undefined) enqueue(known);
      return newsOf(known);
    }
    if (known !== undefined) {
      // Tried again from where it stood: a playlist that may have been made is still looked for.
      const { failure: _, endedAt: __, attempts: ___, ...rest } = known;
      return start({ ...rest, where });
    }
    return start({
      id,
      memberId: playlist.memberId,
      owner,
      playlistId: playlist.id,
      where,
      name,
      description,
      songs: playlist.songs,
      askedAt: now(),
      ...(playlist.wish !== undefined && { wish: playlist.wish }),
      ...(updates !== undefined && { updates }),
    });
  }

  async function place(push: StoredPush) {
    try {
      const found = await findInLibrary(parts, push, ({ id }) => id === push.into?.id);
      return found === undefined ? 'removed' : 'there';
    } catch (error) {
      if (error instanceof SpotifyError) return 'unknown';
      throw error;
    }
  }

  async function again(pushId: string): Promise<PushNews | undefined> {
    // Its songs may be in, and its cover on the way.
    await dressing.get(pushId);
    const known = await store.push(pushId);
    if (known === undefined) return undefined;
    if (known.endedAt === undefined || known.failure !== undefined) return newsOf(known);
    if ((await place(known)) !== 'removed') return newsOf(known);
    const { id, memberId, owner, playlistId, where, name, description, songs, wish } = known;
    const fresh = { id, memberId, owner, playlistId, where, name, description, songs, askedAt: now() };
    return start({ ...fresh, ...(wish !== undefined && { wish }) });
  }

  return {
    push: (wish) => alone(pushIdOf(wish.playlist.id, wish.owner === SHARED_ACCOUNT), () => push(wish)),
    again: (pushId) => alone(pushId, () => again(pushId)),
    place,
    async news(playlistId, shared) {
      const push = await store.push(pushIdOf(playlistId, shared));
      return push && newsOf(push);
    },
    async recent(memberId, wish) {
      const pushes = await store.recentPushes(memberId, REMEMBERED);
      return pushes.find(
        (push) =>
          push.owner === memberId &&
          push.failure === undefined &&
          push.askedAt > now() - HOUR &&
          sameWish(push.wish, wish),
      );
    },
    watch(pushId, seen) {
      const watching = watchers.get(pushId) ?? new Set();
      watchers.set(pushId, watching.add(seen));
      return () => {
        watching.delete(seen);
        if (watching.size === 0 && watchers.get(pushId) === watching) watchers.delete(pushId);
      };
    },
    async resume() {
      for (const push of await store.openPushes()) enqueue(push);
    },
    async stop() {
      stopping.abort();
      const ended = (async () => {
        while (running.size > 0) await Promise.all(running);
      })();
      await Promise.race([ended, wait(STOP_MS)]);
    },
  };
}

function sameWish(one: EmotionWish | undefined, other: EmotionWish | undefined): boolean {
  // A pair is the same whichever of the two was said first.
  const pair = ({ from, and }: EmotionWish) => (and === undefined ? from : [from, and].sort().join());
  if (one === undefined || other === undefined) return one === other;
  return pair(one) === pair(other) && one.to === other.to;
}
