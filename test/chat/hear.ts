import type {
  ActionInvocation,
  ChatHandlers,
  Choice,
  CommandInvocation,
  CompletionRequest,
  Place,
  ReactionEvent,
  ReactionsCleared,
} from '../../src/chat/platform.ts';
import type { MessageRef } from '../../src/domain/post.ts';

/** What the bot behind the platform was told, and what it does. */
export interface Heard {
  readonly reactions: ReactionEvent[];
  readonly cleared: ReactionsCleared[];
  readonly removed: MessageRef[];
  readonly missed: (readonly string[])[];
  readonly joined: Place[];
  readonly left: string[];
  readonly commands: CommandInvocation[];
  readonly actions: ActionInvocation[];
  readonly completions: CompletionRequest[];
  onCommand(invocation: CommandInvocation): Promise<void>;
  onAction(invocation: ActionInvocation): Promise<void>;
  onComplete(request: CompletionRequest): Promise<readonly Choice[]>;
}

export function hear(): { heard: Heard; handlers: ChatHandlers } {
  const heard: Heard = {
    reactions: [],
    cleared: [],
    removed: [],
    missed: [],
    joined: [],
    left: [],
    commands: [],
    actions: [],
    completions: [],
    async onCommand() {},
    async onAction() {},
    async onComplete() {
      return [];
    },
  };
  const handlers: ChatHandlers = {
    async reaction(event) {
      heard.reactions.push(event);
    },
    async cleared(event) {
      heard.cleared.push(event);
    },
    async removed(message) {
      heard.removed.push(message);
    },
    async missed(communities) {
      heard.missed.push(communities);
    },
    async joined(place) {
      heard.joined.push(place);
    },
    async left(communityId) {
      heard.left.push(communityId);
    },
    async command(invocation) {
      heard.commands.push(invocation);
      await heard.onCommand(invocation);
    },
    async action(invocation) {
      heard.actions.push(invocation);
      await heard.onAction(invocation);
    },
    async complete(request) {
      heard.completions.push(request);
      return heard.onComplete(request);
    },
  };
  return { heard, handlers };
}
