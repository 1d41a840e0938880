import { byId, h } from './dom.ts';

const SHOWN_MS = 6_000;

/** A short note at the edge of the page; the same one is not shown twice at a time. */
export function toast(text: string): void {
  const place = byId('toasts');
  if ([...place.children].some((note) => note.textContent === text)) return;
  const note = h('div', { class: 'toast' }, text);
  place.append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}
