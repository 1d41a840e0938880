import type { CommunitySettings } from '../domain/member.ts';

/** Settings of a community that nobody has changed yet. The time zone is the machine's. */
export function defaultSettings(): CommunitySettings {
  return {
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
    snippetsPerDay: 4,
    quietHours: { from: '22:00', to: '08:00' },
    trainingSchedule: '0 4 * * *',
    postOpenDays: 7,
    moderators: [],
  };
}
