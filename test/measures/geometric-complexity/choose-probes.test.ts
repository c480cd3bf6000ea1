import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseProbes } from '../../../src/measures/geometric-complexity/choose-probes.ts';

/** Two examples whose values differ by `apart`, each with this variance of its mean over 2 probes. */
const pilot = (apart: number, probeVariance: number) =>
  [0, apart].map((value, example) => ({ example, label: 0, value, probeVariance }));

describe('probes an example', () => {
  it('one where examples differ more than probes', () => {
    assert.equal(chooseProbes(pilot(20, 1), 2), 1);
    assert.equal(chooseProbes(pilot(20, 0), 2), 1);
  });

  it('sqrt(W / B) where probes differ more', () => {
    // Spread 200 = B + 100, so B = 100; 2 probes of variance W have a mean of variance 100.
    assert.equal(chooseProbes(pilot(20, 100), 2), Math.round(Math.sqrt(200 / 100)));
    assert.equal(chooseProbes(pilot(20, 180), 2), Math.round(Math.sqrt(360 / 20)));
  });

  it('at most 16, where examples do not differ', () => {
    assert.equal(chooseProbes(pilot(1, 100), 2), 16);
  });
});
