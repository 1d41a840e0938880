import type { Payload } from './world.ts';

export type EnvelopeKind = 'events_api' | 'slash_commands' | 'interactive';

/** One thing on its way to the app, the same over either transport. */
export interface Envelope {
  readonly id: string;
  readonly kind: EnvelopeKind;
  readonly payload: Payload;
  readonly retryAttempt: number;
  readonly retryReason: string;
}

/** How the app took it. `answer` is what came with the acknowledgement. */
export type Outcome =
  | { readonly acknowledged: true; readonly answer: Payload }
  | { readonly acknowledged: false; readonly reason: string };

/** A way to the app. `settle` is called once; not at all if the app never answers. */
export interface Transport {
  send(envelope: Envelope, settle: (outcome: Outcome) => void): void;
}
