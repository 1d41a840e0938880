import { createTask } from 'node-cron';
import type { Community } from '../domain/member.ts';
import { dailyAt, postingTimes } from './posting-times.ts';

type Rule = ReturnType<typeof createTask>;

/** Compiling a rule takes a millisecond, and thousands of communities share a few: kept, up to a bound. */
const MOST_KEPT = 2_000;
const compiled = new Map<string, Rule | undefined>();
const clocks = new Map<string, Intl.DateTimeFormat | undefined>();

function kept<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key);
  if (known !== undefined || cache.has(key)) return known as T;
  if (cache.size >= MOST_KEPT) cache.clear();
  const made = make();
  cache.set(key, made);
  return made;
}

/** The clock of a time zone; undefined when there is no such zone. */
function clockOf(timeZone: string): Intl.DateTimeFormat | undefined {
  return kept(clocks, timeZone, () => {
    try {
      return new Intl.DateTimeFormat('en', {
        timeZone,
        hourCycle: 'h23',
        hour: 'numeric',
        minute: 'numeric',
      });
    } catch {
      return undefined;
    }
  });
}

/** A cron expression as seen from a time zone; undefined (and so never due) when either is not valid. */
function rule(expression: string, timezone: string): Rule | undefined {
  return kept(compiled, `${timezone} ${expression}`, () => {
    // `createTask` accepts any time zone and fails only when it is used.
    if (!clockOf(timezone)) return undefined;
    try {
      return createTask(expression, () => undefined, { timezone });
    } catch {
      return undefined;
    }
  });
}

function nextRun(expression: string, timezone: string): number | undefined {
  return rule(expression, timezone)?.getNextRuns(1)[0]?.getTime();
}

/** What is due in one minute. */
export interface DueMinute {
  snippet(community: Community): boolean;
  training(community: Community): boolean;
}

/**
 * @param at when the minute begins
 * @returns answers for any number of communities: a rule in a time zone is worked out once, however many share it
 */
export function dueIn(at: Date): DueMinute {
  const rules = new Map<string, boolean>();
  const minutes = new Map<string, number | undefined>();

  function isDue(expression: string, timezone: string): boolean {
    return kept(rules, `${timezone} ${expression}`, () => rule(expression, timezone)?.match(at) ?? false);
  }

  /** Minute of the local day. */
  function localMinute(timezone: string): number | undefined {
    return kept(minutes, timezone, () => minuteIn(timezone, at));
  }

  return {
    snippet({ settings }) {
      const minute = localMinute(settings.timeZone);
      // Almost always no: the rule, which knows that an hour set back comes twice, is asked only when the clock fits.
      if (minute === undefined || !postingTimes(settings).includes(minute)) return false;
      return isDue(dailyAt(minute), settings.timeZone);
    },
    training: ({ settings }) =>
      settings.trainingSchedule !== '' && isDue(settings.trainingSchedule, settings.timeZone),
  };
}

/** Minute of the local day, 0..1439. */
function minuteIn(timeZone: string, at: Date): number | undefined {
  const parts = clockOf(timeZone)?.formatToParts(at);
  const of = (type: string) => Number(parts?.find((part) => part.type === type)?.value);
  return parts && of('hour') * 60 + of('minute');
}

/** When the next scheduled snippet of a community is due (ms since the epoch); undefined when switched off. */
export function nextSnippetAt({ settings }: Community): number | undefined {
  const times = postingTimes(settings).map((minute) => nextRun(dailyAt(minute), settings.timeZone));
  const due = times.filter((time) => time !== undefined);
  return due.length > 0 ? Math.min(...due) : undefined;
}

/** When the next scheduled training run of a community is due (ms since the epoch); undefined when switched off. */
export function nextTrainingAt({ settings }: Community): number | undefined {
  return settings.trainingSchedule ? nextRun(settings.trainingSchedule, settings.timeZone) : undefined;
}
