import type { Logger } from 'pino';
import type { CommandDeclaration } from '../src/chat/declaration.ts';
import type { Message, Sound } from '../src/chat/message.ts';
import type { AnswerHandle, Asker, Choice, OptionValue } from '../src/chat/platform.ts';
import type { Catalogue } from '../src/domain/catalogue.ts';
import type { Taxonomy } from '../src/domain/emotion.ts';
import type { Community, IdentityId, MemberId } from '../src/domain/member.ts';
import type { Song } from '../src/domain/song.ts';
import type { Bursts } from '../src/labelling/bursts.ts';
import type { Labelling } from '../src/labelling/labelling.ts';
import type { Playlists } from '../src/playlists/playlists.ts';
import type { Spotify } from '../src/spotify/spotify.ts';
import type { Store } from '../src/store/store.ts';
import type { Training } from '../src/training/training.ts';

/** What commands work with; `main.ts` puts it together. */
export interface Services {
  readonly taxonomy: Taxonomy;
  /** The catalogue now in use; ask again at every invocation, an import replaces it. */
  catalogue(): Catalogue;
  readonly store: Store;
  readonly labelling: Labelling;
  readonly bursts: Bursts;
  readonly training: Training;
  readonly playlists: Playlists;
  /** Where the operator has set it up. */
  readonly spotify?: Spotify;
  /** How a song can be heard. */
  soundOf(song: Song): Sound;
  /** When the next scheduled training run of a community is due (ms since epoch). */
  nextTrainingAt(community: Community): number | undefined;
  /** Whether the platform of one of these leaves people's reactions where they are. */
  reactionsStay(identities: Iterable<IdentityId>): boolean;
  /** Has the platforms forget a person too, where they keep something of their own. */
  forget(identities: Iterable<IdentityId>): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly version: string;
  /**
   * Where the people of a community reach the bot's own web server, without a final slash, for links in files;
   * undefined where they do not.
   */
  webAddress(community: Community): string | undefined;
}

export interface CommandContext {
  readonly services: Services;
  readonly community: Community;
  readonly channel: string;
  readonly asker: Asker & { readonly memberId: MemberId; readonly moderator: boolean };
  /** Checked against the declaration: right type, in range, a known choice. */
  readonly options: Readonly<Record<string, OptionValue | undefined>>;
  readonly log: Logger;
  /** For answers that change in place or come in several parts; a command may return its only answer instead. */
  answer(message: Message): Promise<AnswerHandle>;
}

export interface ActionContext extends Omit<CommandContext, 'options'> {
  /** The parts of the action after `command:verb`. */
  readonly args: readonly string[];
}

/** A slash command: its declaration and what it does. */
export interface Command extends CommandDeclaration {
  run(context: CommandContext): Promise<Message | undefined>;
  /** Buttons of this command's messages by verb. */
  readonly actions?: Readonly<
    Record<
      string,
      { readonly moderatorsOnly?: boolean; run(context: ActionContext): Promise<Message | undefined> }
    >
  >;
  /** Completes an option in a way of its own; undefined = as its type completes. `memberId`: if already known. */
  complete?(
    context: Pick<CommandContext, 'services' | 'community'> & { readonly memberId?: MemberId },
    option: string,
    typed: string,
  ): Promise<readonly Choice[] | undefined>;
}
