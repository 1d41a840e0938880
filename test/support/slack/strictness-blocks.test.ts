import { describe, expect, it } from 'vitest';
import { acme, call } from './strict.ts';
import type { Payload } from './world.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const button = (more: Payload = {}) => ({ type: 'button', action_id: 'a', text: plain('b'), ...more });
const actions = (...elements: Payload[]) => ({ type: 'actions', elements });
const option = (text = 'o', value = 'v') => ({ text: plain(text), value });
const long = (length: number) => 'x'.repeat(length);

describe('blocks', () => {
  const cases: readonly [what: string, blocks: unknown, pointer: string][] = [
    [
      '51 blocks',
      Array.from({ length: 51 }, () => ({ type: 'divider' })),
      'no more than 50 items allowed [json-pointer:/blocks]',
    ],
    ['an unknown block', [{ type: 'marquee' }], 'unsupported type: marquee'],
    [
      'a long section',
      [section(long(3001))],
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ],
    ['an empty section', [{ type: 'section' }], 'must provide a text or fields'],
    [
      'eleven fields',
      [{ type: 'section', fields: Array.from({ length: 11 }, () => plain('f')) }],
      'no more than 10 items',
    ],
    ['a long field', [{ type: 'section', fields: [plain(long(2001))] }], 'must be less than 2001 characters'],
    ['a long header', [{ type: 'header', text: plain(long(151)) }], 'must be less than 151 characters'],
    [
      'a header that is marked up',
      [{ type: 'header', text: { type: 'mrkdwn', text: '*b*' } }],
      'must be one of: plain_text',
    ],
    [
      '26 buttons',
      [actions(...Array.from({ length: 26 }, (_, i) => button({ action_id: `a${i}` })))],
      'no more than 25 items',
    ],
    ['a long label', [actions(button({ text: plain(long(76)) }))], 'must be less than 76 characters'],
    ['a long action id', [actions(button({ action_id: long(256) }))], 'must be less than 256 characters'],
    ['a long value', [actions(button({ value: long(2001) }))], 'must be less than 2001 characters'],
    ['the same action twice', [actions(button(), button())], 'action_id already exists: a'],
    [
      'the same block id twice',
      [
        { type: 'divider', block_id: 'd' },
        { type: 'divider', block_id: 'd' },
      ],
      'block_id already exists: d',
    ],
    [
      'eleven things in a context',
      [{ type: 'context', elements: Array.from({ length: 11 }, () => plain('c')) }],
      'no more than 10 items',
    ],
    [
      'a picture without words',
      [{ type: 'image', image_url: 'https://example.com/a.png' }],
      'missing required field: alt_text',
    ],
    [
      'a picture without an address',
      [{ type: 'image', alt_text: 'a' }],
      'must provide one of image_url or slack_file',
    ],
    [
      'an address that is none',
      [{ type: 'image', alt_text: 'a', image_url: 'a.png' }],
      'must be a valid URL',
    ],
    [
      '101 options',
      [
        actions({
          type: 'static_select',
          action_id: 's',
          options: Array.from({ length: 101 }, () => option()),
        }),
      ],
      'no more than 100 items',
    ],
    [
      'a menu without options',
      [actions({ type: 'static_select', action_id: 's' })],
      'must have either options or option_groups',
    ],
    [
      'a choice nobody offers',
      [
        actions({
          type: 'static_select',
          action_id: 's',
          options: [option()],
          initial_option: option('p', 'w'),
        }),
      ],
      'initial option must be one',
    ],
    [
      'a text field among buttons',
      [actions({ type: 'plain_text_input', action_id: 't' })],
      'unsupported type: plain_text_input',
    ],
    ['an unknown property', [{ type: 'divider', colour: 'red' }], 'invalid additional property: colour'],
  ];
  it.each(cases)('%s', async (_what, blocks, message) => {
    const { slack, ws } = await acme();
    const answer = await call(slack, ws.token, 'chat.postMessage', {
      channel: ws.channel('music').id,
      text: 'hi',
      blocks,
    });
    expect(answer).toMatchObject({ ok: false, error: 'invalid_blocks' });
    expect(JSON.stringify(answer.errors)).toContain(message);
    expect(() => slack.check()).toThrow('invalid_blocks');
    slack.forgives();
  });

  it('together are not longer than 13,200 characters', async () => {
    const { slack, ws } = await acme();
    const blocks = Array.from({ length: 5 }, () => section(long(3000)));
    expect(
      await call(slack, ws.token, 'chat.postMessage', {
        channel: ws.channel('music').id,
        text: 'hi',
        blocks,
      }),
    ).toMatchObject({
      error: 'msg_blocks_too_long',
    });
    slack.forgives();
  });
});

describe('views', () => {
  const field = { type: 'input', label: plain('l'), element: { type: 'plain_text_input' } };
  it.each([
    ['a long title', { title: plain(long(25)), blocks: [] }, 'must be less than 25 characters'],
    [
      '101 blocks',
      { title: plain('t'), blocks: Array.from({ length: 101 }, () => ({ type: 'divider' })) },
      'no more than 100 items',
    ],
    ['fields that nobody can send', { title: plain('t'), blocks: [field] }, 'submit is required'],
    [
      'long private notes',
      { title: plain('t'), blocks: [], private_metadata: long(3001) },
      'must be less than 3001 characters',
    ],
  ])('%s', async (_what, view, message) => {
    const { slack, ws } = await acme();
    const answer = await call(slack, ws.token, 'views.open', {
      trigger_id: '1.2',
      view: { type: 'modal', ...view },
    });
    expect(answer).toMatchObject({ ok: false, error: 'invalid_arguments' });
    expect(JSON.stringify(answer.errors)).toContain(message);
    slack.forgives();
  });

  it('are not changed by who saw an older one', async () => {
    const { slack, ws, ana } = await acme();
    const publish = (hash?: unknown) =>
      call(slack, ws.token, 'views.publish', {
        user_id: ana.id,
        view: { type: 'home', blocks: [section('hi')] },
        ...(hash !== undefined && { hash }),
      });
    const first = (await publish()).view as Payload;
    await publish();
    expect(await publish(first.hash)).toMatchObject({ error: 'hash_conflict' });
  });
});
