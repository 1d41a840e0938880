import type { Figure } from './chart/frame.ts';

/** One table of the report; cells are plain text. */
export interface ReportTable {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'finding'; readonly text: string }
  | { readonly kind: 'table'; readonly table: ReportTable }
  | { readonly kind: 'figure'; readonly figure: Figure };

/** One part of the study. */
export interface Section {
  /** Lower case letters and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
  /** It ended with an error of the program. */
  readonly broken?: boolean;
}

export interface Report {
  readonly title: string;
  /** What it was made from and with. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly sections: readonly Section[];
}

export const text = (value: string): Block => ({ kind: 'text', text: value });
/** A sentence that says what the data says. */
export const finding = (value: string): Block => ({ kind: 'finding', text: value });
export const table = (value: ReportTable): Block => ({ kind: 'table', table: value });
export const figure = (value: Figure): Block => ({ kind: 'figure', figure: value });

/** `1 seed`, `3 seeds`. */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** A section that could not be made, and why. */
export function skipped(id: string, title: string, why: string): Section {
  return { id, title, blocks: [text(`Skipped: ${why}`)] };
}
