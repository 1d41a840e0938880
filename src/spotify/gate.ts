import type { Logger } from 'pino';
import type { SpotifyPause } from '../domain/spotify.ts';
import type { Store } from '../store/store.ts';
import type { Wait } from './pause.ts';
import { SpotifyError } from './problem.ts';
import { createSlots } from './slots.ts';
import type { WebApi } from './web-api.ts';
import { createCallWindow } from './window.ts';

/** Requests to Spotify at the same time. */
const AT_ONCE = 4;
/** `Retry-After: 0` is no pause, and asking again at once no manners. */
const SHORTEST_PAUSE_MS = 1000;

interface GateParts {
  readonly api: WebApi;
  readonly store: Pick<Store, 'spotifyPause' | 'saveSpotifyPause'>;
  readonly log: Logger;
  now(): number;
  readonly wait: Wait;
  /** Whoever waits for the window when the bot stops waits no longer. */
  readonly signal?: AbortSignal;
}

/**
 * The last pause that Spotify wanted, if there was one.
 * @throws SpotifyError while it is not over, with what is left of it
 */
export async function demandNoPause(
  store: Pick<Store, 'spotifyPause'>,
  now: number,
  asked: string,
): Promise<SpotifyPause | undefined> {
  const pause = await store.spotifyPause();
  const left = (pause?.until ?? 0) - now;
  if (pause === undefined || left <= 0) return pause;
  throw new SpotifyError(`${asked} (not sent)`, { kind: pause.why, retryAfterMs: left });
}

/**
 * The Web API, as all of the bot may use it. A pause that Spotify asks for is one for the whole app: it is stored,
 * and until it is over, also after a restart, nobody's request is sent; they fail with what is left of it. A few
 * requests are under way at a time, and their number within Spotify's window stays below what once was too many.
 */
export function createGate({ api, store, log, now, wait, signal }: GateParts): WebApi {
  const slots = createSlots(AT_ONCE);
  /** Where those stand in line who wait for the window. */
  const door = createSlots(1);
  const window = createCallWindow(now);
  let remembered = false;

  async function checkPause(asked: string): Promise<void> {
    const pause = await demandNoPause(store, now(), asked);
    if (!remembered && pause?.calls !== undefined) window.learned(pause.calls);
    remembered = true;
  }

  async function paused({ problem }: SpotifyError): Promise<void> {
    if (problem.kind !== 'limited' && problem.kind !== 'quota') return;
    const calls = problem.kind === 'limited' ? window.refused() : undefined;
    const until = now() + Math.max(SHORTEST_PAUSE_MS, problem.retryAfterMs);
    const before = await store.spotifyPause();
    // Of requests that were under way together each may be refused; the longest pause counts.
    if (before !== undefined && before.until >= until) return;
    const learned = calls ?? before?.calls;
    const pause: SpotifyPause = {
      until,
      why: problem.kind,
      ...(learned !== undefined && { calls: learned }),
    };
    log.warn({ why: pause.why, until: new Date(until).toISOString(), calls }, 'Spotify wants a pause');
    await store.saveSpotifyPause(pause);
  }

  async function roomInWindow(asked: string): Promise<void> {
    for (;;) {
      await checkPause(asked);
      const ms = window.take();
      if (ms === 0) return;
      await wait(ms, signal);
      if (signal?.aborted)
        throw new SpotifyError(`${asked} (not sent)`, { kind: 'unavailable', maybeDone: false });
    }
  }

  async function pass<T>(asked: string, send: () => Promise<T>, patient = true): Promise<T> {
    // Somebody in front of a browser does not wait for the window; Spotify still says if it was too much.
    if (patient) await door.run(() => roomInWindow(asked));
    else window.take(true);
    return slots.run(async () => {
      await checkPause(asked);
      try {
        return await send();
      } catch (error) {
        if (error instanceof SpotifyError) await paused(error);
        throw error;
      }
    });
  }

  return {
    me: (...given) => pass('GET /v1/me', () => api.me(...given), false),
    createPlaylist: (...given) => pass('POST /v1/me/playlists', () => api.createPlaylist(...given)),
    changeDetails: (...given) => pass('PUT /v1/playlists/{id}', () => api.changeDetails(...given)),
    uploadCover: (...given) => pass('PUT /v1/playlists/{id}/images', () => api.uploadCover(...given)),
    playlistItems: (...given) => pass('GET /v1/playlists/{id}/items', () => api.playlistItems(...given)),
    addItems: (...given) => pass('POST /v1/playlists/{id}/items', () => api.addItems(...given)),
    replaceItems: (...given) => pass('PUT /v1/playlists/{id}/items', () => api.replaceItems(...given)),
    myPlaylists: (...given) => pass('GET /v1/me/playlists', () => api.myPlaylists(...given)),
    searchTracks: (...given) => pass('GET /v1/search', () => api.searchTracks(...given)),
    savedTracks: (...given) => pass('GET /v1/me/tracks', () => api.savedTracks(...given)),
    topTracks: (...given) => pass('GET /v1/me/top/tracks', () => api.topTracks(...given)),
  };
}
