import { fitButtons } from '../buttons.ts';
import type { Message } from '../message.ts';
import { indexOfMessage, type RoomState, type StoredMessage } from './state.ts';
import type { WireBody, WireMessage, WirePerson } from './wire.ts';

/** Messages sent with a state, and per request for older ones. */
const PAGE = 100;
const MAX_PEOPLE = 2_000;
/** The page takes any; a button is known by what it carries. */
const LIMITS = { most: Number.POSITIVE_INFINITY, action: 100, url: Number.POSITIVE_INFINITY };

export function toBody(message: Message): WireBody {
  const { files, private: _private, form: _form, buttons, ...rest } = message;
  const body = { ...rest, ...(buttons && { buttons: fitButtons(buttons, LIMITS).drawn }) };
  if (files === undefined) return body;
  return {
    ...body,
    // The contents are fetched when somebody wants them.
    files: files.map(({ name, mediaType, content }) => ({
      name,
      mediaType,
      bytes: Buffer.byteLength(content),
    })),
  };
}

export function toWire(message: StoredMessage): WireMessage {
  return {
    id: String(message.id),
    at: message.at,
    from: message.person === undefined ? { kind: 'bot' } : { kind: 'person', id: message.person },
    onlyYou: message.audience !== undefined,
    ...(message.answers && { answers: message.answers }),
    body: toBody(message.body),
    edited: message.edited === true,
    seeds: message.seeds,
    reactions: Object.entries(message.reactions).map(([emoji, people]) => ({ emoji, people })),
  };
}

export function mayRead(message: StoredMessage, person: string): boolean {
  return message.audience === undefined || message.audience === person;
}

/** The page of messages that a person may read before one of them, or the newest. */
export function pageFor(
  state: RoomState,
  person: string,
  before?: number,
): { messages: WireMessage[]; older: boolean } {
  let end = state.messages.length;
  if (before !== undefined) {
    end = indexOfMessage(state.messages, before);
    // The named one may have gone meanwhile: everything that is older still counts.
    if (end < 0) end = state.messages.filter((message) => message.id < before).length;
  }
  const page: WireMessage[] = [];
  let index = end - 1;
  for (; index >= 0 && page.length < PAGE; index--) {
    const message = state.messages[index] as StoredMessage;
    if (mayRead(message, person)) page.push(toWire(message));
  }
  const older = state.messages.slice(0, index + 1).some((message) => mayRead(message, person));
  return { messages: page.reverse(), older };
}

export function peopleOf(state: RoomState, online: (person: string) => boolean): WirePerson[] {
  return Object.values(state.people)
    .sort((one, other) => other.seenAt - one.seenAt)
    .slice(0, MAX_PEOPLE)
    .map(({ id, name, moderator }) => ({ id, name, moderator, online: online(id) }));
}
