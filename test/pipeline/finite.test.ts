import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { dispose, readFloats } from '../../src/backend/tensor.ts';
import { readCheckpoint, readMomenta, writeCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import { initialWeights } from '../../src/models/initialise.ts';
import { makeNetwork } from '../../src/models/models.ts';
import type { StateDict } from '../../src/models/weights.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { notFiniteIn } from '../../src/pipeline/finite-record.ts';
import { runOne } from '../../src/pipeline/run-one.ts';
import { firstNotFiniteParameter, halfSumOfParameterSquares } from '../../src/training/finite-parameters.ts';
import { createParameters, disposeParameters } from '../../src/training/parameters.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-finite-'));
after(() => rmSync(root, { recursive: true }));

const configOf = (model: object, training: object) =>
  runConfigSchema.parse({
    data: { imageSize: 32, perClass: 3 },
    model: { width: 4, ...model },
    training: { epochs: 3, batchSize: 24, checkpointEvery: { steps: 1 }, ...training },
    measure: { examples: 24, every: 'end' },
    fewshot: { episodes: 5 },
  });

const valuesOf = (state: StateDict): number[] => [...state.values()].flatMap(({ values }) => [...values]);

/** Where the run ends, and its checkpoints: one per step. */
const endOf = async (model: object, training: object) => {
  const folder = mkdtempSync(join(root, 'run-'));
  const options = { stopRequested: () => false, onProgress: () => {}, environment: {} };
  const failure = await runOne(folder, configOf(model, training), options).then(
    () => null,
    (error: Error) => error.message,
  );
  const checkpoints = join(folder, 'checkpoints');
  const steps = existsSync(checkpoints) ? readdirSync(checkpoints).map(Number) : [];
  return {
    failure,
    folders: steps.map((step) => join(checkpoints, String(step))),
    last: Math.max(0, ...steps),
  };
};

describe('a run that diverges', () => {
  for (const [model, training] of [
    [{ name: 'resnet10' }, { learningRate: 3000 }],
    [{ name: 'resnet10' }, { learningRate: 1e7 }],
    [{ name: 'resnet10' }, { learningRate: 1e13 }],
    [{ name: 'resnet10' }, { learningRate: 1e30, momentum: 0 }],
    [{ name: 'vgg11', batchNorm: false }, { learningRate: 10 }],
    [{ name: 'vgg11', batchNorm: false }, { learningRate: 1e5 }],
  ] as const)
    it(`fails at the first step with such a value, and no checkpoint has one: ${JSON.stringify([model, training])}`, async () => {
      const { failure, folders, last } = await endOf(model, training);
      const said =
        /^(?:loss is (?:NaN|-?Infinity)|\S+ is not finite \((?:NaN|-?Infinity)\)) at step (\d+) \(epoch \d/.exec(
          failure ?? 'the run is done',
        );
      assert.ok(said, `${failure}`);
      // Every step before the one named left a checkpoint, so all its values were finite.
      assert.equal(last, Number(said[1]) - 1);
      for (const folder of folders) {
        const checkpoint = readCheckpoint(folder);
        const values = [...valuesOf(checkpoint.weights), ...valuesOf(readMomenta(checkpoint))];
        assert.ok(values.every(Number.isFinite), folder);
      }
    });
});

describe('the look at all parameters', () => {
  const network = makeNetwork(configOf({ name: 'resnet10' }, {}).model, [32, 32, 3], 4);
  const weights = initialWeights(network, 0);
  const changed = (name: string, at: number, value: number): StateDict => {
    const { shape, values } = weights.get(name)!;
    const copy = values.slice();
    copy[at] = value;
    return new Map([...weights, [name, { shape, values: copy }]]);
  };
  const found = (state: StateDict): string | null => {
    const parameters = createParameters(weightSpecs(network), state);
    const sum = halfSumOfParameterSquares(parameters);
    const sumIsFinite = Number.isFinite(readFloats(sum)[0]);
    const first = firstNotFiniteParameter(parameters);
    dispose(sum);
    disposeParameters(parameters);
    if (sumIsFinite) assert.equal(first, null);
    return first;
  };

  it('finds NaN and both infinities in every tensor, first and last position', () => {
    for (const [name, { values }] of weights)
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
        for (const at of [0, values.length - 1])
          assert.equal(found(changed(name, at, value)), `${name} is not finite (${value})`);
  });

  it('takes values for what they are whose squares have no float32', () => {
    assert.equal(found(weights), null);
    assert.equal(found(changed('conv1.weight', 5, 3.4e38)), null);
    assert.equal(found(changed('bn1.running_var', 0, 1e30)), null);
  });

  it('is a sum of squares as plain arithmetic has it', () => {
    const parameters = createParameters(weightSpecs(network), weights);
    const sum = halfSumOfParameterSquares(parameters);
    let expected = 0;
    for (const value of valuesOf(weights)) expected += value * value;
    assert.ok(Math.abs(2 * readFloats(sum)[0]! - expected) < 1e-5 * expected);
    dispose(sum);
    disposeParameters(parameters);
  });

  it('is asked of every checkpoint that is written, momenta too', async () => {
    const state = {
      ...{ epoch: 0, step: 7, running: { loss: 0, correct: 0, examples: 0 }, scheduled: true, final: true },
      metrics: { bytes: 0, sha256: '' },
      imageShape: [32, 32, 3] as [number, number, number],
      normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
      classNames: ['a', 'b', 'c', 'd'],
      dataChecksum: null,
    };
    const config = configOf({ name: 'resnet10' }, {});
    const folder = join(root, 'refused');
    const wrong = changed('fc.bias', 1, Number.NaN);
    for (const [held, momenta] of [
      [wrong, null],
      [weights, wrong],
    ] as const)
      await assert.rejects(
        writeCheckpoint(folder, { config, state, network, weights: held }, momenta),
        /no checkpoint of step 7: fc\.bias of its (weights|momenta) is not finite \(NaN\)/,
      );
    assert.ok(!existsSync(folder));
  });
});

describe('a record of measures', () => {
  it('is searched for numbers that are not finite', () => {
    const record = { measures: [{ loss: 1 }, { loss: null, gc: { ci95: [0, Number.NaN] } }], note: 'text' };
    assert.equal(notFiniteIn(record), 'measures.1.gc.ci95.1 is NaN');
    assert.equal(notFiniteIn({ value: Number.NEGATIVE_INFINITY }), 'value is -Infinity');
    assert.equal(notFiniteIn({ ...record, measures: [] }), null);
  });
});
