import type { WireMessage } from '../wire.ts';
import { h, icon, roving } from './dom.ts';
import { openPicker } from './picker.ts';
import { addTooltip } from './tooltip.ts';

export interface ReactionContext {
  readonly self: () => string;
  readonly nameOf: (person: string) => string;
  /** What an emoji of the invitation means. */
  readonly meaning: (emoji: string) => string | undefined;
  readonly react: (message: string, emoji: string, present: boolean) => void;
}

const SHOWN_NAMES = 12;

function names(people: readonly string[], { self, nameOf }: ReactionContext): string {
  const own = people.includes(self());
  const others = people.filter((person) => person !== self()).map(nameOf);
  const list = [...(own ? ['you'] : []), ...others];
  const rest = list.length - SHOWN_NAMES;
  const shown = rest > 0 ? [...list.slice(0, SHOWN_NAMES), `${rest} more`] : list;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** The bar of emojis under a message; `draw` brings it up to date without losing the focus. */
export interface ReactionBar {
  readonly element: HTMLElement;
  draw(message: WireMessage): void;
}

export function createReactionBar(first: WireMessage, context: ReactionContext): ReactionBar {
  let message = first;
  const pills = new Map<string, HTMLButtonElement>();
  const add = h(
    'button',
    { class: 'pill pill-add', type: 'button', 'aria-label': 'Add another reaction' },
    icon('smile'),
    '+',
  );
  add.addEventListener('click', () => {
    openPicker(add, (emoji) => context.react(message.id, emoji, true));
  });
  const element = h('div', { class: 'reactions', role: 'toolbar', 'aria-label': 'Reactions' }, add);
  roving(element, 'button');

  function peopleOf(emoji: string): readonly string[] {
    return message.reactions.find((reaction) => reaction.emoji === emoji)?.people ?? [];
  }

  function describe(emoji: string): string {
    const meaning = context.meaning(emoji);
    const people = peopleOf(emoji);
    const who = people.length > 0 ? names(people, context) : '';
    return [meaning, who].filter(Boolean).join(': ') || emoji;
  }

  function pillFor(emoji: string): HTMLButtonElement {
    const pill = h(
      'button',
      {
        class: 'pill',
        type: 'button',
        on: {
          click: () => context.react(message.id, emoji, !peopleOf(emoji).includes(context.self())),
        },
      },
      h('span', { class: 'pill-emoji' }, emoji),
      h('span', { class: 'pill-count' }),
    );
    addTooltip(pill, () => describe(emoji));
    return pill;
  }

  function draw(next: WireMessage): void {
    message = next;
    const shown = [...new Set([...message.seeds, ...message.reactions.map(({ emoji }) => emoji)])];
    for (const [emoji, pill] of pills) {
      if (shown.includes(emoji)) continue;
      if (document.activeElement === pill) add.focus();
      pill.remove();
      pills.delete(emoji);
    }
    for (const [index, emoji] of shown.entries()) {
      const pill = pills.get(emoji) ?? pillFor(emoji);
      pills.set(emoji, pill);
      const people = peopleOf(emoji);
      const pressed = people.includes(context.self());
      const meaning = context.meaning(emoji);
      pill.setAttribute('aria-pressed', String(pressed));
      pill.setAttribute(
        'aria-label',
        `${meaning === undefined ? emoji : `${meaning} ${emoji}`}, ${people.length}${people.length > 0 ? `: ${names(people, context)}` : ''}`,
      );
      const count = pill.lastElementChild as HTMLElement;
      const text = people.length > 0 ? String(people.length) : '';
      if (count.textContent !== text) {
        count.textContent = text;
        pill.classList.toggle('is-fresh', people.length > 0);
      }
      if (element.children[index] !== pill) element.insertBefore(pill, element.children[index] ?? add);
    }
    element.classList.toggle('is-empty', shown.length === 0);
    const buttons = [...element.querySelectorAll('button')];
    const stop =
      buttons.find((button) => button.tabIndex === 0 && button === document.activeElement) ?? buttons[0];
    for (const button of buttons) {
      button.tabIndex = button === stop ? 0 : -1;
      button.toggleAttribute('data-stop', button === stop);
    }
  }

  draw(first);
  return { element, draw };
}
