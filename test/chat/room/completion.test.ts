import { describe, expect, it } from 'vitest';
import { parseLine } from '../../../src/chat/command-line.ts';
import { completionsFor } from '../../../src/chat/room/client/completion.ts';
import { DECLARATIONS } from '../../support/lively-room.ts';

describe('a completed song', () => {
  it.each(['Blue Monday – New Order', '“Heroes” – David Bowie', 'The "Fish" – Yes'])(
    '%s is read again as the song that was chosen',
    async (name) => {
      const { suggestions } = await completionsFor('/song b', {
        commands: DECLARATIONS,
        emotions: [],
        moderator: false,
        complete: async () => [{ name, value: 'id-1' }],
      });
      const [first] = suggestions;
      const parsed = parseLine(first?.line.trim() ?? '', DECLARATIONS);
      expect(parsed).toEqual({ kind: 'command', command: 'song', options: { name: first?.meaning?.text } });
      expect(first?.meaning?.value).toBe('id-1');
    },
  );
});
