import type { Logger } from 'pino';
import type { StoredPush } from '../domain/spotify.ts';
import type { Store } from '../store/store.ts';
import type { Wait } from './pause.ts';
import { SpotifyError } from './problem.ts';
import { changePush } from './record.ts';
import type { Tokens } from './spotify.ts';
import type { WebApi } from './web-api.ts';

export interface DressUpParts {
  readonly store: Pick<Store, 'push' | 'savePush'>;
  readonly api: Pick<WebApi, 'uploadCover'>;
  readonly tokens: Tokens;
  /** A JPEG; undefined where there is nothing to draw. */
  cover(push: StoredPush): Promise<Uint8Array | undefined>;
  readonly log: Logger;
  now(): number;
  readonly wait: Wait;
}

/** A cover is worth waiting so long for. */
const PATIENCE_MS = 5 * 60_000;

/**
 * Gives a playlist that has its songs its cover, and ends the push. A cover is a nicety: it is tried twice, and a
 * playlist without it is a playlist.
 * @param signal the bot stops: the push stays as it is, and is taken up again
 * @throws PushGone, StoreError
 */
export async function dressUp(parts: DressUpParts, push: StoredPush, signal: AbortSignal): Promise<void> {
  const { store, log, now } = parts;
  try {
    await putOn(parts, push, signal);
  } catch (err) {
    if (signal.aborted) return;
    log.warn({ err, push: push.id }, 'a playlist in Spotify got no cover');
  }
  if (!signal.aborted) await changePush(store, push.id, { endedAt: now(), attempts: undefined });
}

async function putOn(
  { api, tokens, cover, wait }: DressUpParts,
  push: StoredPush,
  signal: AbortSignal,
): Promise<void> {
  const { into } = push;
  const jpeg = await cover(push);
  if (into === undefined || jpeg === undefined) return;
  const upload = () => tokens.use(push.owner, (token) => api.uploadCover(token, into.id, jpeg));
  try {
    await upload();
  } catch (error) {
    const pause = error instanceof SpotifyError ? pauseAfter(error) : undefined;
    if (pause === undefined || pause > PATIENCE_MS) throw error;
    await wait(pause, signal);
    if (!signal.aborted) await upload();
  }
}

function pauseAfter({ problem }: SpotifyError): number | undefined {
  if (problem.kind === 'unavailable') return 0;
  return problem.kind === 'limited' || problem.kind === 'quota' ? problem.retryAfterMs : undefined;
}
