import type { EmotionKey } from '../domain/emotion.ts';
import type { IdentityId } from '../domain/member.ts';
import type { SongId } from '../domain/song.ts';

/** A message as plain data. Every platform draws it in its own idiom; nobody else formats for a platform. */
export interface Message {
  /** Plain sentences; `*bold*` and line breaks are the only markup. Always readable on its own. */
  readonly text: string;
  readonly title?: string;
  /** Only the asker sees it. Ignored for messages that answer nobody. */
  readonly private?: boolean;
  /** `refusal` is drawn as a kind warning. */
  readonly tone?: 'plain' | 'success' | 'refusal';
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
  /** Asks for reactions to this song. */
  readonly snippet?: SongCard;
  readonly songs?: readonly SongCard[];
  readonly picture?: Picture;
  readonly progress?: { readonly percent: number; readonly label: string; readonly secondsLeft?: number };
  readonly buttons?: readonly Button[];
  /** A command that can be filled in as a form, where the platform has forms; the others leave it out. */
  readonly form?: Form;
  readonly files?: readonly MessageFile[];
  /**
   * An action that is answered with this very message again. Platforms that show long lists in pages turn them with
   * it, also after a restart.
   */
  readonly reopen?: string;
  /** Somebody to be addressed, so that the platform tells them of a message that nobody asked for just now. */
  readonly addressee?: IdentityId;
}

export interface SongCard {
  readonly songId: SongId;
  readonly title: string;
  readonly artists: readonly string[];
  readonly sound: Sound;
  /** Strongest first. */
  readonly emotions?: readonly {
    readonly key: EmotionKey;
    readonly name: string;
    readonly emoji: string;
    readonly share: number;
  }[];
  /** One short sentence: why this song is here. */
  readonly why?: string;
  /** A line under the title, e.g. `album · 1999`. */
  readonly detail?: string;
}

/** `own`: the bot serves the audio itself under the song's id. */
export type Sound =
  | { readonly kind: 'own'; readonly seconds: number }
  | { readonly kind: 'spotify'; readonly uri: string }
  | { readonly kind: 'none' };

/** A self-contained SVG (no script, no external reference). */
export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  /** Text alternative; never empty. */
  readonly alt: string;
}

export type Button = ActionButton | LinkButton;

/** Asks the bot for something. */
export interface ActionButton {
  /** `command:verb[:argument…]`, at most 100 characters (Discord's limit). */
  readonly action: string;
  readonly label: string;
  readonly style?: 'plain' | 'primary' | 'danger';
}

/**
 * Leads whoever presses it to a page on the web; the bot hears nothing of it. The address may be a secret of one
 * person and work only once: platforms neither log it nor have it fetched for a preview.
 */
export interface LinkButton {
  /** http or https, at most 1,500 characters. What is too long for a button somewhere stands in the text there. */
  readonly url: string;
  readonly label: string;
  readonly style?: 'plain' | 'primary';
}

export interface Form {
  readonly command: string;
  /** Of the button that opens it. */
  readonly label: string;
  /** What the options stand at now. Only what was changed is sent. */
  readonly values: Readonly<Record<string, string | number | boolean>>;
}

export interface MessageFile {
  readonly name: string;
  readonly mediaType: string;
  readonly content: string;
}
