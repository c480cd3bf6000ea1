import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readNpz, writeNpz } from '../../src/formats/npz.ts';
import { encodeSafetensors, float32Tensor } from '../../src/formats/safetensors.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { formulaWeights, uniform } from '../models/formula.ts';
import { networkOf } from '../models/networks.ts';
import { outputOf, refusalOf } from './in-process.ts';

interface Expected {
  readonly embedding: readonly number[];
  readonly geometricComplexity: number;
  readonly pixelComplexity: number;
  readonly cdnv: number;
  readonly nc1: number;
  readonly cdnvDirectional: number;
  readonly geometricCollapseDirectional: number;
}
const expected: Readonly<Record<string, Expected>> = JSON.parse(
  readFileSync(new URL('./fixtures/measure.json', import.meta.url), 'utf8'),
);
const [examples, side] = [12, 32];
const root = mkdtempSync(join(tmpdir(), 'gcnc-measure-'));
after(() => rmSync(root, { recursive: true }));

const gcnc = (...args: string[]): Promise<string> => outputOf(args);

const images = join(root, 'images.npz');
writeNpz(images, {
  images: {
    shape: [examples, side, side, 3],
    values: Uint8Array.from(uniform('bytes', examples * side * side * 3), (value) =>
      Math.floor((value + 1) * 128),
    ),
  },
  labels: { shape: [examples], values: Int32Array.from({ length: examples }, (_, i) => i % 3) },
});

const imported = async (name: string): Promise<string> => {
  const tensors = formulaWeights(weightSpecs(networkOf(name, side)));
  const file = join(root, `${name}.safetensors`);
  writeFileSync(
    file,
    encodeSafetensors(
      new Map([...tensors].map(([key, { shape, values }]) => [key, float32Tensor(shape, values)])),
    ),
  );
  const folder = join(root, name);
  await gcnc('import', file, '--model', name, '--out', folder, '--normalization', '0.5,0.4,0.3:0.25,0.2,0.5');
  return folder;
};

const close = (actual: number, wanted: number, tolerance: number, what: string): void =>
  assert.ok(Math.abs(actual - wanted) <= tolerance * Math.abs(wanted), `${what}: ${actual}, not ${wanted}`);

for (const name of Object.keys(expected)) {
  const folder = await imported(name);
  describe(`an imported ${name} on an .npz`, () => {
    const wanted = expected[name]!;

    it("has PyTorch's embeddings, to 1e-4", async () => {
      const file = join(root, `${name}.npz`);
      await gcnc('embed', folder, '--data', images, '--out', file);
      const { values, shape } = readNpz(file).get('embeddings')!;
      assert.deepEqual(shape, [examples, 64]);
      let difference = 0;
      for (const [i, value] of wanted.embedding.entries()) difference += (Number(values[i]) - value) ** 2;
      assert.ok(Math.sqrt(difference) < 1e-4 * Math.hypot(...wanted.embedding));
    });

    it("has PyTorch's exact geometric complexity, CDNV and NC1, to 1e-3", async () => {
      const found = JSON.parse(
        await gcnc('measure', folder, '--data', images, '--estimator', 'exact', '--json'),
      );
      close(found.geometricComplexity.value, wanted.geometricComplexity, 1e-3, 'geometric complexity');
      close(found.neuralCollapse.cdnv, wanted.cdnv, 1e-3, 'CDNV');
      close(found.neuralCollapse.nc1, wanted.nc1, 1e-3, 'NC1');
      const { cdnvDirectional, geometricCollapseDirectional, geometricCollapseDirectionalEstimate } =
        found.neuralCollapse;
      close(cdnvDirectional, wanted.cdnvDirectional, 1e-3, 'directional CDNV');
      close(geometricCollapseDirectional, wanted.geometricCollapseDirectional, 1e-4, 'directional collapse');
      assert.deepEqual(
        [geometricCollapseDirectionalEstimate.standardError, geometricCollapseDirectionalEstimate.pairs],
        [0, 2],
      );
      assert.deepEqual([found.examples, found.dimension, found.split], [examples, 64, 'all']);
      assert.equal(found.geometricComplexity.standardError, 0);
      assert.equal(found.cost.exactSeconds, found.cost.seconds);
      assert.equal(found.bound.rhoFloor === null, false);
    });

    it('and in pixel units', async () => {
      const args = ['--data', images, '--estimator', 'exact', '--input-space', 'pixel', '--json'];
      const { geometricComplexity } = JSON.parse(await gcnc('measure', folder, ...args));
      close(geometricComplexity.value, wanted.pixelComplexity, 1e-3, 'geometric complexity');
    });
  });
}

describe('gcnc measure', () => {
  const folder = join(root, 'resnet18');

  it('says why geometric collapse has no bound where rho is given and too few examples are', async () => {
    const given = ['measure', folder, '--data', images, '--probes', '1', '--examples', '2', '--rho', '2'];
    const { neuralCollapse, bound } = JSON.parse(await gcnc(...given, '--json'));
    assert.equal(bound.geometricCollapse, null);
    const line = `by geometric collapse: undefined: ${neuralCollapse.undefinedBecause.geometricCollapse}`;
    const text = await gcnc(...given);
    assert.ok(text.includes(line), text);
  });

  it('names everything that its numbers depend on', async () => {
    const text = await gcnc(
      'measure',
      folder,
      '--data',
      images,
      '--layer',
      'layer3',
      '--probes',
      '2',
      '--seed',
      '5',
    );
    for (const part of [
      /layer3 \(2048\)/,
      /inference mode, no augmentation/,
      /12 of 12 examples, 2 rademacher probes each in the output space, seed 5/,
      /per squared normalized input unit/,
      /± .*\(95 %\)/,
      /^ {2}geometric collapse +[\d.e+-]+ ± [\d.e+-]+ \(95 %\) .*; 12 examples$/m,
      /^ {2}directional geometric collapse +[\d.e+-]+ ± [\d.e+-]+ \(95 %\) .*; 12 examples$/m,
      /products\/s/,
    ])
      assert.match(text, part);
  });

  it('says where the relative error asked for was not reached, and what was', async () => {
    const args = ['measure', folder, '--data', images, '--relative-error'];
    const unreached = /the relative error asked for was not reached: [\d.e-]+ instead of 1e-9$/m;
    assert.match(await gcnc(...args, '1e-9'), unreached);
    assert.doesNotMatch(await gcnc(...args, '1e9'), /relative error/);
  });

  it('writes examples and pairs of classes as CSV', async () => {
    const [each, pairs] = [join(root, 'each.csv'), join(root, 'pairs.csv')];
    await gcnc('measure', folder, '--data', images, '--per-example', each, '--pairs', pairs);
    assert.equal(readFileSync(each, 'utf8').trim().split('\r\n').length, 1 + examples);
    assert.equal(readFileSync(pairs, 'utf8').trim().split('\r\n').length, 1 + 3);
  });

  it('refuses what it cannot do with one line and exit code 2', async () => {
    for (const [args, message] of [
      [[join(root, 'none')], /no such file; a checkpoint is a folder/],
      [[folder], /was imported and knows no data; name them with --data/],
      [
        [folder, '--data', images, '--layer', 'layer7'],
        /layer layer7 is not one of this network's: .*layer4/,
      ],
      [[folder, '--data', images, '--split', 'tests'], /--split tests is not one of sourceTrain/],
      [[folder, '--data', 'cifar100'], /unknown data set cifar100; did you mean cifar-100/],
      [[folder, '--data', images, '--probes', '0'], /--probes.*0.*allowed is a whole number from 1/],
      [[folder, '--data', images, '--share', '2'], /--share.*2.*allowed is a number above 0 and at most 1/],
      [[folder, '--data', 'mnist', '--split', 'all'], /mnist/],
    ] as const) {
      assert.match(await refusalOf(['measure', ...args], { GCNC_DATA_DIR: root }), message);
    }
  });
});
