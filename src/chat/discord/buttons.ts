import {
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIButtonComponentWithURL,
  ButtonStyle,
  ComponentType,
} from 'discord.js';
import { fitButtons, isLink } from '../buttons.ts';
import type { Button } from '../message.ts';
import type { Page } from '../pages.ts';
import { forServer } from './direct.ts';
import { clip, verbatim } from './text.ts';

const PER_ROW = 5;
const MAX_ROWS = 5;
const MAX_LABEL = 80;
const MAX_CUSTOM_ID = 100;
const MAX_URL = 512;
/** What links may take of a message's text together. */
const MAX_WRITTEN = 1_700;

const STYLES = {
  plain: ButtonStyle.Secondary,
  primary: ButtonStyle.Primary,
  danger: ButtonStyle.Danger,
} as const;

type DrawnButton = APIButtonComponentWithCustomId | APIButtonComponentWithURL;
export type ButtonRow = APIActionRowComponent<DrawnButton>;

function drawButton(button: Button, server: string | undefined): DrawnButton {
  const label = clip(button.label, MAX_LABEL) || '…';
  if (isLink(button)) return { type: ComponentType.Button, style: ButtonStyle.Link, label, url: button.url };
  const { action, style = 'plain' } = button;
  return { type: ComponentType.Button, style: STYLES[style], label, custom_id: forServer(action, server) };
}

function turner(page: Page, server: string | undefined): ButtonRow {
  const button = (label: string, action: string, disabled: boolean): APIButtonComponentWithCustomId => ({
    type: ComponentType.Button,
    style: ButtonStyle.Secondary,
    label,
    custom_id: forServer(action, server),
    disabled,
  });
  return {
    type: ComponentType.ActionRow,
    components: [button('◀', page.back, page.number === 1), button('▶', page.on, page.number === page.of)],
  };
}

export interface DrawnButtons {
  readonly rows: readonly ButtonRow[];
  /** Lines for the text: links that make no button, without the preview that Discord would fetch. */
  readonly lines: readonly string[];
}

/**
 * Rows of buttons as Discord takes them: each action once, and no more than fit.
 * @param server in a direct message, the one that they speak for
 */
export function drawButtons(
  buttons: readonly Button[],
  page: Page | undefined,
  server: string | undefined,
): DrawnButtons {
  const rows: ButtonRow[] = page ? [turner(page, server)] : [];
  const { drawn, written } = fitButtons(buttons, {
    most: (MAX_ROWS - rows.length) * PER_ROW,
    action: MAX_CUSTOM_ID,
    url: MAX_URL,
    ...(page && { taken: [page.back, page.on] }),
  });
  for (let from = 0; from < drawn.length; from += PER_ROW) {
    rows.push({
      type: ComponentType.ActionRow,
      components: drawn.slice(from, from + PER_ROW).map((button) => drawButton(button, server)),
    });
  }
  const lines: string[] = [];
  let room = MAX_WRITTEN;
  for (const { label, url } of written) {
    const line = `${verbatim(clip(label, MAX_LABEL)) || '…'}: <${url}>`;
    room -= line.length + 1;
    if (room >= 0) lines.push(line);
  }
  return { rows, lines };
}
