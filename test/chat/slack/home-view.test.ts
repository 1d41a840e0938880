import { describe, expect, it } from 'vitest';
import { homeBlocks, MAX_BLOCKS } from '../../../src/chat/slack/home-view.ts';
import type { Block } from '../../../src/chat/slack/layout.ts';

const rows = (count: number): Block[] =>
  Array.from({ length: count }, (_, n) => ({ type: 'section', text: { type: 'mrkdwn', text: `${n}` } }));
const part = (command: string, count: number) => ({ command, blocks: rows(count) });
const head: Block[] = [{ type: 'actions', elements: [] }];

describe('the blocks of the home tab', () => {
  it('are all there when they fit, with lines between them', () => {
    const blocks = homeBlocks(head, [part('/taste', 3), part('/status', 0), part('/settings', 40)]);
    expect(blocks.map(({ type }) => type)).toEqual([
      'actions',
      'divider',
      ...Array(3).fill('section'),
      'divider',
      ...Array(40).fill('section'),
    ]);
  });

  it('never exceed what Slack takes: the longest is cut, and says where the rest is', () => {
    const blocks = homeBlocks(head, [part('/playlists', 300), part('/taste', 9), part('/settings', 12)]);
    expect(blocks).toHaveLength(MAX_BLOCKS);
    expect(blocks.filter(({ type }) => type === 'divider')).toHaveLength(3);
    expect(blocks.at(-1)).toEqual(rows(12).at(-1));
    const more = blocks.filter(({ type }) => type === 'context');
    expect(JSON.stringify(more)).toContain('… and more: send /playlists.');
    expect(more).toHaveLength(1);
  });

  it('are shared out fairly when several are too long', () => {
    const blocks = homeBlocks([], [part('/a', 200), part('/b', 200), part('/c', 200), part('/d', 2)]);
    expect(blocks.length).toBeLessThanOrEqual(MAX_BLOCKS);
    const more = blocks.filter(({ type }) => type === 'context');
    expect(more).toHaveLength(3);
    expect(blocks.length).toBeGreaterThan(MAX_BLOCKS - 4);
  });
});
