import { schedule } from 'node-cron';
import type { Logger } from 'pino';
import type { Community } from '../domain/member.ts';
import type { Store } from '../store/store.ts';
import { snippetDue, trainingDue } from './calendar.ts';

interface ScheduleParts {
  readonly store: Pick<Store, 'communities'>;
  readonly log: Logger;
  onSnippetDue(community: Community): Promise<void>;
  onTrainingDue(community: Community): Promise<void>;
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
export function createSchedule({ store, log, onSnippetDue, onTrainingDue }: ScheduleParts): Schedule {
  let clock: ReturnType<typeof schedule> | undefined;
  let lastMinute = '';

  async function startDue(community: Community, minute: Date): Promise<void> {
    if (snippetDue(community, minute)) await onSnippetDue(community);
    if (trainingDue(community, minute)) await onTrainingDue(community);
  }

  async function tick(moment: Date): Promise<void> {
    const minute = new Date(Math.floor(moment.getTime() / 60_000) * 60_000);
    // A clock that is set back, or a late tick, must not post twice.
    if (minute.toISOString() <= lastMinute) return;
    lastMinute = minute.toISOString();
    const communities = (await store.communities()).filter(({ leftAt }) => leftAt === undefined);
    const outcomes = await Promise.allSettled(communities.map((community) => startDue(community, minute)));
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') {
        log.error({ err: outcome.reason, community: communities[i].id }, 'a scheduled task failed');
      }
    }
  }

  return {
    tick,
    start() {
      clock ??= schedule('* * * * *', (context) => tick(context.date), {
        name: 'reactune',
        noOverlap: true,
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
    },
  };
}
