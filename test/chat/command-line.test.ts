import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLine, parseLine } from '../../src/chat/command-line.ts';
import { DECLARATIONS } from '../support/lively-room.ts';

const WITH_TASTE = [
  ...DECLARATIONS,
  {
    name: 'taste',
    description: 'What I like',
    options: [
      { name: 'add', description: 'A song you like', type: 'song' },
      { name: 'remove', description: 'A song you do not like', type: 'song' },
      { name: 'quiet', description: 'No answer', type: 'boolean' },
    ],
  },
] as const;

const parse = (line: string) => parseLine(line, WITH_TASTE);

describe('a line', () => {
  it.each([
    ['/playlist', {}],
    ['/playlist calm', { emotion: 'calm' }],
    ['/playlist calm to:happy songs:10', { emotion: 'calm', to: 'happy', songs: 10 }],
    ['/playlist sad to happy', { emotion: 'sad', to: 'happy' }],
    ['/playlist sad happy 5', { emotion: 'sad', to: 'happy', songs: 5 }],
    ['/playlist songs: 7 calm', { songs: 7, emotion: 'calm' }],
    ['/playlist songs:many', { songs: 'many' }],
    ['/playlist calm adventure:0,5', { emotion: 'calm', adventure: 0.5 }],
    ['/PLAYLIST Calm', { emotion: 'Calm' }],
    ['/playlist 😌', { emotion: '😌' }],
    ['/song Blue Monday', { name: 'Blue Monday' }],
    ['/song "Blue Monday"', { name: 'Blue Monday' }],
    ['/song name:Blue Monday', { name: 'Blue Monday' }],
    ['/song Help: I need somebody', { name: 'Help: I need somebody' }],
    ['/taste add Blue Monday', { add: 'Blue Monday' }],
    ['/taste quiet', { quiet: true }],
    ['/taste quiet no', { quiet: false }],
    ['/taste quiet add Blue Monday', { quiet: true, add: 'Blue Monday' }],
    ['/taste remove:“Blue Monday” quiet:yes', { remove: 'Blue Monday', quiet: true }],
  ])('%s', (line, options) => {
    const [, command] = /^\/(\w+)/.exec(line.toLowerCase()) ?? [];
    expect(parse(line)).toEqual({ kind: 'command', command, options });
  });

  it('without a slash is something said', () => {
    expect(parse('hello /playlist')).toEqual({ kind: 'text' });
    expect(parse('/')).toEqual({ kind: 'text' });
    expect(parse('/ hello')).toEqual({ kind: 'text' });
  });

  it('with an unknown command is passed on, so that the bot can suggest another', () => {
    expect(parse('/plailist calm')).toEqual({ kind: 'unknown', command: 'plailist' });
  });

  it('with more than the command takes says so', () => {
    expect(parse('/help me please')).toMatchObject({ kind: 'mistake', text: expect.stringContaining('me') });
    expect(parse('/playlist to:')).toMatchObject({ kind: 'mistake', text: expect.stringContaining('to') });
  });

  it('never fails, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['text', 'unknown', 'command', 'mistake']).toContain(parse(`/playlist ${text}`).kind);
        parse(text);
      }),
    );
  });

  it('is shown again as it could be typed', () => {
    const declaration = WITH_TASTE.find(({ name }) => name === 'playlist');
    fc.assert(
      fc.property(
        fc.constantFrom('calm', 'happy'),
        fc.constantFrom('sad', 'tense'),
        fc.integer({ min: 1, max: 50 }),
        (emotion, to, songs) => {
          const options = { emotion, to, songs };
          expect(parse(formatLine('playlist', options, declaration))).toMatchObject({ options });
        },
      ),
    );
  });
});
