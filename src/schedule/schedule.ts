import { schedule } from 'node-cron';
import type { Logger } from 'pino';
import type { Community } from '../domain/member.ts';
import type { Store } from '../store/store.ts';
import { dueIn } from './calendar.ts';

/** Communities looked at before other work has its turn. */
const COMMUNITIES_AT_ONCE = 200;
const breathe = () => new Promise((resolve) => setImmediate(resolve));

interface ScheduleParts {
  readonly store: Pick<Store, 'communities'>;
  readonly log: Logger;
  onSnippetDue(community: Community): Promise<void>;
  onTrainingDue(community: Community): Promise<void>;
  /** Once an hour. */
  onHour?(): Promise<unknown>;
}

/** Looks at every community's settings once a minute and starts what is due. */
export interface Schedule {
  start(): void;
  stop(): Promise<void>;
  /** What the clock calls; `moment` is anywhere within the minute in question. */
  tick(moment: Date): Promise<void>;
}

/**
 * Settings are read afresh at every tick, so a change counts at once and nothing has to be rescheduled; node-cron
 * does the calendar and the time zones.
 */
export function createSchedule({ store, log, onSnippetDue, onTrainingDue, onHour }: ScheduleParts): Schedule {
  let clock: ReturnType<typeof schedule> | undefined;
  let lastMinute = '';

  /** Ticks whose tasks are not done: posting to thousands of places takes longer than a minute. */
  const underWay = new Set<Promise<void>>();

  /** One failing task keeps no other from running. */
  async function attempt(task: () => Promise<unknown>, of: object): Promise<void> {
    try {
      await task();
    } catch (err) {
      log.error({ err, ...of }, 'a scheduled task failed');
    }
  }

  async function startDue(minute: Date): Promise<void> {
    const due = dueIn(minute);
    const tasks: Promise<void>[] = [];
    if (onHour && minute.getUTCMinutes() === 0) tasks.push(attempt(onHour, { task: 'hourly' }));
    const communities = (await store.communities()).filter(({ leftAt }) => leftAt === undefined);
    for (const [index, community] of communities.entries()) {
      if (index % COMMUNITIES_AT_ONCE === COMMUNITIES_AT_ONCE - 1) await breathe();
      const of = { community: community.id };
      if (due.snippet(community)) tasks.push(attempt(() => onSnippetDue(community), of));
      if (due.training(community)) tasks.push(attempt(() => onTrainingDue(community), of));
    }
    await Promise.all(tasks);
  }

  async function tick(moment: Date): Promise<void> {
    const minute = new Date(Math.floor(moment.getTime() / 60_000) * 60_000);
    // A clock that is set back, or a late tick, must not post twice.
    if (minute.toISOString() <= lastMinute) return;
    lastMinute = minute.toISOString();
    const done = attempt(() => startDue(minute), { minute: lastMinute });
    underWay.add(done);
    await done;
    underWay.delete(done);
  }

  return {
    tick,
    start() {
      // Not waited for: the next minute has its own tasks, however long these take.
      clock ??= schedule('* * * * *', (context) => void tick(context.date), {
        name: 'reactune',
        // Minutes lost to a sleeping laptop are not made up for: nobody wants six snippets at once.
        suppressMissedWarning: true,
        logger: {
          info: (message) => log.debug(message),
          warn: (message) => log.warn(message),
          error: (message, err) => log.error({ err: err ?? message }, 'the schedule failed'),
          debug: (message) => log.debug(String(message)),
        },
      });
    },
    async stop() {
      await clock?.destroy();
      clock = undefined;
      await Promise.allSettled(underWay);
    },
  };
}
