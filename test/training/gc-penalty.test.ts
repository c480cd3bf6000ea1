import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dispose, fromArray, liveTensorCount, type Tensor } from '../../src/backend/tensor.ts';
import { downloadWeight, inferenceWeights } from '../../src/models/device-weights.ts';
import { fuseActivations } from '../../src/models/fuse-activations.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { addGradientAlong } from '../../src/training/gc-penalty.ts';
import { GradientSum } from '../../src/training/gradient-sum.ts';
import { formulaImages, formulaWeights, uniform } from '../models/formula.ts';
import { networkOf } from '../models/networks.ts';

interface Reference {
  readonly side: number;
  readonly complexity: {
    readonly alongSigns: number;
    readonly penaltyGradient: Readonly<
      Record<string, { readonly norm: number; readonly first: readonly number[] }>
    >;
  };
}
const references: Readonly<Record<string, Reference>> = JSON.parse(
  readFileSync(new URL('../models/fixtures/pytorch.json', import.meta.url), 'utf8'),
);
const examples = 6;

describe("the penalty and its gradient agree with PyTorch's double backward in float64, to 1e-3", () => {
  for (const name of Object.keys(references))
    it(name, () => {
      const { side, complexity } = references[name]!;
      // As in src/training/loop.ts.
      const network = fuseActivations(networkOf(name, side));
      const specs = weightSpecs(network);
      const before = liveTensorCount();
      const weights = inferenceWeights(specs, formulaWeights(specs), 'float32');
      const shape = [examples, side, side, 3];
      const image = fromArray(formulaImages(examples, [side, side, 3]), shape);
      const signs = uniform('signs', examples * side * side * 3).map((value) => Math.sign(value + 2 ** -24));
      const direction = fromArray(signs, shape);
      const gradients = new GradientSum();
      addGradientAlong(network, image, direction, weights.pass, 1, {
        trains: () => true,
        setGradient: gradients.add,
      });
      for (const spec of specs) {
        const expected = complexity.penaltyGradient[spec.name];
        const gradient: Tensor | undefined | null = gradients.take(spec.name);
        if (!expected) {
          const values = gradient ? downloadWeight(spec, gradient) : [];
          assert.ok(
            values.every((value) => value === 0),
            `${spec.name} has no gradient in PyTorch`,
          );
          dispose(gradient);
          continue;
        }
        const values = downloadWeight(spec, gradient!);
        const norm = Math.hypot(...values);
        assert.ok(
          Math.abs(norm - expected.norm) < 1e-3 * expected.norm,
          `${spec.name}: ${norm}, not ${expected.norm}`,
        );
        const scale = expected.norm / Math.sqrt(values.length);
        for (const [i, value] of expected.first.entries())
          assert.ok(
            Math.abs(values[i]! - value) < 1e-3 * Math.max(scale, Math.abs(value)),
            `${spec.name}[${i}]`,
          );
        dispose(gradient);
      }
      dispose(image, direction);
      weights.dispose();
      assert.equal(liveTensorCount(), before);
    });
});
