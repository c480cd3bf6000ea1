import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageSet } from '../../../src/data/image-set.ts';
import { classStatistics } from '../../../src/measures/class-statistics.ts';
import { embedSet } from '../../../src/measures/embed-set.ts';
import { directionalCollapse } from '../../../src/measures/geometric-complexity/directional-complexity.ts';
import { geometricComplexity } from '../../../src/measures/geometric-complexity/geometric-complexity.ts';
import type { MeasureKey } from '../../../src/measures/measure-rows.ts';
import { measureRows } from '../../../src/measures/measure-rows.ts';
import { neuralCollapse } from '../../../src/measures/neural-collapse.ts';
import { poincareFloor } from '../../../src/measures/poincare-floor.ts';
import { inferenceWeights } from '../../../src/models/device-weights.ts';
import { type InferenceModel, inferenceModel } from '../../../src/models/inference-model.ts';
import type { Network } from '../../../src/models/network.ts';
import { outputSize } from '../../../src/models/network.ts';
import { weightSpecs } from '../../../src/models/weights.ts';
import { randomStream } from '../../../src/random/random.ts';
import { formulaWeights, uniform } from '../../models/formula.ts';
import { networkOf } from '../../models/networks.ts';
import { gaussianClasses } from '../samples.ts';

const side = 8;
const [deviation, classes] = [20, 3];
const normalization = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };

/** Images of independent Gaussian pixels around a pattern per class, rounded to bytes: deviation 20 of 255, so that none is cut. */
const gaussianImages = (perClass: number): ImageSet => {
  const size = side * side * 3;
  const random = randomStream(21);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const labels = Int32Array.from({ length: classes * perClass }, (_, i) => i % classes);
  const images = Uint8Array.from({ length: labels.length * size }, (_, i) => {
    const pattern = 128 + 15 * Math.sin((i % size) * (1 + labels[Math.floor(i / size)]!));
    return Math.round(pattern + deviation * normal());
  });
  return { name: 'gaussian', height: side, width: side, channels: 3, images, labels, classNames: [...'abc'] };
};

/** The constant of Poincare's inequality of such inputs, as the network is fed: their variance, with that of rounding to bytes. */
const rho = (deviation ** 2 + 1 / 12) / (255 * 0.25) ** 2;

const everything = async (model: InferenceModel, set: ImageSet) => {
  const options = {
    estimator: 'exact',
    probeSpace: 'output',
    distribution: 'rademacher',
    inputSpace: 'normalized',
    examples: set.labels.length,
    probes: 1,
    share: 1,
    layer: 'embedding',
    seed: 0,
    pairs: classes,
  } as const;
  const [values] = await embedSet(model.primal, set, normalization, ['embedding']);
  const { labels, classNames } = set;
  const embeddings = {
    values: values!,
    dimension: outputSize(model.network, 'embedding'),
    labels,
    classNames,
  };
  const statistics = classStatistics(embeddings);
  const complexity = await geometricComplexity(model, set, normalization, options);
  const directional = await directionalCollapse(model, set, normalization, statistics, options);
  const record = neuralCollapse(embeddings, {
    complexityPerClass: complexity.perClass,
    directionalCollapse: directional,
  });
  return { record, complexity, floor: poincareFloor(complexity, statistics) as number };
};

const relative = (found: number, wanted: number): number => Math.abs(found / wanted - 1);

const [inputs, features] = [side * side * 3, 5];
const matrix = uniform('matrix', features * inputs);
const network: Network = {
  nodes: [
    { layer: { kind: 'flatten' }, inputs: [-1] },
    { layer: { kind: 'linear', name: 'map', inFeatures: inputs, outFeatures: features }, inputs: [0] },
  ],
  imageShape: [side, side, 3],
  shapes: [[inputs], [features]],
  outputs: { embedding: 1 },
};
/** f(x) = A (W x) + b: a change of the embedding is one of the last layer. */
const linear = (a: (row: number, column: number) => number, shift: number): InferenceModel => {
  const values = Float32Array.from({ length: features * inputs }, (_, at) => {
    const [row, input] = [Math.floor(at / inputs), at % inputs];
    let sum = 0;
    for (let k = 0; k < features; k++) sum += a(row, k) * matrix[k * inputs + input]!;
    return sum;
  });
  const bias = Float32Array.from({ length: features }, (_, k) => shift * (1 + k));
  const state = new Map([
    ['map.weight', { shape: [features, inputs], values }],
    ['map.bias', { shape: [features], values: bias }],
  ]);
  const weights = inferenceWeights(weightSpecs(network), state, 'float32');
  return { ...weights, network, primal: { ...weights, network } };
};
const diagonal = (row: number, column: number): number => (row === column ? 1 : 0);
// Rotations in the planes (0, 3) and (1, 2).
const turned = (row: number, column: number): number => {
  const partner = [3, 2, 1, 0, 4][row]!;
  if (partner === row) return diagonal(row, column);
  if (column === row) return Math.cos(0.7);
  return column === partner ? (row < partner ? -1 : 1) * Math.sin(0.7) : 0;
};

describe('what takes the Jacobian has the invariances that its row says', () => {
  const changes = {
    scale: () => linear((row, column) => 3.7 * diagonal(row, column), 0),
    rotation: () => linear(turned, 0),
    shift: () => linear(diagonal, 1.5),
  };
  const keys: readonly MeasureKey[] = ['geometricCollapse', 'geometricCollapseDirectional'];
  for (const key of keys)
    for (const what of ['scale', 'rotation', 'shift'] as const)
      it(`${key}: the same after a ${what}`, async () => {
        assert.equal(measureRows.find((row) => row.key === key)!.invariant[what], true);
        const set = gaussianImages(12);
        const [plain, other] = [linear(diagonal, 0), changes[what]()];
        const [before, after] = [await everything(plain, set), await everything(other, set)];
        assert.ok(relative(after.record[key]!, before.record[key]!) < 1e-4, `${after.record[key]}`);
        // Geometric complexity itself goes with the square of the scale.
        const factor = what === 'scale' ? 3.7 ** 2 : 1;
        assert.ok(relative(after.complexity.record.value, factor * before.complexity.record.value) < 1e-5);
        plain.dispose();
        other.dispose();
      });
});

it('nc4Disagreement: another value after a scale, a rotation and a shift, for a classifier that stays', () => {
  const set = gaussianClasses(
    [
      [1, 0],
      [-1, 0],
    ],
    [0.3, 0.3],
    40,
    2,
  );
  // Decides as the means do: by the sign of the first number, the bias moved from 0.
  const classifier = { values: Float64Array.of(1, 0, -1, 0), bias: Float64Array.of(0, 0.8) };
  const share = (change: (x: number, y: number) => readonly [number, number]): number => {
    const values = Float64Array.from({ length: set.values.length }, (_, at) => {
      const example = at - (at % 2);
      return change(set.values[example]!, set.values[example + 1]!)[at % 2 === 0 ? 0 : 1];
    });
    return neuralCollapse({ ...set, values }, { classifier }).nc4Disagreement!;
  };
  const before = share((x, y) => [x, y]);
  assert.notEqual(
    share((x, y) => [0.2 * x, 0.2 * y]),
    before,
  );
  assert.notEqual(
    share((x, y) => [-y, x]),
    before,
  );
  assert.notEqual(
    share((x, y) => [x + 3, y]),
    before,
  );
});

describe('the Poincare inequality on images of Gaussian pixels, whose constant rho is known', () => {
  const set = gaussianImages(400);
  it('directional CDNV is at most rho times directional geometric collapse, and CDNV rho times geometric collapse', async () => {
    const network = networkOf('resnet10', side);
    const model = inferenceModel(network, formulaWeights(weightSpecs(network)), 'float32');
    const { record, floor } = await everything(model, set);
    model.dispose();
    const { cdnv, cdnvDirectional, geometricCollapse, geometricCollapseDirectional } = record;
    const [directional, whole] = [
      cdnvDirectional! / geometricCollapseDirectional!,
      cdnv! / geometricCollapse!,
    ];
    assert.ok(directional <= rho, `${directional}, rho is ${rho}`);
    assert.ok(whole <= rho, `${whole}, rho is ${rho}`);
    // The network is curved, so there is no equality; a wrong factor of 5 would show.
    assert.ok(directional >= 0.2 * rho, `${directional}, rho is ${rho}`);
    assert.ok(floor <= rho, `${floor}`);
  });

  it('with equality, to the error of the sample, where the map is linear', async () => {
    const model = linear(diagonal, 0);
    const { record } = await everything(model, set);
    model.dispose();
    const quotient = record.cdnvDirectional! / record.geometricCollapseDirectional! / rho;
    // Six pairs' variances from 400 examples each: 7 % standard error of one, less of their mean.
    assert.ok(Math.abs(quotient - 1) < 0.1, `${quotient}`);
  });
});
