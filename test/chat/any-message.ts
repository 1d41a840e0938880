import fc from 'fast-check';
import type { Message, SongCard } from '../../src/chat/message.ts';

export const SVG = (words: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text y="12">${words.replace(/[<&]/g, '')}</text></svg>`;

/** Words as people write them: markup, mentions, links, many lines, far too long, right to left. */
const words = (maxLength: number) =>
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength }),
    fc.string({ unit: fc.constantFrom(...'*_~`|[]()<>#-\\@: \na1😄'), maxLength }),
    fc.constantFrom(
      '',
      ' ',
      '*bold* and _not_',
      '# no heading\n- no list\n> no quote\n1. no number',
      'https://example.org/a_b_c?d=*e*',
      '<@123456789012345678> @everyone <#1> </x:1>',
      '\u200b',
      '<!channel> <@U123456789> <#C123456789|x> & <b> :smile: *a:b* _c_ `d` ~e~',
      '&'.repeat(4000),
      'שלום *עולם*',
      'x'.repeat(7000),
      '*_`'.repeat(2500),
      `${'line *bold*\n'.repeat(900)}`,
      '👨‍👩‍👧‍👦'.repeat(800),
    ),
  );

const emotion = fc.record({
  key: fc.constant('calm'),
  name: words(60),
  emoji: fc.constantFrom('😌', '<:zen:123456789012345678>'),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});

const optional: { requiredKeys: [] } = { requiredKeys: [] };

const song: fc.Arbitrary<SongCard> = fc
  .tuple(
    fc.record({
      songId: fc.constant('s1'),
      title: words(300),
      artists: fc.array(words(120), { maxLength: 6 }),
      sound: fc.oneof(
        fc.constant({ kind: 'none' } as const),
        fc.constant({ kind: 'own', seconds: 10 } as const),
        fc.record({
          kind: fc.constant('spotify' as const),
          uri: fc.constantFrom('spotify:track:4uLU6hMCjMI75M1A2tKUQC', 'nonsense', ''),
        }),
      ),
    }),
    fc.record(
      { emotions: fc.array(emotion, { maxLength: 4 }), why: words(300), detail: words(100) },
      optional,
    ),
  )
  .map(([card, more]) => ({ ...card, ...more }));

/** Of pages and of what is none, up to far too long. */
const address = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.nat({ max: 1_700 }).map((length) => `https://example.org/?code=${'&|>"a'.repeat(length / 5)}`),
  fc.constantFrom(
    'javascript:alert(1)',
    'file:///etc/passwd',
    'nonsense',
    '',
    'http://127.0.0.1:3000/link/a_b',
  ),
);

/** Whatever the rest of the bot might say, and more than it should. */
export const anyMessage: fc.Arbitrary<Message> = fc
  .tuple(
    words(3000),
    fc.record(
      {
        title: words(400),
        tone: fc.constantFrom('plain', 'success', 'refusal'),
        fields: fc.array(fc.record({ name: words(300), value: words(1500) }), { maxLength: 30 }),
        snippet: song,
        songs: fc.array(song, { maxLength: 60 }),
        picture: words(20).map((text) => ({
          svg: SVG(text),
          width: 40,
          height: 20,
          alt: `a picture ${text}`,
        })),
        progress: fc.record({
          percent: fc.double({ min: -10, max: 200 }),
          label: words(200),
          secondsLeft: fc.integer({ min: 0, max: 10_000 }),
        }),
        buttons: fc.array(
          fc.oneof(
            fc.record({
              action: fc.oneof(fc.constantFrom('a:b', 'a:c', ''), fc.string({ maxLength: 120 })),
              label: words(120),
              style: fc.constantFrom('plain', 'primary', 'danger'),
            }),
            fc.record({ url: address, label: words(120), style: fc.constantFrom('plain', 'primary') }),
          ),
          { maxLength: 30 },
        ),
        files: fc.array(
          fc.record({ name: words(200), mediaType: fc.constant('text/csv'), content: words(100) }),
          {
            maxLength: 12,
          },
        ),
        reopen: fc.oneof(fc.constant('playlist:show:1'), fc.string({ minLength: 1, maxLength: 100 })),
        addressee: fc.constantFrom('discord:123456789012345678', 'slack:T1:U123456789', 'room:x'),
      },
      optional,
    ),
  )
  .map(([text, more]) => ({ text, ...more }) as Message);
