import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../ml/random.ts';
import { createLimits } from '../../../src/chat/slack/limits.ts';
import { createClock } from '../../support/slack/clock.ts';
import { Limits as SlacksLimits } from '../../support/slack/limits.ts';

const tooLong = () => new Error('too long');

describe('the pace of calls', () => {
  it('leaves Slack a second between two posts, though the first was long on its way', async () => {
    const limits = createLimits();
    const counted: number[] = [];
    const post = (onItsWayMs: number) =>
      limits.run(
        { team: 'T1', method: 'chat.postMessage', channel: 'C1' },
        async () => {
          await wait(onItsWayMs);
          counted.push(performance.now());
          return { value: undefined };
        },
        { tooLong },
      );
    await Promise.all([post(400), post(0)]);
    expect(counted[1] - counted[0]).toBeGreaterThanOrEqual(1_000);
    limits.close(new Error('over'));
  });

  it('is never above what Slack counts, however unevenly calls arrive and are answered', async () => {
    const limits = createLimits();
    const random = createRandom(1);
    const slack = new SlacksLimits({ clock: createClock(() => performance.now()), on: true, speed: 1 });
    let refused = 0;
    const call = (method: string, channel?: string) => {
      const [there, back] = [random.integer(250), random.integer(250)];
      const tier = channel === undefined ? 2 : 'post';
      return limits.run(
        { team: 'T1', method, ...(channel !== undefined && { channel }) },
        async () => {
          await wait(there);
          const seconds = slack.count(method, tier, 'T1', channel);
          await wait(back);
          if (seconds === undefined) return { value: undefined };
          refused += 1;
          return { waitMs: seconds * 1_000 };
        },
        { tooLong },
      );
    };
    const channels = Array.from({ length: 12 }, (_, i) => `C${i}`);
    await Promise.all([
      ...channels.flatMap((channel) => [1, 2, 3].map(() => call('chat.postMessage', channel))),
      // Twenty a minute, all at once if one likes; what comes after them has to wait.
      ...Array.from({ length: 21 }, () => call('users.list')),
    ]);
    expect(refused).toBe(0);
    limits.close(new Error('over'));
  });
});
