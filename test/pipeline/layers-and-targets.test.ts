import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { hashOfConfig } from '../../src/config/run-identity.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { measureRows } from '../../src/measures/measure-rows.ts';
import { metricsLineSchema } from '../../src/pipeline/records.ts';
import { imagesIn, refusalOf, root, runOf, smallConfig } from './small-run.ts';

describe('what a config of before means', () => {
  it('the defaults, written out, are the same run to the last byte and have the same hash', async () => {
    const plain = smallConfig({});
    const written = smallConfig(
      { layers: ['embedding'], unpooledComplexity: undefined },
      { targets: ['target'], layers: ['embedding'] },
    );
    assert.equal(hashOfConfig(written), hashOfConfig(plain));
    const [one, other] = [await runOf(plain), await runOf(written)];
    assert.equal(other.text, one.text);
    assert.equal('elsewhere' in one.last, false);
  });

  it('further layers and targets change nothing of what was measured before, and the hash', async () => {
    const other = imagesIn('other.npz');
    const [one, more] = [
      await runOf(smallConfig({})),
      await runOf(
        smallConfig(
          { layers: ['layer2', 'embedding'], targets: [other, 'target'] },
          { layers: ['layer3', 'embedding'], targets: ['target', other] },
        ),
      ),
    ];
    const { elsewhere, ...rest } = more.last;
    assert.deepEqual(rest, one.last);
    assert.deepEqual(
      elsewhere!.measures.map(({ set, layer, pooling }) => [set, layer, pooling]),
      [
        ['sourceTrain', 'layer2', 'average'],
        ['sourceTest', 'layer2', 'average'],
        [other, 'layer2', 'average'],
        [other, 'embedding', 'none'],
        ['target', 'layer2', 'average'],
      ],
    );
    assert.deepEqual(
      elsewhere!.fewshot.map(({ set, layer, pooling }) => [set, layer, pooling]),
      [
        ['target', 'layer3', 'average'],
        [other, 'layer3', 'average'],
        [other, 'embedding', 'none'],
      ],
    );
    assert.notEqual(
      hashOfConfig(smallConfig({ layers: ['layer2', 'embedding'] })),
      hashOfConfig(smallConfig({})),
    );
    assert.equal(metricsLineSchema.safeParse(more.last).success, true);
  });

  it('every quantity at every place is a number, or null with a reason', async () => {
    const other = imagesIn('other.npz');
    const { last } = await runOf(
      smallConfig({
        layers: ['layer1', 'logits', 'embedding'],
        targets: [other, 'validation'],
        unpooledComplexity: true,
      }),
    );
    assert.equal(last.elsewhere!.measures.length, 9);
    for (const { set, layer, pooling, neuralCollapse, geometricComplexityUnpooled } of last.elsewhere!
      .measures) {
      for (const { key } of measureRows)
        if (neuralCollapse[key] === null)
          assert.ok(neuralCollapse.undefinedBecause![key]!.length > 5, `${set} ${layer} ${key}`);
      if (set.startsWith('source'))
        assert.match(neuralCollapse.undefinedBecause!.nc3SelfDuality!, /does not read the layer/);
      assert.equal(geometricComplexityUnpooled === undefined, pooling === 'none');
    }
  });
});

describe('a target that fits is measured', () => {
  it('grey images as those of colour, and a folder as its files', async () => {
    const grey = imagesIn('grey.npz', { channels: 1 });
    const { last } = await runOf(smallConfig({ targets: [grey] }, { targets: [grey] }));
    assert.deepEqual(
      last.measures.map(({ split }) => split),
      ['sourceTrain', 'sourceTest'],
    );
    assert.equal(last.fewshot, null);
    assert.equal(last.elsewhere!.measures[0]!.set, grey);
    assert.equal(last.elsewhere!.fewshot[0]!.set, grey);
  });

  it('one class only: null with the reason, and no number in its place', async () => {
    const one = imagesIn('one.npz', { classes: 1 });
    const { last } = await runOf(smallConfig({ targets: [one] }));
    const { neuralCollapse } = last.elsewhere!.measures[0]!;
    for (const key of ['cdnv', 'cdnvDirectional', 'geometricCollapse', 'logMe', 'nc1'] as const) {
      assert.equal(neuralCollapse[key], null, key);
      assert.match(neuralCollapse.undefinedBecause![key]!, /1 class/);
    }
    assert.ok(last.elsewhere!.measures[0]!.geometricComplexity.value! > 0);
  });
});

describe('a target that makes no sense is refused in one line before the first run', () => {
  const rows: readonly (readonly [what: string, measure: object, fewshot: object, said: RegExp])[] = [
    ['the same twice', { targets: ['target', 'target'] }, {}, /^measure.targets names a value twice/],
    ['the same path twice', { targets: ['a/b', './a/b'] }, {}, /^measure.targets names a value twice/],
    [
      'the same layer twice',
      { layers: ['embedding', 'embedding'] },
      {},
      /^measure.layers names a value twice/,
    ],
    ['no embedding', { layers: ['layer2'] }, {}, /^measure.layers is \[layer2\]; it must name embedding/],
    ['no embedding', {}, { layers: ['layer2'] }, /^fewshot.layers is \[layer2\]; it must name embedding/],
    ['no such layer', { layers: ['layer9', 'embedding'] }, {}, /^measure.layers: layer layer9 is not one of/],
    ['the source', { targets: ['sourceTest'] }, {}, /^measure.targets names sourceTest/],
    [
      'its own data',
      { targets: ['glyphs'] },
      {},
      /^measure.targets: glyphs: the network is trained on its classes/,
    ],
    [
      'no such data',
      { targets: ['mnits'] },
      {},
      /^measure.targets: unknown data set mnits; did you mean mnist\?/,
    ],
    [
      'no such part',
      { targets: ['mnist/tset'] },
      {},
      /^measure.targets: mnist\/tset: mnist has no such part/,
    ],
    ['data not there', { targets: ['mnist'] }, {}, /^measure.targets: mnist: no readable file/],
    [
      'split and targets',
      {},
      { split: 'validation', targets: ['target'] },
      /^fewshot.targets stands instead of/,
    ],
    [
      'penalty',
      {},
      { C: 'auto', targets: ['validation'] },
      /^fewshot.C is auto, which chooses on the validation/,
    ],
    ['no map', { unpooledComplexity: true }, {}, /^measure.unpooledComplexity is of the feature maps/],
    [
      'fine-tune alone',
      {},
      { readouts: ['fine-tune'] },
      /^fewshot.readouts: fine-tune needs another readout/,
    ],
    ['no fine-tune', {}, { fineTune: { steps: 3 } }, /^fewshot.fineTune is of the readout fine-tune/],
  ];
  for (const [what, measure, fewshot, said] of rows)
    it(`${what}: ${said.source.slice(1)}`, async () => {
      const refusal = await refusalOf(smallConfig(measure, fewshot));
      assert.match(refusal ?? 'accepted', said);
      assert.equal(refusal!.includes('\n'), false);
    });

  it('no held-out classes, one class, too few images, colour for a grey network, 16 bit', async () => {
    const grey = imagesIn('grey.npz', { channels: 1 });
    const colour = imagesIn('colour.npz', { names: 'PQRS' });
    const one = imagesIn('one.npz', { classes: 1 });
    const few = imagesIn('few.npz', { perClass: 3 });
    const deep = join(root, 'deep.npz');
    writeNpz(deep, {
      images: { shape: [2, 16, 16, 1], values: new BigInt64Array(512) },
      labels: { shape: [2], values: Int32Array.of(0, 1) },
    });
    const onGrey = { name: grey, augmentation: 'none' };
    const said = async (measure: object, fewshot: object = {}, data?: object) =>
      refusalOf(smallConfig(measure, fewshot, data));
    assert.match(
      (await said({ targets: ['target'] }, {}, onGrey))!,
      /^measure.targets: target: the class split none of .* has no target classes/,
    );
    assert.match(
      (await said({ targets: [colour] }, {}, onGrey))!,
      /colour images, and the network takes grey ones/,
    );
    assert.match(
      (await said({}, { targets: [one] }))!,
      /^fewshot.targets: .*one.npz: few-shot: 3 ways from 1 classes/,
    );
    assert.match(
      (await said({}, { targets: [few] }))!,
      /^fewshot.targets: .*few.npz: few-shot: class A has 3 examples/,
    );
    assert.match(
      (await said({ targets: [deep] }))!,
      /^measure.targets: .*deep.npz: images: expected uint8 or floats/,
    );
    assert.equal(
      await said({ targets: [colour, 'target', 'validation'] }, { targets: [colour, 'target'] }),
      null,
    );
  });

  it("a folder of images is listed for the plan, and the source's own file under another spelling is known", async () => {
    const own = imagesIn('own.npz');
    mkdirSync(join(root, 'x'), { recursive: true });
    cpSync(own, join(root, 'x', 'copy.npz'));
    const same = `${root}/x/../own.npz`;
    const data = { name: own, augmentation: 'none' };
    assert.match(
      (await refusalOf(smallConfig({ targets: [same] }, {}, data)))!,
      /the network is trained on its classes A, B, C \(4 in all\)/,
    );
  });
});
