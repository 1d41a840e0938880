import type { types } from '@slack/bolt';
import { clip } from '../fit.ts';
import type { Button } from '../message.ts';
import type { Page } from '../pages.ts';

const PER_ROW = 5;
const MAX_BUTTONS = 25;
const MAX_LABEL = 75;
const MAX_VALUE = 2000;

type Drawn = types.ActionsBlock;

const labelled = (text: string) => ({
  type: 'plain_text' as const,
  text: clip(text, MAX_LABEL) || '…',
  emoji: true,
});

function row(buttons: readonly Button[], first: number): Drawn {
  return {
    type: 'actions',
    elements: buttons.map(({ action, label, style }, index) => ({
      type: 'button',
      // Only has to differ from the others beside it; what is to be done stands in the value.
      action_id: `do-${first + index}`,
      text: labelled(label),
      value: action,
      ...((style === 'primary' || style === 'danger') && { style }),
    })),
  };
}

/** At the first and the last page there is one button only: Slack has none that cannot be pressed. */
function turner({ number, of, back, on }: Page): Button[] {
  return [
    ...(number > 1 ? [{ action: back, label: '◀' }] : []),
    ...(number < of ? [{ action: on, label: '▶' }] : []),
  ];
}

/** Rows of buttons as Slack takes them: each action once, and no more than fit. */
export function buttonRows(buttons: readonly Button[], page: Page | undefined): Drawn[] {
  const turning = page ? turner(page) : [];
  const seen = new Set(turning.map(({ action }) => action));
  const drawable = buttons
    .filter(({ action }) => {
      if (action === '' || action.length > MAX_VALUE || seen.has(action)) return false;
      seen.add(action);
      return true;
    })
    .slice(0, MAX_BUTTONS);
  const rows = turning.length > 0 ? [row(turning, 0)] : [];
  for (let from = 0; from < drawable.length; from += PER_ROW) {
    rows.push(row(drawable.slice(from, from + PER_ROW), turning.length + from));
  }
  return rows;
}
