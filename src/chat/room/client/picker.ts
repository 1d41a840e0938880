import { h } from './dom.ts';

const EMOJIS: readonly (readonly [string, string])[] = [
  ['👍', 'thumbs up'], ['👎', 'thumbs down'], ['👏', 'applause'], ['🙌', 'hooray'], ['🔥', 'fire'], ['✨', 'sparkles'],
  ['🎉', 'party'], ['💃', 'dancing'], ['🕺', 'disco'], ['🎸', 'guitar'], ['🎹', 'piano'], ['🥁', 'drum'],
  ['🎷', 'saxophone'], ['🎻', 'violin'], ['🎧', 'headphones'], ['🎶', 'notes'], ['😂', 'laughing'], ['🤩', 'amazed'],
  ['😍', 'in love'], ['😎', 'cool'], ['🥹', 'moved'], ['😭', 'sobbing'], ['🤔', 'thinking'], ['😴', 'sleepy'],
  ['🙈', 'hiding'], ['💤', 'boring'], ['🌧️', 'rain'], ['☀️', 'sun'], ['🌙', 'night'], ['🌊', 'sea'],
  ['🌸', 'blossom'], ['🍂', 'autumn'], ['❄️', 'winter'], ['☕', 'coffee'], ['🚗', 'driving'], ['💜', 'purple heart'],
]; // biome-ignore format: a table

const COLUMNS = 6;

/** Opens the grid of further emojis at a button; closes by choosing, Escape, or going elsewhere. */
export function openPicker(anchor: HTMLElement, choose: (emoji: string) => void): void {
  const buttons = EMOJIS.map(([emoji, name], index) =>
    h(
      'button',
      {
        type: 'button',
        class: 'picker-emoji',
        'aria-label': name,
        title: name,
        tabindex: index === 0 ? 0 : -1,
        on: {
          click: () => {
            close();
            choose(emoji);
          },
        },
      },
      emoji,
    ),
  );
  const panel = h('div', { class: 'picker', role: 'dialog', 'aria-label': 'Choose a reaction' }, ...buttons);

  function close(): void {
    panel.remove();
    document.removeEventListener('pointerdown', outside, true);
    anchor.setAttribute('aria-expanded', 'false');
    anchor.focus();
  }

  function outside(event: PointerEvent): void {
    if (!panel.contains(event.target as Node)) close();
  }

  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      event.stopPropagation();
      close();
      return;
    }
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const next = Math.max(0, Math.min(buttons.length - 1, index + step));
    for (const [at, button] of buttons.entries()) button.tabIndex = at === next ? 0 : -1;
    buttons[next]?.focus();
  });
  document.body.append(panel);
  const at = anchor.getBoundingClientRect();
  const size = panel.getBoundingClientRect();
  const left = Math.max(8, Math.min(innerWidth - size.width - 8, at.left));
  const below = at.bottom + 6 + size.height < innerHeight;
  panel.style.setProperty('left', `${left}px`);
  panel.style.setProperty('top', `${below ? at.bottom + 6 : Math.max(8, at.top - size.height - 6)}px`);
  anchor.setAttribute('aria-expanded', 'true');
  document.addEventListener('pointerdown', outside, true);
  buttons[0]?.focus();
}
