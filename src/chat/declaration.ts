import type { Choice } from './platform.ts';

interface BaseOption {
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
}

/**
 * One option of a command. The choices of an `emotion` option are the taxonomy's; a `song` option completes songs.
 * `channel`, `person` and `role` are chosen in the platform's own way where it has one, else typed; their values are
 * the platform's ids, a person's is an identity (`discord:1`).
 */
export type CommandOption =
  | (BaseOption & {
      readonly type: 'text';
      readonly choices?: readonly Choice[];
      readonly completes?: boolean;
    })
  | (BaseOption & { readonly type: 'emotion' })
  | (BaseOption & { readonly type: 'song' })
  | (BaseOption & { readonly type: 'integer' | 'number'; readonly min: number; readonly max: number })
  | (BaseOption & { readonly type: 'boolean' | 'channel' | 'person' | 'role' });

/** A slash command as every platform needs to know it: declared once in `commands/`, translated by each adapter. */
export interface CommandDeclaration {
  /** 1..32 of a-z, 0-9, - */
  readonly name: string;
  /** 1..100 characters. */
  readonly description: string;
  readonly options: readonly CommandOption[];
  readonly moderatorsOnly?: boolean;
}

/** What stands for a name and a description in another language. */
interface LocalTexts {
  readonly name: string;
  readonly description: string;
}

/**
 * The declarations in another language, by their own names. Only what is chosen from is translated: the platform
 * reports the declared names and values whatever somebody saw, so that nothing behind the declaration knows of it.
 */
export interface LocalDeclarations {
  /** As in BCP 47: `de`, `pt-BR`. */
  readonly locale: string;
  /** Names of the emotions by key; a key without one keeps its own name. */
  readonly emotions: Readonly<Record<string, string>>;
  readonly commands: Readonly<
    Record<
      string,
      LocalTexts & {
        readonly options?: Readonly<
          /** `choices`: names of the choices by value. */
          Record<string, LocalTexts & { readonly choices?: Readonly<Record<string, string>> }>
        >;
      }
    >
  >;
}
