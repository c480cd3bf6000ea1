import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { cast, dispose, fromArray, liveTensorCount } from '../../src/backend/tensor.ts';
import type { StateDict, WeightSpec } from '../../src/models/weights.ts';
import { GradientSum } from '../../src/training/gradient-sum.ts';
import {
  createParameters,
  disposeParameters,
  downloadMomenta,
  downloadWeights,
} from '../../src/training/parameters.ts';
import { type SgdConfig, updateParameters } from '../../src/training/sgd.ts';
import { uniform } from '../models/formula.ts';

interface Summary {
  readonly norm: number;
  /** The first five values and the last. */
  readonly ends: readonly number[];
}
interface Reference {
  readonly sizes: Readonly<Record<string, number>>;
  readonly rates: readonly number[];
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly options: Partial<SgdConfig>;
        readonly after: Readonly<
          Record<string, { readonly weight: Summary; readonly momentum: Summary | null }>
        >;
      }
    >
  >;
}
const { sizes, rates, cases }: Reference = JSON.parse(
  readFileSync(new URL('./fixtures/sgd.json', import.meta.url), 'utf8'),
);

const roles: Readonly<Record<string, WeightSpec['role']>> = { vector: 'scale', one: 'bias' };
const specs: readonly WeightSpec[] = Object.entries(sizes).map(([name, size]) => ({
  name,
  shape: [size],
  role: roles[name] ?? 'matrix',
}));
const start: StateDict = new Map(
  specs.map(({ name, shape }) => [name, { shape, values: uniform(name, shape[0]!) }]),
);
const plain: SgdConfig = { momentum: 0, nesterov: false, l2: 0, weightDecay: 0, decayBiasAndNorm: true };

const assertSame = ({ values }: { values: Float32Array }, { norm, ends }: Summary, what: string): void => {
  // A handful of roundings to float32 a step, of values below 4.
  const tolerance = 2e-6;
  assert.ok(Math.abs(Math.hypot(...values) - norm) <= tolerance * norm, `${what}: norm`);
  const found = [...values.slice(0, 5), ...values.slice(-5)];
  assert.equal(found.length, ends.length, what);
  for (const [i, value] of ends.entries())
    assert.ok(Math.abs(found[i]! - value) <= tolerance, `${what}[${i}]: ${found[i]}, not ${value}`);
};

describe("three steps of PyTorch's SGD in float64", () => {
  for (const [name, { options, after }] of Object.entries(cases))
    it(name, () => {
      const before = liveTensorCount();
      const parameters = createParameters(specs, start);
      for (const [step, rate] of rates.entries()) {
        const gradients = new GradientSum();
        for (const { name, shape } of specs)
          gradients.add(name, fromArray(uniform(`${name} gradient ${step}`, shape[0]!), shape));
        updateParameters(parameters.trained, gradients, { ...plain, ...options }, rate);
      }
      const weights = downloadWeights(parameters);
      const momenta = downloadMomenta(parameters);
      for (const [weight, expected] of Object.entries(after)) {
        assertSame(weights.get(weight)!, expected.weight, weight);
        if (expected.momentum) assertSame(momenta.get(weight)!, expected.momentum, `momentum of ${weight}`);
      }
      disposeParameters(parameters);
      assert.equal(liveTensorCount(), before);
    });
});

it('a gradient in bfloat16 counts as what it is in float32; a weight without one stays, with its momentum', () => {
  const momenta: StateDict = new Map(
    specs.map(({ name, shape }) => [name, { shape, values: uniform(`${name} momentum`, shape[0]!) }]),
  );
  const config = { ...plain, momentum: 0.9, l2: 0.01 };
  const results = (['bfloat16', 'float32'] as const).map((precision) => {
    const parameters = createParameters(specs, start, momenta);
    const gradients = new GradientSum();
    const wide = fromArray(uniform('g', sizes.vector!), [sizes.vector!]);
    const narrow = cast(wide, 'bfloat16');
    gradients.add('vector', cast(narrow, precision));
    dispose(wide, narrow);
    updateParameters(parameters.trained, gradients, config, 0.1);
    const after = [downloadWeights(parameters), downloadMomenta(parameters)] as const;
    disposeParameters(parameters);
    return after;
  });
  assert.deepEqual(results[0], results[1]);
  const [weights, moved] = results[0]!;
  assert.notDeepEqual(weights.get('vector'), start.get('vector'));
  for (const name of Object.keys(sizes))
    if (name !== 'vector')
      assert.deepEqual([weights.get(name), moved.get(name)], [start.get(name), momenta.get(name)]);
});
