import type { PushFailure, SpotifyPause } from '../domain/spotify.ts';
import { StoreError } from '../store/store.ts';
import { ComeBack, PushFailed } from './carry-out.ts';
import { SpotifyError } from './problem.ts';

/** What follows from an attempt that did not come to the end. */
export type Setback =
  /** Nothing is wrong. */
  | { readonly kind: 'come-back'; readonly afterMs: number }
  | {
      readonly kind: 'wait';
      readonly afterMs: number;
      readonly why: SpotifyPause['why'] | 'unavailable';
      readonly attempts: number;
    }
  | { readonly kind: 'failed'; readonly failure: PushFailure };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** After the first, second … attempt in vain; the last one again and again. */
const PAUSES = [
  2 * SECOND,
  10 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  60 * MINUTE,
] as const;
/** About a day of Spotify's being out of order. */
const MOST_ATTEMPTS = 30;
/** After the end of a pause, so that nobody is there a moment too early. */
const MARGIN_MS = 250;

/** @param attempts in vain so far */
export function setbackOf(error: unknown, attempts: number): Setback {
  if (error instanceof ComeBack) return { kind: 'come-back', afterMs: error.afterMs };
  if (error instanceof PushFailed) return { kind: 'failed', failure: error.failure };
  // A full disk is emptied again; the push is where it was.
  if (error instanceof StoreError) return unavailable(attempts);
  // A mistake of ours: trying again would make it again.
  if (!(error instanceof SpotifyError)) return { kind: 'failed', failure: 'refused' };
  const { problem } = error;
  switch (problem.kind) {
    case 'limited':
    case 'quota':
      return { kind: 'wait', afterMs: problem.retryAfterMs + MARGIN_MS, why: problem.kind, attempts };
    case 'unavailable':
    // The token was renewed and still not taken: one of Spotify's bad moments.
    case 'expired':
      return unavailable(attempts);
    case 'revoked':
      return { kind: 'failed', failure: 'link-ended' };
    case 'gone':
      return { kind: 'failed', failure: 'refused' };
    case 'unlinked':
    case 'not-allowed':
    case 'premium':
    case 'scope':
    case 'client':
    case 'refused':
      return { kind: 'failed', failure: problem.kind };
  }
}

function unavailable(attempts: number): Setback {
  if (attempts + 1 >= MOST_ATTEMPTS) return { kind: 'failed', failure: 'unavailable' };
  const afterMs = PAUSES[Math.min(attempts, PAUSES.length - 1)] as number;
  return { kind: 'wait', afterMs, why: 'unavailable', attempts: attempts + 1 };
}
