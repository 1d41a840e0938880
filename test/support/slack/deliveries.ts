import type { Envelope, EnvelopeKind, Outcome, Transport } from './envelope.ts';
import { eventCallback, receiverOf } from './events.ts';
import type { Payload, Team, World, WorldEvent } from './world.ts';

/** How long an app may take to acknowledge. */
export const ACKNOWLEDGE_WITHIN_MS = 3000;

/** After a failure Slack tries again at once, after a minute and after five. */
const RETRY_AFTER_MS = [0, 60_000, 300_000];

export interface Attempt {
  readonly at: number;
  acknowledgedAt: number | undefined;
  failed: string | undefined;
}

/** One event or interaction and what became of it. */
export interface Delivery {
  readonly kind: EnvelopeKind;
  /** The name of the event, or the type of the interaction. */
  readonly name: string;
  readonly payload: Payload;
  readonly attempts: Attempt[];
  state: 'under way' | 'acknowledged' | 'lost';
  answer: Payload | undefined;
}

/** How an interaction ended for the person who waits in front of the screen. */
export interface Interacted {
  /** Undefined: in time. `operation_timeout` and `dispatch_failed` are what Slack shows. */
  readonly failure: 'operation_timeout' | 'dispatch_failed' | undefined;
  readonly acknowledgedAfterMs: number;
  readonly answer: Payload;
}

/** Brings events and interactions to the app, and events again until they are acknowledged. */
export class Deliveries {
  /** The latest, oldest first. */
  readonly log: Delivery[] = [];
  /** How many events were acknowledged, and how many attempts that took. */
  acknowledged = 0;
  attempts = 0;
  /** False holds back the retries, for tests that look at one attempt only. */
  retries = true;
  /** Workspaces of which the app is not told everything, as after 30,000 events in an hour. */
  readonly heldBack = new Set<Team>();
  private readonly world: World;
  private readonly transport: () => Transport;
  private readonly keep: number;
  private soon = 0;
  private later = 0;
  private readonly open = new Set<{ delivery: Delivery; giveUp: () => void }>();

  constructor(world: World, transport: () => Transport, keep: number) {
    this.world = world;
    this.transport = transport;
    this.keep = keep;
  }

  /** Sends what happened to the app, if it is subscribed to it and may see it. */
  publish(event: WorldEvent): Delivery | undefined {
    const receiver = receiverOf(this.world, event);
    if (receiver === undefined || this.heldBack.has(receiver.team)) return undefined;
    const payload = eventCallback(this.world, event, receiver);
    const delivery = this.record('events_api', event.name, payload);
    this.attempt(delivery, '');
    return delivery;
  }

  /** Tells the app that it is not told everything: what stands in place of an event's outer payload. */
  tellOfLimit(team: Team): void {
    const { app, clock } = this.world;
    const payload = {
      token: app.verificationToken,
      type: 'app_rate_limited',
      team_id: team.id,
      minute_rate_limited: Math.floor(clock.now() / 60_000) * 60,
      api_app_id: app.id,
    };
    this.attempt(this.record('events_api', 'app_rate_limited', payload), '');
  }

  /** The same event once more, as after a lost acknowledgement. */
  redeliver(delivery: Delivery, reason = 'timeout'): void {
    this.attempt(delivery, reason);
  }

  /** Sends an interaction and waits for the acknowledgement, as the person does. */
  interact(kind: 'slash_commands' | 'interactive', name: string, payload: Payload): Promise<Interacted> {
    const { clock } = this.world;
    const began = clock.now();
    return new Promise((resolve) => {
      const delivery = this.record(kind, name, payload);
      const end = (failure: Interacted['failure'], answer: Payload = {}) => {
        cancel();
        resolve({ failure, acknowledgedAfterMs: clock.now() - began, answer });
        this.world.wake();
      };
      const cancel = clock.after(ACKNOWLEDGE_WITHIN_MS, () => end('operation_timeout'), { real: true });
      this.send(delivery, '', (outcome) => {
        if (outcome.acknowledged)
          end(clock.now() - began > ACKNOWLEDGE_WITHIN_MS ? 'operation_timeout' : undefined, outcome.answer);
        else end('dispatch_failed');
      });
    });
  }

  /** Everything that is not acknowledged counts as not arrived now: what three seconds of silence mean to Slack. */
  timeOut(): void {
    for (const { giveUp } of [...this.open]) giveUp();
  }

  /** Events that are neither acknowledged nor given up. */
  get underWay(): number {
    return this.open.size;
  }

  /** Events that failed and wait a minute or five for their next chance. */
  get waiting(): number {
    return this.later;
  }

  /** Waits until no event is under way. Those that wait for a later retry are not. */
  settled(patienceMs?: number): Promise<unknown> {
    return this.world.until(
      () => this.open.size + this.soon === 0,
      'all events to be acknowledged',
      patienceMs,
    );
  }

  private record(kind: EnvelopeKind, name: string, payload: Payload): Delivery {
    const delivery: Delivery = { kind, name, payload, attempts: [], state: 'under way', answer: undefined };
    this.log.push(delivery);
    // Dropped in bulk, so that a benchmark's millions of events cost nothing here.
    if (this.log.length > this.keep * 2) this.log.splice(0, this.log.length - this.keep);
    return delivery;
  }

  private send(delivery: Delivery, retryReason: string, settle: (outcome: Outcome) => void): void {
    const { clock, ids } = this.world;
    const attempt: Attempt = { at: clock.now(), acknowledgedAt: undefined, failed: undefined };
    delivery.attempts.push(attempt);
    this.attempts += 1;
    const envelope: Envelope = {
      id: ids.word(),
      kind: delivery.kind,
      payload: delivery.payload,
      retryAttempt: delivery.attempts.length - 1,
      retryReason,
    };
    let over = false;
    this.transport().send(envelope, (outcome) => {
      if (over) return;
      over = true;
      if (outcome.acknowledged) {
        attempt.acknowledgedAt = clock.now();
        delivery.state = 'acknowledged';
        delivery.answer = outcome.answer;
      } else attempt.failed = outcome.reason;
      settle(outcome);
    });
  }

  private attempt(delivery: Delivery, retryReason: string): void {
    let over = false;
    const entry = { delivery, giveUp: () => this.fail(delivery, 'timeout', finish) };
    const callOff = this.world.clock.after(ACKNOWLEDGE_WITHIN_MS, entry.giveUp);
    const finish = () => {
      if (over) return false;
      over = true;
      callOff();
      this.open.delete(entry);
      return true;
    };
    this.open.add(entry);
    this.send(delivery, retryReason, (outcome) => {
      if (!outcome.acknowledged) {
        this.fail(delivery, outcome.reason, finish);
        return;
      }
      // An acknowledgement that comes late still ends the retries.
      if (finish()) this.acknowledged += 1;
      if (this.open.size === 0) this.world.wake();
    });
  }

  private fail(delivery: Delivery, reason: string, finish: () => boolean): void {
    if (!finish()) return;
    const attempt = delivery.attempts.at(-1);
    if (attempt !== undefined) attempt.failed = reason;
    const wait = this.retries ? RETRY_AFTER_MS[delivery.attempts.length - 1] : undefined;
    if (wait === undefined) {
      if (delivery.state === 'under way') delivery.state = 'lost';
      this.world.wake();
      return;
    }
    if (wait === 0) {
      this.soon += 1;
      queueMicrotask(() => {
        this.soon -= 1;
        this.again(delivery, reason);
      });
    } else {
      this.later += 1;
      this.world.clock.after(wait, () => {
        this.later -= 1;
        this.again(delivery, reason);
      });
    }
    this.world.wake();
  }

  private again(delivery: Delivery, reason: string): void {
    // An acknowledgement may have come too late for the clock, but before the retry.
    if (delivery.state === 'under way') this.attempt(delivery, reason);
  }
}
