import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readNpz } from '../../src/formats/npz.ts';
import { root, runOf, smallConfig } from '../pipeline/small-run.ts';
import { outputOf, refusalOf } from './in-process.ts';

const layers = { layers: ['layer3', 'embedding'] };
const { folder, last } = await runOf(
  smallConfig(layers, { ...layers, shots: [1], readouts: ['nearest-mean', 'ridge'] }),
);
const average = ['--layer', 'layer3', '--pooling', 'average'];
const episodes = ['--shots', '1', '--ways', '3', '--queries', '3', '--episodes', '6'];
const evaluate = ['eval', folder, ...episodes, '--readout', 'nearest-mean,ridge'];
const json = async (...args: string[]) => JSON.parse(await outputOf([...args, '--json']));
const rowsOf = async (name: string, ...args: string[]) => {
  const file = join(root, name);
  const record = await json('embed', folder, '--layer', 'layer3', '--out', file, ...args);
  const { values, shape } = readNpz(file).get('embeddings')!;
  return { record, values: values as Float32Array, shape };
};

describe('--pooling average of a feature map', () => {
  it('gcnc eval: the few-shot accuracy of the run’s own layer', async () => {
    const own = last.elsewhere!.fewshot!.find(({ layer }) => layer === 'layer3')!;
    const { results } = await json(...evaluate, ...average);
    assert.deepEqual(
      results.map(({ pooling, readout, accuracy }: Record<string, unknown>) => [pooling, readout, accuracy]),
      own.results.map(({ readout, accuracy }) => ['average', readout, accuracy]),
    );
  });

  it('gcnc measure: the collapse of the run’s own layer', async () => {
    const own = last.elsewhere!.measures!.find(
      ({ layer, set }) => layer === 'layer3' && set === 'sourceTrain',
    )!;
    const { pooling, dimension, neuralCollapse } = await json(
      'measure',
      folder,
      '--examples',
      '24',
      ...average,
    );
    assert.deepEqual([pooling, dimension], ['average', own.geometricComplexity.dimension]);
    assert.equal(neuralCollapse.cdnv, own.neuralCollapse.cdnv);
  });

  it('gcnc embed: the mean over positions, to 1e-6', async () => {
    const map = await rowsOf('map.npz');
    const mean = await rowsOf('mean.npz', '--pooling', 'average');
    const [count, channels] = mean.shape as [number, number];
    const positions = map.shape[1]! / channels;
    assert.ok(positions > 1);
    for (let i = 0; i < count * channels; i++) {
      let sum = 0;
      for (let p = 0; p < positions; p++)
        sum += map.values[(Math.floor(i / channels) * positions + p) * channels + (i % channels)]!;
      assert.ok(Math.abs(sum / positions - mean.values[i]!) <= 1e-6 * Math.max(1, Math.abs(mean.values[i]!)));
    }
    assert.deepEqual([map.record.pooling, mean.record.pooling], ['none', 'average']);
  });

  it('is said in the header of what is printed; without it the map is taken as it is', async () => {
    for (const args of [evaluate, ['measure', folder, '--examples', '6']]) {
      assert.match(await outputOf([...args, ...average]), /layer3 .*pooling average/);
      assert.match(await outputOf([...args, '--layer', 'layer3']), /layer3 .*pooling none/);
    }
  });

  it('is refused for a vector, which has nothing to pool', async () => {
    const embed = ['embed', folder, '--out', join(root, 'vector.npz')];
    for (const args of [evaluate, ['measure', folder], embed])
      assert.match(
        await refusalOf([...args, '--pooling', 'average']),
        /^--pooling average: does nothing with --layer embedding, a vector; it is of feature maps: .*layer3/,
      );
    const none = await json(...evaluate, '--pooling', 'none');
    assert.equal(none.results[0].pooling, 'none');
  });

  it('is refused for embeddings from a file', async () => {
    const { record } = await rowsOf('refused.npz');
    for (const command of ['eval', 'measure'])
      assert.match(
        await refusalOf([command, record.file, '--pooling', 'average']),
        /--pooling: .* holds embeddings/,
      );
  });
});
