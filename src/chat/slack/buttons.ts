import type { types } from '@slack/bolt';
import { fitButtons, isLink } from '../buttons.ts';
import { clip } from '../fit.ts';
import type { ActionButton, Button } from '../message.ts';
import type { Page } from '../pages.ts';
import { verbatim } from './text.ts';

const PER_ROW = 5;
const MAX_BUTTONS = 25;
const MAX_LABEL = 75;
const MAX_VALUE = 2000;
const MAX_URL = 3000;

type Drawn = types.ActionsBlock;

const labelled = (text: string) => ({
  type: 'plain_text' as const,
  text: clip(text, MAX_LABEL) || '…',
  emoji: true,
});

function row(buttons: readonly Button[], first: number): Drawn {
  return {
    type: 'actions',
    elements: buttons.map((button, index) => {
      const { label, style } = button;
      return {
        type: 'button',
        // Only has to differ from the others beside it; what is to be done stands in the value.
        action_id: `do-${first + index}`,
        text: labelled(label),
        // Slack tells of links too. Without a value there is nothing to be done.
        ...(isLink(button) ? { url: button.url } : { value: button.action }),
        ...((style === 'primary' || style === 'danger') && { style }),
      };
    }),
  };
}

/** At the first and the last page there is one button only: Slack has none that cannot be pressed. */
function turner({ number, of, back, on }: Page): ActionButton[] {
  return [
    ...(number > 1 ? [{ action: back, label: '◀' }] : []),
    ...(number < of ? [{ action: on, label: '▶' }] : []),
  ];
}

/** Rows of buttons as Slack takes them: each action once, and no more than fit. Links that do not fit are lines. */
export function drawButtons(
  buttons: readonly Button[],
  page: Page | undefined,
): { readonly rows: Drawn[]; readonly lines: readonly string[] } {
  const turning = page ? turner(page) : [];
  const { drawn, written } = fitButtons(buttons, {
    most: MAX_BUTTONS,
    action: MAX_VALUE,
    url: MAX_URL,
    taken: turning.map(({ action }) => action),
  });
  const rows = turning.length > 0 ? [row(turning, 0)] : [];
  for (let from = 0; from < drawn.length; from += PER_ROW) {
    rows.push(row(drawn.slice(from, from + PER_ROW), turning.length + from));
  }
  const lines = written.map(
    ({ label, url }) => `<${url.replaceAll('&', '&amp;')}|${verbatim(clip(label, MAX_LABEL)) || '…'}>`,
  );
  return { rows, lines };
}

export const buttonRows = (buttons: readonly Button[], page: Page | undefined): Drawn[] =>
  drawButtons(buttons, page).rows;
