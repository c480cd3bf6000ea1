import { cast, dispose, fromArray, readFloats, sizeOf, type Tensor } from '../../backend/tensor.ts';
import { backward } from '../../models/backward.ts';
import { forGradientsOf, forwardWithTape, releaseTape, type Tape } from '../../models/forward.ts';
import type { InferenceModel } from '../../models/inference-model.ts';
import { outputSize } from '../../models/network.ts';
import { forwardWithTangent } from '../../models/tangent.ts';
import { inferenceBatchSize } from '../inference-batches.ts';
import { direction, entryMask, type ProbeDistribution, sampledRows } from './probes.ts';
import { type ChannelFactors, squaredNorms } from './squared-norms.ts';

/** One batch of examples, on the device. */
export interface ProbedBatch {
  readonly model: InferenceModel;
  /** The output whose Jacobian it is; the network ends there. */
  readonly layer: string;
  /** In float32, whatever the model's precision is: that of the products. */
  readonly image: Tensor;
  /** Positions in the set: probes are functions of them. */
  readonly examples: readonly number[];
  readonly seed: number;
  readonly factors: ChannelFactors;
}

/** For each example of the batch, an unbiased estimate of ||J||_F^2 and its variance over probes (null: unknown). */
export type BatchEstimator = (
  batch: ProbedBatch,
) => readonly { readonly value: number; readonly probeVariance: number | null }[];

/** Vector-Jacobian products at once: as many as `inferenceBatchSize` gives images at most, so that memory stays bounded alike. */
const productsAtOnce = 64;

/** Every row of the Jacobian: one vector-Jacobian product a row, several rows of few examples at once. */
export const exact: BatchEstimator = (batch) => {
  const rows = outputSize(batch.model.network, batch.layer);
  const examples = batch.examples.length;
  const atOnce = Math.max(
    1,
    Math.floor(Math.min(productsAtOnce, inferenceBatchSize(batch.model.network)) / examples),
  );
  return withTape(batch, (along) => {
    const sums = new Float64Array(examples);
    for (let first = 0; first < rows; first += atOnce) {
      const count = Math.min(atOnce, rows - first);
      const norms = along(oneHot(count * examples, rows, (at) => first + Math.floor(at / examples)));
      for (const [at, norm] of norms.entries()) sums[at % examples]! += norm;
    }
    return Array.from(sums, (value) => ({ value, probeVariance: 0 }));
  });
};

/** E||J^T v||^2 = ||J||_F^2 for E[v v^T] = 1 (Hutchinson 1990): one vector-Jacobian product a probe. */
export const hutchinsonOutputs =
  (probes: number, distribution: ProbeDistribution): BatchEstimator =>
  (batch) => {
    const size = outputSize(batch.model.network, batch.layer);
    return withTape(batch, (along) =>
      overProbes(batch, probes, (probe) => along(directions(batch, distribution, size, probe))),
    );
  };

/** E||J u||^2 = ||J||_F^2 in the images' space: one Jacobian-vector product a probe, no stored activations. */
export const hutchinsonInputs =
  (probes: number, distribution: ProbeDistribution): BatchEstimator =>
  (batch) => {
    const { model, image, layer, factors } = batch;
    const size = sizeOf(image.shape.slice(1));
    const scales = factors.map(Math.sqrt);
    return overProbes(batch, probes, (probe) => {
      const values = directions(batch, distribution, size, probe);
      for (let i = 0; i < values.length; i++) values[i]! *= scales[i % scales.length]!;
      const wide = fromArray(values, image.shape);
      const along = cast(wide, model.precision);
      const { output, tangent } = forwardWithTangent(
        model.network,
        image,
        along,
        model.primal.pass,
        layer,
        model.pass,
      );
      const norms = squaredNorms(tangent);
      dispose(wide, along, output, tangent);
      return norms;
    });
  };

/** `count` of the d rows, drawn without repetition for each example: d / count times their squared norms. */
export const outputs =
  (count: number): BatchEstimator =>
  (batch) => {
    const rows = outputSize(batch.model.network, batch.layer);
    const taken = Math.min(count, rows);
    const chosen = batch.examples.map((example) =>
      sampledRows(rows, taken, { seed: batch.seed, example, probe: 0 }),
    );
    return withTape(batch, (along) => {
      const norms = Array.from({ length: taken }, (_, k) =>
        along(oneHot(batch.examples.length, rows, (at) => chosen[at]![k]!)),
      );
      return batch.examples.map((_, at) => {
        const { value, probeVariance } = meanOf(norms.map((each) => rows * each[at]!));
        // Rows do not repeat: the finite-population factor.
        return { value, probeVariance: probeVariance === null ? null : (1 - taken / rows) * probeVariance };
      });
    });
  };

/** Each entry of the Jacobian kept with probability `share`: 1 / share times the squares of what is kept. Costs as `exact`. */
export const masked =
  (share: number): BatchEstimator =>
  (batch) => {
    const rows = outputSize(batch.model.network, batch.layer);
    return withTape(batch, (_along, gradientOf) => {
      const sums = batch.examples.map(() => ({ value: 0, probeVariance: 0 }));
      for (let row = 0; row < rows; row++) {
        const gradient = gradientOf(oneHot(batch.examples.length, rows, () => row));
        const values = readFloats(gradient);
        const size = values.length / batch.examples.length;
        for (const [at, example] of batch.examples.entries()) {
          const mask = entryMask(size, share, { seed: batch.seed, example }, row);
          const sum = sums[at]!;
          for (let k = 0; k < size; k++) {
            if (mask[k] === 0) continue;
            const square = batch.factors[k % batch.factors.length]! * values[at * size + k]! ** 2;
            sum.value += square / share;
            sum.probeVariance += ((1 - share) * square * square) / (share * share);
          }
        }
        dispose(gradient);
      }
      return sums;
    });
  };

/** Squared norms of v^T J for vectors [k n, size]: those of image i are in rows i, n + i, 2 n + i and so on. */
type NormsAlong = (values: Float32Array) => Float64Array;
type GradientOf = (cotangent: Float32Array) => Tensor;

/** One forward pass, then any number of vector-Jacobian products. */
export const withTape = <T>(
  { model, layer, image, factors }: ProbedBatch,
  body: (along: NormsAlong, gradientOf: GradientOf) => T,
): T => {
  const { outputs: made, tape: primal } = forwardWithTape(model.network, image, model.primal.pass, [layer]);
  const tape = forGradientsOf(primal, model.precision);
  const output = made[0]!;
  const gradientOf: GradientOf = (cotangent) => vectorJacobian(tape, model, layer, output, cotangent);
  const along: NormsAlong = (values) => {
    const gradient = gradientOf(values);
    const norms = squaredNorms(gradient, factors);
    dispose(gradient);
    return norms;
  };
  try {
    return body(along, gradientOf);
  } finally {
    dispose(output);
    releaseTape(tape);
  }
};

const oneHot = (examples: number, size: number, rowOf: (at: number) => number): Float32Array => {
  const values = new Float32Array(examples * size);
  for (let at = 0; at < examples; at++) values[at * size + rowOf(at)] = 1;
  return values;
};

const vectorJacobian = (
  tape: Tape,
  { pass }: InferenceModel,
  layer: string,
  output: Tensor,
  cotangent: Float32Array,
): Tensor => {
  const shape = output.shape.slice(1);
  const wide = fromArray(cotangent, [cotangent.length / sizeOf(shape), ...shape]);
  const gradient = cast(wide, tape.forms.at(-1)!.dtype);
  dispose(wide);
  return backward(tape, layer, gradient, pass, {
    trains: () => false,
    setGradient: () => {},
    wantsImage: true,
    keepTape: true,
  })!;
};

const directions = (
  { examples, seed }: ProbedBatch,
  distribution: ProbeDistribution,
  size: number,
  probe: number,
): Float32Array => {
  const values = new Float32Array(examples.length * size);
  for (const [at, example] of examples.entries())
    values.set(direction(distribution, size, { seed, example, probe }), at * size);
  return values;
};

const overProbes = (
  { examples }: ProbedBatch,
  probes: number,
  norms: (probe: number) => Float64Array,
): ReturnType<BatchEstimator> => {
  const found = Array.from({ length: probes }, (_, probe) => norms(probe));
  return examples.map((_, at) => meanOf(found.map((each) => each[at]!)));
};

const meanOf = (values: readonly number[]): { value: number; probeVariance: number | null } => {
  const n = values.length;
  const value = values.reduce((sum, each) => sum + each, 0) / n;
  const squares = values.reduce((sum, each) => sum + (each - value) ** 2, 0);
  return { value, probeVariance: n < 2 ? null : squares / (n - 1) / n };
};
