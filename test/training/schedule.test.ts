import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { learningRateAt } from '../../src/training/schedule.ts';

const rates = (schedule: object, steps = 10, stepsPerEpoch = 5): number[] => {
  const { training } = runConfigSchema.parse({ training: { learningRate: 0.4, schedule } });
  return Array.from({ length: steps }, (_, step) => learningRateAt(step, steps, stepsPerEpoch, training));
};
const rounded = (values: number[]): number[] => values.map((value) => Number(value.toFixed(12)));

describe('the learning rate', () => {
  it('is constant unless told otherwise', () => {
    assert.deepEqual(rates({}), new Array(10).fill(0.4));
  });

  it('falls by gamma after each milestone', () => {
    assert.deepEqual(
      rounded(rates({ name: 'step', milestones: [0.5, 0.8], gamma: 0.5 })),
      [0.4, 0.4, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1, 0.1],
    );
  });

  it('passes a milestone at the step that its share of all steps names', () => {
    for (const percent of [7, 14, 28, 29, 55, 57]) {
      const { training } = runConfigSchema.parse({
        training: { learningRate: 1, schedule: { name: 'step', milestones: [percent / 100] } },
      });
      const rateAt = (step: number): number => learningRateAt(step, 100, 10, training);
      assert.deepEqual([rateAt(percent - 1), rateAt(percent)], [1, 0.1]);
    }
  });

  it("falls along half a cosine, as PyTorch's CosineAnnealingLR over the steps", () => {
    const expected = Array.from({ length: 10 }, (_, t) => 0.2 * (1 + Math.cos((Math.PI * t) / 10)));
    assert.deepEqual(rounded(rates({ name: 'cosine' })), rounded(expected));
  });

  it('rises linearly to the full rate over the warm-up, then follows its schedule', () => {
    const found = rounded(rates({ name: 'cosine', warmupEpochs: 1 }));
    assert.deepEqual(found.slice(0, 6), [0.08, 0.16, 0.24, 0.32, 0.4, 0.4]);
    assert.equal(found[9], Number((0.2 * (1 + Math.cos((Math.PI * 4) / 5))).toFixed(12)));
  });
});
