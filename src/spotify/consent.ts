const CONSENT_MONTHS = 6;

/**
 * When what somebody agreed to ends: six calendar months later, on the last day of a month that has no such day
 * (developer.spotify.com/blog/2026-06-18-refresh-token-expiration). Refreshing does not extend it.
 */
export function consentEnds(authorizedAt: number): number {
  const end = new Date(authorizedAt);
  const day = end.getUTCDate();
  end.setUTCDate(1);
  end.setUTCMonth(end.getUTCMonth() + CONSENT_MONTHS);
  const lastDay = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate();
  end.setUTCDate(Math.min(day, lastDay));
  return end.getTime();
}
