import { describe, expect, test } from 'vitest';
import type { RankingEvaluation } from '../../ml/evaluate.ts';
import { mean } from '../../ml/metrics.ts';
import { createRandom } from '../../ml/random.ts';
import { decide, INCOMPARABLE, LEAST_COMPARED } from '../../src/training/decide.ts';

function evaluation(ndcg10: readonly number[]): RankingEvaluation {
  return {
    listeners: Int32Array.from(ndcg10.keys()),
    ndcg10: Float64Array.from(ndcg10),
    recall50: new Float64Array(ndcg10.length),
    meanNdcg10: ndcg10.length === 0 ? 0 : mean(ndcg10),
    meanRecall50: 0,
  };
}

const judge = (challenger: readonly number[], champion: readonly number[]) =>
  decide(
    evaluation(challenger),
    { catalogueVersion: 'v1', evaluation: evaluation(champion) },
    'v1',
    createRandom(1),
  );

/** Listeners differ a lot from each other, as real ones do. */
const some = Array.from({ length: 40 }, (_, i) => (i % 8) / 10);
const moved = (by: number) => some.map((value, i) => value + by + (i % 2 === 0 ? 0.01 : -0.01));

describe('a challenger', () => {
  test('that is worse for the same listeners stays out, however much listeners differ', () => {
    const { replace, reason, comparison } = judge(moved(-0.02), some);
    expect(replace).toBe(false);
    expect(reason).toMatch(
      /^it ranks worse than the one in use: NDCG@10 0\.3300 against 0\.3500 on the hidden songs of 40 listeners \(difference -0\.0200, 95 % between -0\.02\d\d and -0\.01\d\d\)\.$/,
    );
    expect(comparison).toMatchObject({ listeners: 40, ndcg10: mean(moved(-0.02)), before: mean(some) });
    expect(comparison?.low).toBeLessThan(comparison?.difference ?? Number.NaN);
    expect(comparison?.high).toBeLessThan(0);
  });

  test('that is better comes into use', () => {
    expect(judge(moved(0.02), some)).toMatchObject({
      replace: true,
      reason: expect.stringContaining('it ranks better: NDCG@10 0.3700 against 0.3500'),
    });
  });

  test('whose difference may be chance comes into use, as no worse', () => {
    const { replace, reason, comparison } = judge(moved(-0.001), some);
    expect({ replace, reason }).toEqual({
      replace: true,
      reason: expect.stringMatching(/^it ranks no worse/),
    });
    expect(comparison?.low).toBeLessThan(0);
    expect(comparison?.high).toBeGreaterThan(0);
  });

  test('that ties comes into use, and nothing has a sign', () => {
    const { replace, reason, comparison } = judge(some, some);
    expect(replace).toBe(true);
    expect(reason).toContain('(difference 0.0000, 95 % between 0.0000 and 0.0000)');
    expect(comparison).toMatchObject({ difference: 0, low: 0, high: 0 });
    expect(judge([...some.slice(1), 0.7 - 1e-7], some).reason).not.toContain('-0.0000');
  });

  test('is not judged by a handful of listeners, who all may be unlucky', () => {
    const worse = Array.from({ length: LEAST_COMPARED }, () => 0.1);
    const better = worse.map(() => 0.5);
    expect(judge(worse, better).replace).toBe(false);
    const few = judge(worse.slice(1), better.slice(1));
    expect(few).toEqual({
      replace: true,
      reason: expect.stringContaining(
        'too few listeners to compare it with the one before it (5 with hidden',
      ),
    });
    expect(judge([], []).reason).toContain('(0 with hidden songs, 6 are needed)');
  });

  test('comes to the same decision with the same seed', () => {
    expect(judge(moved(-0.004), some)).toEqual(judge(moved(-0.004), some));
  });
});

describe('without a comparison', () => {
  const [random, own] = [createRandom(1), evaluation(some)];
  test('the first one, one after a change of catalogue, and one that nothing can be compared with say so', () => {
    expect(decide(own, undefined, 'v1', random)).toEqual({
      replace: true,
      reason: 'it is the first one.',
    });
    expect(decide(own, INCOMPARABLE, 'v1', random).reason).toBe(
      'it could not be compared with the one before it.',
    );
    const before = { catalogueVersion: 'v0', evaluation: evaluation(moved(0.5)) };
    expect(decide(own, before, 'v1', random)).toEqual({
      replace: true,
      reason: 'the catalogue has changed since the one before it.',
    });
  });
});
