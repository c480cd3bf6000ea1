import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BatchNorm, BatchNormGradient } from '../../src/backend/kernels/batch-norm-contract.ts';
import { ownBatchNorm, ownBatchNormGradient } from '../../src/backend/kernels/batch-norm-own.ts';
import {
  tensorFlowBatchNorm,
  tensorFlowBatchNormGradient,
} from '../../src/backend/kernels/batch-norm-tensorflow.ts';
import type { Convolution, ConvolutionGeometry } from '../../src/backend/kernels/convolution-contract.ts';
import {
  ownConvolution,
  ownFilterGradient,
  ownInputGradient,
} from '../../src/backend/kernels/convolution-own.ts';
import {
  tensorFlowConvolution,
  tensorFlowFilterGradient,
  tensorFlowInputGradient,
} from '../../src/backend/kernels/convolution-tensorflow.ts';
import { applyMomentum, createVariable } from '../../src/backend/kernels/momentum.ts';
import { padEvenly } from '../../src/backend/kernels/pad.ts';
import { maxPool, maxPoolGradient } from '../../src/backend/kernels/pooling.ts';
import { hasOwnKernels } from '../../src/backend/load.ts';
import { cast, dispose, execute, float, ints, run, sizeOf, type Tensor } from '../../src/backend/tensor.ts';
import { uniform } from '../models/formula.ts';
import { floats, made, type Precision, tensorOf } from './made.ts';
import { type ConvolutionShape, shapesOf } from './plain-convolution.ts';

/** The tensors that an op reads, by name: its shape, and float32 where the op has it so whatever the precision. */
type Inputs = Readonly<Record<string, { readonly shape: readonly number[]; readonly isFloat32?: boolean }>>;
type Given<Names extends Inputs> = Readonly<Record<keyof Names, Tensor>>;
type Op<Names extends Inputs> = (given: Given<Names>) => readonly Tensor[];

const strange = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

/** What is compared: NaN, each infinity, or any finite value. */
const isSameKind = (value: number, other: number): boolean =>
  Number.isFinite(value) ? Number.isFinite(other) : Object.is(value, other);

/** Each value must be of the kind that one of the references has there. */
const compare = (found: Float32Array, references: readonly Float32Array[], what: string): void => {
  for (let at = 0; at < found.length; at++) {
    const value = found[at]!;
    let isAllowed = false;
    for (const reference of references) isAllowed ||= isSameKind(value, reference[at]!);
    if (!isAllowed)
      assert.fail(`${what}: [${at}] is ${value}, not as ${references.map((each) => each[at]).join(' or ')}`);
  }
};

const runOf = <Names extends Inputs>(op: Op<Names>, given: Given<Names>): Float32Array[] => {
  const outputs = op(given);
  const values = outputs.map(floats);
  dispose(...outputs);
  return values;
};

/** Puts each strange value at each position of each input in turn, or at some twenty of a large one. */
const check = <Names extends Inputs>(
  inputs: Names,
  precision: Precision,
  op: Op<Names>,
  ...references: readonly Op<Names>[]
): void => {
  const typeOf = (name: string): Precision => (inputs[name]!.isFloat32 ? 'float32' : precision);
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [
      name,
      // Variances are positive.
      uniform(name, sizeOf(shape)).map((value) => (name === 'variance' ? 1 + value / 2 : value)),
    ]),
  );
  const plain = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, tensorOf(values[name]!, shape, typeOf(name))]),
  ) as Given<Names>;
  for (const [name, { shape }] of Object.entries(inputs)) {
    // Odd, so that it meets all channels.
    const step = 2 * Math.floor(sizeOf(shape) / 40) + 1;
    for (let at = 0; at < sizeOf(shape); at += step)
      for (const value of strange) {
        const changed = values[name]!.slice();
        changed[at] = value;
        const tensor = tensorOf(changed, shape, typeOf(name));
        const given = { ...plain, [name]: tensor };
        const expected = references.map((reference) => runOf(reference, given));
        for (const [output, found] of runOf(op, given).entries())
          compare(
            found,
            expected.map((each) => each[output]!),
            `output ${output} with ${value} at ${name}[${at}]`,
          );
        dispose(tensor);
      }
  }
  dispose(...Object.values(plain));
};

const small = { examples: 2, height: 6, width: 5, into: 9, out: 4 };
const kinds: readonly (readonly [name: string, ConvolutionGeometry, ConvolutionShape])[] = [
  ['Winograd', { kernel: 3, stride: 1, padding: 1 }, small],
  // So many that filters are transformed by panels, and threads share tiles.
  ['wide Winograd', { kernel: 3, stride: 1, padding: 1 }, { ...small, examples: 1, into: 137, out: 120 }],
  ['packed', { kernel: 3, stride: 2, padding: 1 }, small],
  ['pointwise', { kernel: 1, stride: 2, padding: 0 }, small],
];

const only = { skip: !hasOwnKernels() };

/*
 * A filter's NaN times the zeros of the padding is NaN, or the padding is left out: TensorFlow's ops do either. In bfloat16 they also read
 * past an image's channels, and take NaN from its neighbour. So a kind may be that of TensorFlow's op on the same tensors, or of
 * TensorFlow's op in float32 on images with zeros around them.
 */
const inFloat32 =
  <Names extends Inputs>(op: Op<Names>): Op<Names> =>
  (given) => {
    const wide = Object.entries<Tensor>(given).map(
      ([name, tensor]) => [name, cast(tensor, 'float32')] as const,
    );
    const outputs = op(Object.fromEntries(wide) as Given<Names>);
    dispose(...wide.map(([, tensor]) => tensor));
    return outputs;
  };

const withZeros = <Result>(x: Tensor, by: number, body: (padded: Tensor) => Result): Result => {
  const padded = padEvenly(x, by);
  const result = body(padded);
  dispose(padded);
  return result;
};

const unpadded = (geometry: ConvolutionGeometry): ConvolutionGeometry => ({ ...geometry, padding: 0 });

/** The middle of the input gradient of a larger image, whose output's gradient has zeros around it. */
const inputGradientAmongZeros = (
  g: Tensor,
  filter: Tensor,
  x: readonly number[],
  geometry: ConvolutionGeometry,
) => {
  const [around, size] = [geometry.padding, geometry.padding * geometry.stride];
  const [examples, height, width, channels] = x as [number, number, number, number];
  const larger = [examples, height + 2 * size, width + 2 * size, channels];
  const whole = withZeros(g, around, (padded) => tensorFlowInputGradient(padded, filter, larger, geometry));
  const cut = run('Slice', [whole, ints([0, size, size, 0]), ints(x)], {
    T: { type: whole.dtype },
    Index: { type: 'int32' },
  });
  dispose(whole);
  return cut;
};

for (const precision of ['float32', 'bfloat16'] as const)
  describe(`NaN and infinity in ${precision} go where TensorFlow's kernels have them`, only, () => {
    for (const [name, geometry, shape] of kinds) {
      const { x, filter, y } = shapesOf(shape, geometry);
      const filterInput = { shape: filter, isFloat32: true };
      it(`${name} convolution`, () => {
        check(
          { x: { shape: x }, filter: filterInput },
          precision,
          (given) => [ownConvolution(given.x, given.filter, geometry)],
          (given) => [tensorFlowConvolution(given.x, given.filter, geometry)],
          inFloat32((given) =>
            withZeros(given.x, geometry.padding, (padded) => [
              tensorFlowConvolution(padded, given.filter, unpadded(geometry)),
            ]),
          ),
        );
      });
      it(`${name} convolution's input gradient`, () => {
        check(
          { g: { shape: y }, filter: filterInput },
          precision,
          (given) => [ownInputGradient(given.g, given.filter, x, geometry)],
          (given) => [tensorFlowInputGradient(given.g, given.filter, x, geometry)],
          inFloat32((given) => [inputGradientAmongZeros(given.g, given.filter, x, geometry)]),
        );
      });
      it(`${name} convolution's filter gradient`, () => {
        check(
          { x: { shape: x }, g: { shape: y } },
          precision,
          (given) => [ownFilterGradient(given.x, given.g, filter, geometry)],
          (given) => [tensorFlowFilterGradient(given.x, given.g, filter, geometry)],
          inFloat32((given) =>
            withZeros(given.x, geometry.padding, (padded) => [
              tensorFlowFilterGradient(padded, given.g, filter, unpadded(geometry)),
            ]),
          ),
        );
      });
      for (const slope of [0, 0.1])
        it(`what follows a ${name} convolution, of slope ${slope}`, () => {
          const inputs = {
            bias: { shape: [shape.out], isFloat32: true },
            addend: { shape: y },
            mask: { shape: [1, ...y.slice(1)] },
            wideMask: { shape: [1, ...y.slice(1)], isFloat32: true },
          };
          const [image, weights] = [made('x', x, precision), made('filter', filter, 'float32')];
          const finishing = { relu: true, slope };
          const byEitherMask =
            (convolve: Convolution): Op<typeof inputs> =>
            ({ bias, addend, mask, wideMask }) =>
              [mask, wideMask].map((each) =>
                convolve(image, weights, geometry, { bias, addend, mask: each, ...finishing }),
              );
          check(inputs, precision, byEitherMask(ownConvolution), byEitherMask(tensorFlowConvolution));
          dispose(image, weights);
        });
    }

    const channels = 3;
    const vector = { shape: [channels], isFloat32: true };
    const map = { shape: [4, 1, 2, channels] };
    const weights = { scale: vector, offset: vector, mean: vector, variance: vector };
    for (const training of [true, false])
      for (const slope of [0, 0.1])
        it(`batch norm and its gradient, ${training ? 'training' : 'inference'}, of slope ${slope}`, () => {
          const passes =
            (forward: BatchNorm, gradient: BatchNormGradient): Op<typeof inputs> =>
            ({ x, shortcut, g, ...weights }) => {
              const options = { training, relu: true, slope };
              const { y, saved, statistics } = forward(x, weights, { ...options, shortcut });
              const back = gradient(g, { x, y, saved }, weights, { ...options, shortcut: true });
              dispose(...saved);
              const moments = statistics ? [statistics.mean, statistics.variance] : [];
              return [y, back.x, back.scale, back.offset, back.shortcut!, ...moments];
            };
          const inputs = { ...weights, x: map, shortcut: map, g: map };
          check(
            inputs,
            precision,
            passes(ownBatchNorm, ownBatchNormGradient),
            passes(tensorFlowBatchNorm, tensorFlowBatchNormGradient),
          );
        });
  });

describe(
  "NaN and infinity in own max-pooling go where PyTorch has them (TensorFlow's passes over NaN)",
  only,
  () => {
    const geometry = { size: 3, stride: 2, padding: 1 };
    const pooled = (values: readonly number[], masked: boolean) => {
      const x = tensorOf(Float32Array.from(values), [1, 2, 2, 1], 'float32');
      const y = maxPool(x, geometry);
      const g = tensorOf(Float32Array.of(5), [1, 1, 1, 1], 'float32');
      const dx = maxPoolGradient(g, x, y, geometry, masked);
      const found = { y: [...floats(y)], dx: [...floats(dx)].map((value) => value + 0) };
      dispose(x, y, g, dx);
      return found;
    };
    const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY];

    it('NaN is the largest wherever it is in its window, and gets the gradient', () => {
      for (let at = 0; at < 4; at++) {
        const [values, expected] = [
          [1, inf, 3, inf],
          [0, 0, 0, 0],
        ];
        values[at] = nan;
        expected[at] = 5;
        assert.deepEqual(pooled(values, false), { y: [nan], dx: expected });
      }
    });

    it('infinities count as numbers', () => {
      assert.deepEqual(pooled([1, inf, 3, 4], false), { y: [inf], dx: [0, 5, 0, 0] });
      assert.deepEqual(pooled([-inf, -inf, -inf, -inf], false), { y: [-inf], dx: [5, 0, 0, 0] });
    });

    it('behind a ReLU a gradient of NaN or infinity that meets its slope of 0 is NaN', () => {
      const x = tensorOf(Float32Array.of(0, 0, 0, 0), [1, 2, 2, 1], 'float32');
      const y = maxPool(x, geometry);
      for (const value of strange) {
        const g = tensorOf(Float32Array.of(value), [1, 1, 1, 1], 'float32');
        const dx = maxPoolGradient(g, x, y, geometry, true);
        assert.deepEqual([...floats(dx)], [nan, 0, 0, 0]);
        dispose(g, dx);
      }
      dispose(x, y);
    });
  },
);

describe("NaN and infinity in own SGD go where TensorFlow's has them", only, () => {
  const float32 = { type: 'float32' } as const;
  const vector = { shape: [5], isFloat32: true };
  const inputs = { weights: vector, velocity: vector, gradient: vector };

  const resourceOf = (value: Tensor): Tensor => {
    const name = { shared_name: { string: `non-finite-${resources++}` }, container: { string: '' } };
    const handle = run('VarHandleOp', [], { dtype: float32, shape: { shape: value.shape }, ...name });
    execute('AssignVariableOp', [handle, value], { dtype: float32, validate_shape: { bool: false } }, 0);
    return handle;
  };
  let resources = 0;

  for (const nesterov of [false, true])
    for (const momentum of [0, 0.9])
      it(`momentum ${momentum}${nesterov ? ', Nesterov' : ''}`, () => {
        const step = { rate: 0.1, momentum, nesterov, l2: 0, weightDecay: 0 };
        const own: Op<typeof inputs> = ({ gradient, ...given }) => {
          const [weights, velocity] = [createVariable(given.weights), createVariable(given.velocity)];
          applyMomentum([{ weights, velocity, gradient }], step);
          return [weights.handle, velocity.handle];
        };
        const reference: Op<typeof inputs> = ({ weights, velocity, gradient }) => {
          const [variable, accumulator] = [resourceOf(weights), resourceOf(velocity)];
          const attributes = { T: float32, use_locking: { bool: false }, use_nesterov: { bool: nesterov } };
          const given = [variable, accumulator, float(step.rate), gradient, float(momentum)];
          execute('ResourceApplyMomentum', given, attributes, 0);
          const values = [variable, accumulator].map((each) =>
            run('ReadVariableOp', [each], { dtype: float32 }),
          );
          for (const each of [variable, accumulator])
            execute('DestroyResourceOp', [each], { ignore_lookup_error: { bool: true } }, 0);
          dispose(variable, accumulator);
          return values;
        };
        check(inputs, 'float32', own, reference);
      });
});
