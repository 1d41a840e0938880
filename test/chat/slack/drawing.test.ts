import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { layOut } from '../../../src/chat/slack/layout.ts';
import { mrkdwn, verbatim } from '../../../src/chat/slack/text.ts';
import { checkBlocks, tooLong } from '../../support/slack/blocks/blocks.ts';
import type { Block } from '../../support/slack/world.ts';
import { anyMessage } from '../any-message.ts';
import { openBot, seen } from './bot.ts';

describe('a message on Slack', () => {
  it('is within every limit, whatever is in it', () => {
    fc.assert(
      fc.property(
        anyMessage,
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.array(fc.string({ maxLength: 400 }), { maxLength: 5 }),
        (message, page, drawn, notes) => {
          const { text, blocks } = layOut(message, {
            wanted: page,
            notes: notes.map(mrkdwn),
            addressee: 'U1',
            ...(drawn && { pictureId: 'F1' }),
          });
          expect(text.trim()).not.toBe('');
          expect(text.length).toBeLessThanOrEqual(4000);
          if (blocks.length === 0) return;
          for (const place of ['message', 'home'] as const) expect(checkBlocks(blocks, place)).toEqual([]);
          expect(tooLong(blocks as unknown as Block[])).toBe(false);
        },
      ),
      { numRuns: 400, seed: 4 },
    );
  });

  it('is taken by Slack, new and changed', async () => {
    const bot = await openBot();
    onTestFinished(() => bot.close());
    const ref = await bot.post({ text: 'first' });
    for (const message of fc.sample(anyMessage, { numRuns: 30, seed: 8 })) {
      await bot.platform.edit(ref, message);
    }
    await bot.platform.edit(ref, { text: 'plain again' });
    expect([seen(bot.slack, ref).text, seen(bot.slack, ref).blocks]).toEqual(['plain again', undefined]);
    const { snippet: _snippet, ...message } = fc.sample(anyMessage, { numRuns: 1, seed: 9 })[0]!;
    await bot.post(message);
  });

  it('reads as it was written: bold is bold, nothing else is a mark', () => {
    expect(mrkdwn('Send */playlist calm* & <see> a_b _c_ `d` ~e~ 2*3')).toBe(
      'Send */playlist calm* &amp; &lt;see&gt; a_b ˍcˍ ˋdˋ ∼e∼ 2∗3',
    );
    expect(mrkdwn('<@U123> in <#C123|songs>, <!subteam^S12> but not <!channel>')).toBe(
      '<@U123> in <#C123|songs>, <!subteam^S12> but not &lt;!channel&gt;',
    );
    expect(mrkdwn('> no quote\n* x *')).toBe('\u200b&gt; no quote\n *x* ');
    expect(verbatim('\u202eعربي\u2067 x')).toBe('عربي x');
    expect(verbatim('A|B *c* :smile: https://x.y')).toBe('A∣B ∗c∗ :\u200bsmile: https:\u200b//x.y');
  });
});
