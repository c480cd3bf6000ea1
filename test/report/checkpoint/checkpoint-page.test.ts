import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import sharp from 'sharp';
import { writeNpz } from '../../../src/formats/npz.ts';
import { encodeSafetensors, float32Tensor } from '../../../src/formats/safetensors.ts';
import { weightSpecs } from '../../../src/models/weights.ts';
import { brief } from '../../../src/report/number-text.ts';
import { outputOf, refusalOf } from '../../cli/in-process.ts';
import { formulaWeights, uniform } from '../../models/formula.ts';
import { networkOf } from '../../models/networks.ts';
import { makeSweep } from '../sweep-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-checkpoint-page-'));
after(() => rmSync(root, { recursive: true }));
const [examples, side] = [30, 32];
const bytes = Uint8Array.from(uniform('bytes', examples * side * side * 3), (value) => (value + 1) * 127);
const data = join(root, 'images.npz');
writeNpz(data, {
  images: { shape: [examples, side, side, 3], values: bytes },
  labels: { shape: [examples], values: Int32Array.from({ length: examples }, (_, i) => i % 3) },
});

const imported = async (): Promise<string> => {
  const tensors = formulaWeights(weightSpecs(networkOf('resnet10', side)));
  const file = join(root, 'weights.safetensors');
  const encoded = [...tensors].map(
    ([key, { shape, values }]) => [key, float32Tensor(shape, values)] as const,
  );
  writeFileSync(file, encodeSafetensors(new Map(encoded)));
  const folder = join(root, 'resnet10');
  await outputOf(['import', file, '--model', 'resnet10', '--out', folder, '--normalization', 'cifar-100']);
  return folder;
};

describe('gcnc report CHECKPOINT', async () => {
  const folder = await imported();
  const asked = [folder, '--data', data, '--estimator', 'exact', '--json'];
  const report = JSON.parse(await outputOf(['report', ...asked]));
  const page = readFileSync(report.report, 'utf8');
  const [pairs, perExample] = [join(root, 'pairs.csv'), join(root, 'examples.csv')];
  const measured = JSON.parse(
    await outputOf(['measure', ...asked, '--pairs', pairs, '--per-example', perExample]),
  );

  it('has the record of gcnc measure, to the last bit', () => {
    const { cost, ...record } = measured;
    for (const [key, value] of Object.entries(record)) assert.deepEqual(report[key], value, key);
    assert.ok(cost.seconds > 0);
    assert.equal(report.report, join(report.checkpoint, 'report.html'));
  });

  it('shows every measure of it', () => {
    assert.ok(
      page.includes(`Geometric complexity <strong>${brief(measured.geometricComplexity.value)}</strong>`),
    );
    const { cdnv, cdnvDirectional, nc1, rankMe } = measured.neuralCollapse;
    for (const [label, value] of Object.entries({
      CDNV: cdnv,
      'directional CDNV': cdnvDirectional,
      NC1: nc1,
      RankMe: rankMe,
    }))
      assert.match(
        page,
        new RegExp(
          `<th scope="row">${label}</th><td class="number">${brief(value).replace('+', '\\+')}</td>`,
        ),
      );
  });

  it('has the intervals of the measures that are estimated from examples', async () => {
    const few = ['--estimator', 'hutchinson', '--examples', '18'];
    const estimated = JSON.parse(
      await outputOf(['report', ...asked, ...few, '--out', join(root, 'few.html')]),
    );
    const few18 = readFileSync(join(root, 'few.html'), 'utf8');
    const { ci95 } = estimated.neuralCollapse.geometricCollapseEstimate;
    assert.ok(ci95[0] < ci95[1]);
    assert.match(few18, />Of 30 examples of 3 classes/);
    const rows = few18.split('<tr>').filter((row) => /geometric collapse<\/th>/.test(row));
    assert.equal(rows.length, 2);
    for (const row of rows) assert.match(row, /; 18 examples<\/span>/);
    const text = `${brief(estimated.neuralCollapse.geometricCollapse)}</td><td class="text">${brief(ci95[0])} to ${brief(ci95[1])}</td>`;
    assert.ok(few18.replaceAll(/\s*\n\s*/g, '').includes(text));
  });

  it('draws the matrices of pairs from --pairs, the spectrum and the plane', () => {
    for (const id of ['cdnv', 'cdnvDirectional', 'spectrum', 'plane'])
      assert.match(page, new RegExp(`<figure id="figure-${id}">[\\s\\S]*?<svg[\\s\\S]*?</svg>`), id);
    const rows = readFileSync(pairs, 'utf8')
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(','));
    const directional = rows.flatMap((row) => [Number(row[3]), Number(row[4])]);
    const caption = `From ${brief(Math.min(...directional))} to ${brief(Math.max(...directional))};`;
    assert.ok(page.includes(caption), caption);
    const [first, second] = report.principalShares;
    assert.ok(first >= second && first + second <= 1);
    assert.ok(
      page.includes(
        `the first two hold ${brief(100 * first)} % and ${brief(100 * second)} % of the variance`,
      ),
    );
  });

  it('shows the images of the highest and lowest own complexity, the image itself as thumbnail', async () => {
    const rows = readFileSync(perExample, 'utf8')
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(','));
    const sorted = rows
      .map(([example, name, value]) => ({ example: Number(example), class: name, value: Number(value) }))
      .sort((a, b) => b.value - a.value);
    const plain = (images: readonly Record<string, unknown>[]) =>
      images.map(({ example, class: name, value }) => ({ example, class: name, value }));
    assert.deepEqual(plain(report.mostComplex), sorted.slice(0, 12));
    assert.deepEqual(plain(report.leastComplex), sorted.slice(-12).reverse());
    const sources = [...page.matchAll(/<img src="data:image\/png;base64,([^"]+)" alt="Example (\d+), /g)];
    assert.equal(sources.length, 24);
    for (const [, png, example] of sources) {
      const { data: pixels, info } = await sharp(Buffer.from(png!, 'base64'))
        .raw()
        .toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height, info.channels], [side, side, 3]);
      const size = side * side * 3;
      assert.deepEqual(
        [...pixels],
        [...bytes.subarray(Number(example) * size, (Number(example) + 1) * size)],
      );
    }
  });

  it('is one file without scripts that loads nothing', () => {
    assert.doesNotMatch(page, /<script|https?:\/\/(?!www\.w3\.org)/);
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!);
    assert.deepEqual(
      addresses.filter((address) => !/^(data:|#)/.test(address)),
      [],
    );
    assert.ok(page.length < 1_000_000, String(page.length));
  });

  it('takes --out, and refuses options that do not belong', async () => {
    const out = join(root, 'page.html');
    const few = ['--data', data, '--examples', '6', '--out', out];
    assert.match(
      await outputOf(['report', folder, ...few]),
      /geometric complexity[\s\S]*report: .*page\.html\n$/,
    );
    assert.match(
      readFileSync(out, 'utf8'),
      /Of the 6 images that were measured. Each value is an estimate, with ± its standard error over probes/,
    );
    assert.match(
      await refusalOf(['report', folder, '--at-loss', '1']),
      /^--at-loss: .* is one checkpoint, no sweep$/,
    );
    const sweep = makeSweep(root, 'sweep', { learningRates: [0.01], seeds: [0] });
    assert.match(await refusalOf(['report', sweep, '--split', 'target']), /^--split: .* is no checkpoint; /);
    assert.match(
      await refusalOf(['report', folder]),
      /was imported and knows no data; name them with --data$/,
    );
  });
});
