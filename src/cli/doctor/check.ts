import type { Config } from '../../config.ts';

/** One line of the doctor's. `note`: neither good nor bad, or not set up. */
export interface Finding {
  readonly mark: 'fine' | 'wrong' | 'note';
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}

export const fine = (text: string): Finding => ({ mark: 'fine', text });
export const wrong = (text: string, fix: string): Finding => ({ mark: 'wrong', text, fix });
export const note = (text: string, fix?: string): Finding => ({ mark: 'note', text, fix });

/** What the doctor looks at under one heading: a file of its own in this folder, and a line in `checks.ts`. */
export interface Check {
  readonly title: string;
  /** Findings as they are made. What is expected to go wrong is a finding; no finding ever holds a secret. */
  run(config: Config): AsyncIterable<Finding>;
}
