import type { CommandDeclaration } from '../../declaration.ts';
import type { WireEmotion, WireMessage, WirePerson, WireSelf, WireState, WireUpdate } from '../wire.ts';

/** What this browser knows of the room. */
export interface Model {
  self: WireSelf;
  readonly people: Map<string, WirePerson>;
  /** Oldest first, by id. */
  readonly messages: Map<string, WireMessage>;
  older: boolean;
  commands: readonly CommandDeclaration[];
  emotions: readonly WireEmotion[];
  brand: { readonly name: string; readonly tagline?: string };
  shareUrl: string | undefined;
}

export function emptyModel(): Model {
  return {
    self: { id: '', moderator: false },
    people: new Map(),
    messages: new Map(),
    older: false,
    commands: [],
    emotions: [],
    brand: { name: 'Reactune' },
    shareUrl: undefined,
  };
}

export function takeState(model: Model, state: WireState): void {
  model.self = state.self;
  model.people.clear();
  for (const person of state.people) model.people.set(person.id, person);
  model.messages.clear();
  for (const message of state.messages) model.messages.set(message.id, message);
  model.older = state.older;
  model.commands = state.commands;
  model.emotions = state.emotions;
  model.brand = state.brand;
  model.shareUrl = state.shareUrl;
}

function withReaction(message: WireMessage, emoji: string, person: string, present: boolean): WireMessage {
  const before = message.reactions.find((reaction) => reaction.emoji === emoji)?.people ?? [];
  if (before.includes(person) === present) return message;
  const people = present ? [...before, person] : before.filter((id) => id !== person);
  const known = message.reactions.some((reaction) => reaction.emoji === emoji);
  const reactions = known
    ? message.reactions.map((reaction) => (reaction.emoji === emoji ? { emoji, people } : reaction))
    : [...message.reactions, { emoji, people }];
  return { ...message, reactions: reactions.filter((reaction) => reaction.people.length > 0) };
}

/** Takes one update; doing it twice changes nothing. */
export function takeUpdate(model: Model, update: WireUpdate): void {
  switch (update.kind) {
    case 'self':
      model.self = update.self;
      return;
    case 'person':
      model.people.set(update.person.id, update.person);
      return;
    case 'gone':
      model.people.delete(update.person);
      return;
    case 'message':
      model.messages.set(update.message.id, update.message);
      return;
    case 'remove':
      model.messages.delete(update.id);
      return;
  }
  const message = model.messages.get(update.id);
  if (message === undefined) return;
  if (update.kind === 'edit') model.messages.set(update.id, { ...message, body: update.body, edited: true });
  if (update.kind === 'seeds') model.messages.set(update.id, { ...message, seeds: update.seeds });
  if (update.kind === 'reaction') {
    model.messages.set(update.id, withReaction(message, update.emoji, update.person, update.present));
  }
}

export function nameOf(model: Model, person: string): string {
  return model.people.get(person)?.name ?? 'somebody';
}

/** One of eight colours, the same for a person everywhere. */
export function hueOf(person: string): number {
  let sum = 0;
  for (const letter of person) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return sum % 8;
}
