import { createTask } from 'node-cron';
import type { Community } from '../domain/member.ts';
import { dailyAt, postingTimes } from './posting-times.ts';

/** A cron expression as seen from a time zone; undefined (and so never due) when either is not valid. */
function rule(expression: string, timezone: string): ReturnType<typeof createTask> | undefined {
  try {
    // `createTask` accepts any time zone and fails only when it is used.
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return createTask(expression, () => undefined, { timezone });
  } catch {
    return undefined;
  }
}

function isDue(expression: string, timezone: string, at: Date): boolean {
  return rule(expression, timezone)?.match(at) ?? false;
}

function nextRun(expression: string, timezone: string): number | undefined {
  return rule(expression, timezone)?.getNextRuns(1)[0]?.getTime();
}

/** Whether a community's scheduled snippet is due in the minute that begins at `at`. */
export function snippetDue({ settings }: Community, at: Date): boolean {
  return postingTimes(settings).some((minute) => isDue(dailyAt(minute), settings.timeZone, at));
}

/** Whether a community's scheduled training run is due in the minute that begins at `at`. */
export function trainingDue({ settings }: Community, at: Date): boolean {
  return settings.trainingSchedule !== '' && isDue(settings.trainingSchedule, settings.timeZone, at);
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
