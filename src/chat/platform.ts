import type { CommunityId, IdentityId, PlatformName } from '../domain/member.ts';
import type { MessageRef } from '../domain/post.ts';
import type { Message } from './message.ts';

/** A reaction was added or removed. Platforms never report their own bot's or another bot's. */
export interface ReactionEvent {
  readonly message: MessageRef;
  readonly identity: IdentityId;
  readonly emoji: string;
  readonly present: boolean;
  readonly at: number;
}

/** All reactions on a message, or all with one emoji, were taken off at once. */
export interface ReactionsCleared {
  readonly message: MessageRef;
  /** Undefined: every reaction. */
  readonly emoji?: string;
  readonly at: number;
}

/** Who asks, as the platform knows them. */
export interface Asker {
  readonly identity: IdentityId;
  readonly name: string;
  /** The platform itself calls this person a moderator (operator, admin, Manage Server). */
  readonly platformModerator: boolean;
  /** The platform's ids of the roles or user groups this person has here. */
  readonly groups?: readonly string[];
}

export type OptionValue = string | number | boolean;

/** An answer that can be changed in place. */
export interface AnswerHandle {
  edit(message: Message): Promise<void>;
}

interface Invocation {
  readonly communityId: CommunityId;
  readonly channel: string;
  readonly asker: Asker;
  readonly at: number;
  /** Answers the invocation. May be called more than once (a follow-up). */
  answer(message: Message): Promise<AnswerHandle>;
}

export interface CommandInvocation extends Invocation {
  readonly command: string;
  /** As typed; the dispatcher checks them against the declaration. */
  readonly options: Readonly<Record<string, OptionValue>>;
}

/** A button was clicked. `action` is what the button carried. */
export interface ActionInvocation extends Invocation {
  readonly action: string;
}

/** A member is typing the value of an option. */
export interface CompletionRequest {
  readonly communityId: CommunityId;
  readonly asker: Asker;
  readonly command: string;
  readonly option: string;
  readonly typed: string;
}

export interface Choice {
  readonly name: string;
  readonly value: string;
}

/** What a platform calls; handed over by `main.ts`. None of them rejects: failures are answered and logged inside. */
export interface ChatHandlers {
  reaction(event: ReactionEvent): Promise<void>;
  cleared(event: ReactionsCleared): Promise<void>;
  /** Somebody deleted a message. */
  removed(message: MessageRef): Promise<void>;
  /** Events of these communities may have been missed (a new session with the service): what stands is read back. */
  missed(communities: readonly CommunityId[]): Promise<void>;
  /** The bot was added to a place. */
  joined(place: Place): Promise<void>;
  /** The bot was removed from a place. A place that is out of order for a while was not left. */
  left(communityId: CommunityId): Promise<void>;
  command(invocation: CommandInvocation): Promise<void>;
  action(invocation: ActionInvocation): Promise<void>;
  complete(request: CompletionRequest): Promise<readonly Choice[]>;
}

/** Who reacted with what, as the platform knows it now; the truth that catch-up compares with. */
export interface StandingReaction {
  readonly identity: IdentityId;
  readonly emoji: string;
}

/** A place where the bot is: a guild, a workspace, the room. */
export interface Place {
  readonly communityId: CommunityId;
  readonly name: string;
  /** Where snippets go while no channel is chosen; undefined where a moderator has to choose. */
  readonly defaultChannel?: string;
  /** Where a word to whoever set the bot up is fitting, if there is such a place. */
  readonly greetingChannel?: string;
}

/**
 * The one port to a chat service. Errors thrown by its methods are `ChatError`s.
 */
export interface ChatPlatform {
  readonly name: PlatformName;
  /** Connects and begins to call the handlers. Resolves when ready. */
  start(handlers: ChatHandlers): Promise<void>;
  /** Finishes what is under way, then disconnects. */
  stop(): Promise<void>;
  places(): Promise<readonly Place[]>;
  post(place: { communityId: CommunityId; channel: string }, message: Message): Promise<MessageRef>;
  edit(ref: MessageRef, message: Message): Promise<void>;
  remove(ref: MessageRef): Promise<void>;
  /**
   * Says something to one person alone, when nobody asked. Its buttons work, too.
   * @param communityId the place that it is about, which its buttons speak for; else one where both are
   * @returns false if they cannot be reached here: they are nobody, gone, or take no messages
   */
  tell(identity: IdentityId, message: Message, communityId?: CommunityId): Promise<boolean>;
  /** Puts the bot's own reactions under a message, in this order. Resumable: already there is success. */
  seedReactions(ref: MessageRef, emojis: readonly string[]): Promise<void>;
  /** All reactions by people now on the message; undefined if the message is gone. */
  reactions(ref: MessageRef): Promise<readonly StandingReaction[] | undefined>;
  /** True: what people react is theirs alone to take away, so it stays visible when the bot has forgotten them. */
  readonly reactionsStay: boolean;
  /**
   * Removes what the platform keeps about a person, as far as it is the bot's to remove: their reactions, if they do
   * not stay, and whatever the bot itself keeps of a conversation.
   */
  forget(identity: IdentityId): Promise<void>;
}

export type ChatErrorCode = 'gone' | 'forbidden' | 'limited' | 'unreachable';

/** A chat service refused or failed. `message` is a sentence for the operator. */
export class ChatError extends Error {
  readonly code: ChatErrorCode;
  constructor(code: ChatErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ChatError';
    this.code = code;
  }
}
