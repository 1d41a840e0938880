import type { Button, LinkButton } from './message.ts';

/** Longer addresses are shown nowhere: a message has to have room for one of them. */
const MAX_ADDRESS = 1_500;

export const isLink = (button: Button): button is LinkButton => 'url' in button;

/** The address of a page on the web in its normal form, safe between `<` and `>`; undefined for any other. */
function webAddress(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  const address = href.replaceAll('|', '%7C');
  return /^https?:$/.test(protocol) && address.length <= MAX_ADDRESS ? address : undefined;
}

/** How many buttons a platform takes, and what they may carry. */
interface ButtonLimits {
  readonly most: number;
  readonly action: number;
  readonly url: number;
  /** Actions of buttons that are there already. */
  readonly taken?: readonly string[];
}

export interface FittedButtons {
  readonly drawn: readonly Button[];
  /** Links that have to stand in the text. */
  readonly written: readonly LinkButton[];
}

/** Each action and each address once, within the platform's limits. A link that does not fit is not lost. */
export function fitButtons(buttons: readonly Button[], limits: ButtonLimits): FittedButtons {
  const seen = new Set(limits.taken);
  const drawn: Button[] = [];
  const written: LinkButton[] = [];
  for (const button of buttons) {
    const carried = isLink(button) ? webAddress(button.url) : button.action;
    if (carried === undefined || carried === '' || seen.has(carried)) continue;
    const fits =
      drawn.length < limits.most && carried.length <= (isLink(button) ? limits.url : limits.action);
    if (fits) drawn.push(isLink(button) ? { ...button, url: carried } : button);
    else if (isLink(button)) written.push({ ...button, url: carried });
    else continue;
    seen.add(carried);
  }
  return { drawn, written };
}
