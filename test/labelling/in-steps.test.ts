import { describe, expect, test } from 'vitest';
import { inSteps } from '../../src/labelling/in-steps.ts';

/** Keeps the processor busy for so long. */
function work(ms: number): void {
  const from = performance.now();
  while (performance.now() - from < ms);
}

describe('work in steps', () => {
  test('lets timers and others run meanwhile, and gives its result', async () => {
    function* long(): Generator<void, string> {
      for (let step = 0; step < 50; step++) {
        work(1);
        yield;
      }
      return 'done';
    }
    let turns = 0;
    let over = false;
    const count = () => {
      turns++;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    expect(await inSteps(long())).toBe('done');
    over = true;
    expect(turns).toBeGreaterThanOrEqual(5);
  });

  test('fails as its work fails', async () => {
    const failing = inSteps(
      (function* (): Generator<void, never> {
        yield;
        throw new RangeError('no');
      })(),
    );
    await expect(failing).rejects.toThrow('no');
  });
});
