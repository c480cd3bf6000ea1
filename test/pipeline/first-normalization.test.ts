import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { firstNormalization } from '../../src/pipeline/first-normalization.ts';
import { refusalOf } from './small-run.ts';

const own = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.2, 0.2] };
const first = (its: typeof own, model: object = {}, training: object = {}) =>
  firstNormalization(runConfigSchema.parse({ model: { weights: 'w', ...model }, training }), its, own);
const scaled = { mean: [0.5, 0.4, 0.3], std: [0.00392157, 0.00392157, 0.00392157] };

describe("constants of the checkpoint that a run starts from, and the run's own", () => {
  for (const [what, model, training, reason] of [
    ['frozen', { freeze: true }, {}, 'model.freeze'],
    ['without epochs', {}, { epochs: 0 }, 'training.epochs 0'],
  ] as const)
    it(`are refused where they differ and the run is ${what}, with both and the choice`, () => {
      assert.throws(() => first(scaled, model, training), {
        name: 'InputError',
        message: `model.weights: w takes images scaled with mean 0.5, 0.4, 0.3 and deviation 0.00392, 0.00392, 0.00392, and the run's own are mean 0.5, 0.4, 0.3 and deviation 0.2, 0.2, 0.2; with ${reason} the network would not be the checkpoint's: model.normalization=weights takes the checkpoint's, and data the run's`,
      });
      const chosen = (normalization: string) => first(scaled, { ...model, normalization }, training);
      assert.deepEqual(chosen('weights'), { normalization: scaled, lines: [] });
      assert.deepEqual(chosen('data'), { normalization: own, lines: [] });
    });

  it('are told apart from 5 % of a deviation on', () => {
    for (const [mean, std, differs] of [
      [0.509, 0.2, false],
      [0.511, 0.2, true],
      [0.5, 0.209, false],
      [0.5, 0.212, true],
      [0.5, 0.19, true],
    ] as const) {
      const its = { mean: [0.5, 0.4, 0.3].with(0, mean), std: [0.2, 0.2, 0.2].with(0, std) };
      assert.equal(first(its).lines.length, differs ? 1 : 0, `${mean} ${std}`);
    }
  });

  it('are refused of a frozen run from a quarter of a deviation on only', () => {
    const shifted = (mean: number) => ({ mean: [mean, 0.4, 0.3], std: [0.2, 0.2, 0.2] });
    assert.equal(first(shifted(0.54), { freeze: true }).lines.length, 1);
    assert.throws(() => first(shifted(0.56), { freeze: true }), { name: 'InputError' });
  });

  it("are the run's where it trains, which a line says", () => {
    const { normalization, lines } = first(scaled);
    assert.equal(normalization, own);
    assert.match(
      lines.join(),
      /^model\.weights: w takes .*; the run takes its own\. model\.normalization=weights/,
    );
  });

  it('are no choice without model.weights', async () => {
    assert.match(
      String(await refusalOf(runConfigSchema.parse({ model: { normalization: 'weights' } }))),
      /^model\.normalization is weights, which does nothing where model\.weights is absent/,
    );
  });
});
