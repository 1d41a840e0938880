/** `1 song`, `2 songs`; thousands are grouped. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-GB')} ${n === 1 ? one : many}`;
}

/** 0.342 → `34%`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** `calm, tender and sad`. */
export function list(parts: readonly string[]): string {
  if (parts.length <= 1) return parts[0] ?? '';
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** A name or title inside a sentence: one line, and nothing in it reads as markup. */
export function inline(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('*', '∗').trim();
}

/** A length of time in the largest unit that says enough: `45 seconds`, `12 minutes`, `3 hours`, `5 days`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return count(seconds, 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return count(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  if (hours < 36) return count(hours, 'hour');
  return count(Math.round(hours / 24), 'day');
}

const day = (at: number, timeZone: string) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(at);

/** A moment as a host would say it, on the clock of `timeZone`: `today at 14:30`, `Tue 24 Nov at 04:00`. */
export function moment(at: number, now: number, timeZone: string): string {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(at);
  const DAY = 86_400_000;
  if (day(at, timeZone) === day(now, timeZone)) return `today at ${clock}`;
  if (day(at, timeZone) === day(now + DAY, timeZone)) return `tomorrow at ${clock}`;
  if (day(at, timeZone) === day(now - DAY, timeZone)) return `yesterday at ${clock}`;
  const date = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
  });
  return `${date.format(at)} at ${clock}`;
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** A cron expression as a host would say it; the unusual ones stay as they are, with stars that are no markup. */
export function schedule(expression: string): string {
  const [, minute, hour, weekday] = /^(\d{1,2}) (\d{1,2}) \* \* (\*|[0-7])$/.exec(expression) ?? [];
  if (minute === undefined) return expression.replaceAll('*', '∗');
  const day = weekday === '*' ? 'day' : WEEKDAYS[Number(weekday)];
  return `every ${day} at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
}
