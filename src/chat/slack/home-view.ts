import type { types } from '@slack/bolt';
import type { Block } from './layout.ts';

/** What a command has to say on the home tab. */
export interface HomePart {
  /** As it is typed: `/taste`. */
  readonly command: string;
  readonly blocks: readonly Block[];
}

export const MAX_BLOCKS = 100;

const words = { more: (command: string) => `… and more: send ${command}.` };

/** Each its due: who needs less than an even share leaves the rest to the others. */
function shares(sizes: readonly number[], room: number): number[] {
  const given = sizes.map(() => 0);
  const byNeed = sizes.map((size, index) => ({ size, index })).sort((a, b) => a.size - b.size);
  let left = room;
  for (const [n, { size, index }] of byNeed.entries()) {
    given[index] = Math.min(size, Math.floor(left / (byNeed.length - n)));
    left -= given[index];
  }
  return given;
}

/** As much as fits, and where the rest is. */
function shortened({ command, blocks }: HomePart, room: number): readonly Block[] {
  if (blocks.length <= room) return blocks;
  const more: types.ContextBlock = {
    type: 'context',
    elements: [{ type: 'mrkdwn', text: words.more(command) }],
  };
  return room < 2 ? [more] : [...blocks.slice(0, room - 1), more];
}

/** The parts one below the other. A long one is cut rather than that the last one, the moderators', falls off the end. */
export function homeBlocks(head: readonly Block[], parts: readonly HomePart[]): Block[] {
  const some = parts.filter(({ blocks }) => blocks.length > 0);
  const room = shares(
    some.map(({ blocks }) => blocks.length),
    MAX_BLOCKS - head.length - some.length,
  );
  return [
    ...head,
    ...some.flatMap((part, index) => [{ type: 'divider' as const }, ...shortened(part, room[index] ?? 0)]),
  ];
}
