import { isObject } from '../blocks/check.ts';
import type { Block, Message } from '../world.ts';
import { usables } from './elements.ts';

/** Texts of blocks in the order in which they are read. */
export function readBlocks(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(readBlocks);
  if (!isObject(value)) return [];
  if (typeof value.text === 'string') return [value.text];
  const own = [
    value.title,
    value.text,
    value.fields,
    value.label,
    value.elements,
    value.element,
    value.accessory,
    value.placeholder,
  ];
  const picture = typeof value.alt_text === 'string' ? [value.alt_text] : [];
  return [...own.flatMap(readBlocks), ...picture];
}

/** A message as a person sees it now; it changes as the message does. */
export class Sight {
  readonly message: Message;

  constructor(message: Message) {
    this.message = message;
  }

  get ts(): string {
    return this.message.ts;
  }

  /** Everything there is to read: blocks if there are any, the text otherwise. */
  get text(): string {
    const { blocks, text, attachments } = this.message;
    const shown = blocks === undefined ? [text] : readBlocks(blocks);
    return [...shown, ...readBlocks((attachments ?? []).map((one) => one.blocks ?? one))].join('\n');
  }

  /** What a notification or a screen reader says. */
  get fallback(): string {
    return this.message.text;
  }

  get blocks(): readonly Block[] {
    return this.message.blocks ?? [];
  }

  /** Labels of its buttons. */
  get buttons(): readonly string[] {
    return usables(this.message.blocks)
      .filter(({ element }) => element.type === 'button')
      .map(({ label }) => label);
  }

  get author(): string | undefined {
    return this.message.user?.name;
  }

  /** «Only visible to you». */
  get private(): boolean {
    return this.message.ephemeralFor !== undefined;
  }

  get thread(): string | undefined {
    return this.message.threadTs;
  }

  get edited(): boolean {
    return this.message.editedTs !== undefined;
  }

  /** Who reacted, by emoji, in the order in which they came. */
  get reactions(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries([...this.message.reactions].map(([name, users]) => [name, [...users]]));
  }

  /** False once it was deleted. */
  get there(): boolean {
    return this.message.channel.messages.get(this.message.ts) === this.message;
  }
}

/** A message however it is at hand. */
export type Seen = Sight | Message;

export function messageOf(seen: Seen): Message {
  return seen instanceof Sight ? seen.message : seen;
}
