import { schedule } from 'node-cron';
import type { Logger } from 'pino';
import type { Community } from '../domain/member.ts';
import type { Store } from '../store/store.ts';
import { dueIn } from './calendar.ts';

/** Communities looked at before other work has its turn. */
const COMMUNITIES_AT_ONCE = 200;
/**
 * Snippets posted at the same time. Chat services let a bot do so much a second (Discord 50 requests, and four
 * reactions on a message): with this many it is never so busy that a member waits for an answer.
 */
const SNIPPETS_AT_ONCE = 10;
/** What is under way when the bot stops may take so long to end well. */
const STOP_MS = 2_000;
const DAY_MS = 86_400_000;
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
  /** Starts nothing more, and waits a moment for what is under way. */
  stop(): Promise<void>;
  /** What the clock calls; `moment` is anywhere within the minute in question. */
  tick(moment: Date): Promise<void>;
}

/** So many tasks at once, in order of arrival; what still waits when it is closed is dropped. */
function createQueue(atOnce: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  let closed = false;
  return {
    async run(task: () => Promise<void>): Promise<void> {
      if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
      running++;
      try {
        if (!closed) await task();
      } finally {
        running--;
        waiting.shift()?.();
      }
    },
    close() {
      closed = true;
    },
  };
}

/**
 * Settings are read afresh at every tick, so a change counts at once and nothing has to be rescheduled; node-cron
 * does the calendar and the time zones.
 */
export function createSchedule({ store, log, onSnippetDue, onTrainingDue, onHour }: ScheduleParts): Schedule {
  let clock: ReturnType<typeof schedule> | undefined;
  let lastMinute = Number.NEGATIVE_INFINITY;

  /** Ticks whose tasks are not done: posting to thousands of places takes longer than a minute. */
  const underWay = new Set<Promise<void>>();

  const snippets = createQueue(SNIPPETS_AT_ONCE);

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
      if (due.snippet(community)) tasks.push(attempt(() => snippets.run(() => onSnippetDue(community)), of));
      if (due.training(community)) tasks.push(attempt(() => onTrainingDue(community), of));
    }
    await Promise.all(tasks);
  }

  async function tick(moment: Date): Promise<void> {
    const minute = new Date(Math.floor(moment.getTime() / 60_000) * 60_000);
    // A clock that is set back, or a late tick, must not post twice. One that was days ahead is simply right now.
    const back = lastMinute - minute.getTime();
    if (back >= 0 && back < DAY_MS) return;
    lastMinute = minute.getTime();
    const done = attempt(() => startDue(minute), { minute: minute.toISOString() });
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
      snippets.close();
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise((resolve) => {
        timer = setTimeout(resolve, STOP_MS);
      });
      await Promise.race([Promise.allSettled(underWay), patience]);
      clearTimeout(timer);
    },
  };
}
