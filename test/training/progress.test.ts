import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TRAINING_STAGES } from '../../src/domain/training.ts';
import { createProgressMeter } from '../../src/training/progress.ts';

const report = fc.tuple(
  fc.constantFrom(...TRAINING_STAGES),
  fc.oneof(fc.double({ min: -1, max: 2 }), fc.constant(Number.NaN)),
  fc.integer({ min: 0, max: 5000 }),
);

test('progress never goes back and stays between 0 and 100, whatever is reported', () => {
  fc.assert(
    fc.property(
      fc.array(report, { maxLength: 40 }),
      fc.option(
        fc.dictionary(fc.constantFrom(...TRAINING_STAGES), fc.double({ min: 0, max: 1000, noNaN: true })),
        {
          nil: undefined,
        },
      ),
      (reports, previous) => {
        let clock = 0;
        const meter = createProgressMeter(previous, () => clock);
        let last = meter.current();
        for (const [stage, fraction, passed] of reports) {
          clock += passed;
          const next = meter.report(stage, fraction);
          expect(next.percent).toBeGreaterThanOrEqual(last.percent);
          expect(next.percent).toBeLessThanOrEqual(100);
          expect(TRAINING_STAGES.indexOf(next.stage)).toBeGreaterThanOrEqual(
            TRAINING_STAGES.indexOf(last.stage),
          );
          if (next.secondsLeft !== undefined) expect(next.secondsLeft).toBeGreaterThanOrEqual(0);
          last = next;
        }
      },
    ),
  );
});

test('stages weigh what they took the last time', () => {
  const previous = {
    prepare: 0.05,
    aggregate: 0.05,
    propagate: 0.05,
    train: 9.8,
    evaluate: 9.8,
    publish: 0.05,
  };
  const meter = createProgressMeter(previous, () => 0);
  expect(meter.report('evaluate', 0).percent).toBeCloseTo(50, 0);
});

test('seconds left follow the pace of this run', () => {
  let clock = 0;
  const previous = { prepare: 10, aggregate: 10, propagate: 10, train: 10, evaluate: 10, publish: 10 };
  const meter = createProgressMeter(previous, () => clock);
  clock = 60_000;
  // Half of what took 60 s last time took 60 s now: another 60 to go.
  expect(meter.report('train', 0).secondsLeft).toBe(60);
});

test('a first run promises nothing before it has shown its pace', () => {
  const meter = createProgressMeter(undefined, () => 0);
  expect(meter.report('prepare', 0.5).secondsLeft).toBeUndefined();
});
