import { cut, oneLine } from './fit.ts';
import type { Message } from './message.ts';

const BAR = 12;

function timeLeft(seconds: number): string {
  return seconds < 60
    ? `about ${Math.max(1, Math.round(seconds))} s left`
    : `about ${Math.round(seconds / 60)} min left`;
}

/** How far something is, as a bar in letters. */
export function progressLine(
  { percent, label, secondsLeft }: NonNullable<Message['progress']>,
  draw: (text: string) => string,
): string {
  const shown = Number.isFinite(percent) ? Math.min(100, Math.max(0, percent)) : 0;
  const full = Math.round((shown / 100) * BAR);
  return [
    `${'▰'.repeat(full)}${'▱'.repeat(BAR - full)} ${Math.round(shown)}%`,
    ...(label === '' ? [] : [cut(oneLine(label), 300, draw)]),
    ...(secondsLeft === undefined ? [] : [timeLeft(secondsLeft)]),
  ].join(' · ');
}
