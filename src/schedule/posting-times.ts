import type { CommunitySettings } from '../domain/member.ts';

const DAY = 24 * 60;

/** Minute of the day of an `HH:MM` time. */
function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/**
 * The local times of day at which a community's snippets are due: evenly spread over the hours that are not quiet,
 * so that members of every habit meet one.
 * @returns minutes of the day, 0..1439, in posting order from the end of the quiet hours
 */
export function postingTimes(settings: Pick<CommunitySettings, 'snippetsPerDay' | 'quietHours'>): number[] {
  const wakes = minuteOf(settings.quietHours.to);
  const sleeps = minuteOf(settings.quietHours.from);
  const awake = (sleeps - wakes + DAY) % DAY || DAY;
  const count = Math.min(Math.max(0, Math.floor(settings.snippetsPerDay)), awake);
  return Array.from({ length: count }, (_, i) => (wakes + Math.floor(((i + 0.5) * awake) / count)) % DAY);
}

/** The cron expression of one time of day. */
export function dailyAt(minute: number): string {
  return `${minute % 60} ${Math.floor(minute / 60)} * * *`;
}
