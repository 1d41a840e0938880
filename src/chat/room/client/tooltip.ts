import { h } from './dom.ts';

/**
 * A small label that appears at an element on hover and on keyboard focus, and goes with Escape. It repeats what
 * the element's accessible name says, so it is hidden from screen readers.
 */
export function addTooltip(element: HTMLElement, text: () => string): void {
  let shown: HTMLElement | undefined;

  function hide(): void {
    shown?.remove();
    shown = undefined;
  }

  function show(): void {
    hide();
    shown = h('div', { class: 'tooltip', 'aria-hidden': 'true' }, text());
    document.body.append(shown);
    const at = element.getBoundingClientRect();
    const size = shown.getBoundingClientRect();
    const left = Math.max(8, Math.min(innerWidth - size.width - 8, at.left + at.width / 2 - size.width / 2));
    const above = at.top - size.height - 6;
    shown.style.setProperty('left', `${left}px`);
    shown.style.setProperty('top', `${above < 8 ? at.bottom + 6 : above}px`);
  }

  element.addEventListener('pointerenter', (event) => {
    if (event.pointerType !== 'touch') show();
  });
  element.addEventListener('pointerleave', hide);
  element.addEventListener('pointerdown', hide);
  element.addEventListener('focus', () => {
    if (element.matches(':focus-visible')) show();
  });
  element.addEventListener('blur', hide);
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide();
  });
}
