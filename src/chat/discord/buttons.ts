import {
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  ButtonStyle,
  ComponentType,
} from 'discord.js';
import type { Button } from '../message.ts';
import type { Page } from '../pages.ts';
import { clip } from './text.ts';

const PER_ROW = 5;
const MAX_ROWS = 5;
const MAX_LABEL = 80;
const MAX_CUSTOM_ID = 100;

const STYLES = {
  plain: ButtonStyle.Secondary,
  primary: ButtonStyle.Primary,
  danger: ButtonStyle.Danger,
} as const;

export type ButtonRow = APIActionRowComponent<APIButtonComponentWithCustomId>;

function drawButton({ action, label, style = 'plain' }: Button): APIButtonComponentWithCustomId {
  return {
    type: ComponentType.Button,
    style: STYLES[style],
    label: clip(label, MAX_LABEL) || '…',
    custom_id: action,
  };
}

function turner(page: Page): ButtonRow {
  const button = (label: string, custom_id: string, disabled: boolean): APIButtonComponentWithCustomId => ({
    type: ComponentType.Button,
    style: ButtonStyle.Secondary,
    label,
    custom_id,
    disabled,
  });
  return {
    type: ComponentType.ActionRow,
    components: [button('◀', page.back, page.number === 1), button('▶', page.on, page.number === page.of)],
  };
}

/** Rows of buttons as Discord takes them: each action once, and no more than fit. */
export function buttonRows(buttons: readonly Button[], page: Page | undefined): ButtonRow[] {
  const rows: ButtonRow[] = page ? [turner(page)] : [];
  const seen = new Set<string>(page ? [page.back, page.on] : []);
  const drawable = buttons.filter(({ action }) => {
    if (action === '' || action.length > MAX_CUSTOM_ID || seen.has(action)) return false;
    seen.add(action);
    return true;
  });
  for (let from = 0; from < drawable.length && rows.length < MAX_ROWS; from += PER_ROW) {
    rows.push({
      type: ComponentType.ActionRow,
      components: drawable.slice(from, from + PER_ROW).map(drawButton),
    });
  }
  return rows;
}
