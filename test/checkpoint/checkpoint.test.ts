import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readCheckpoint, readMomenta, writeCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { importWeights } from '../../src/checkpoint/import-weights.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  float32Tensor,
  toFloat32,
} from '../../src/formats/safetensors.ts';
import { InputError } from '../../src/input-error.ts';
import { makeNetwork } from '../../src/models/models.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { formulaWeights } from '../models/formula.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-checkpoint-'));
after(() => rmSync(root, { recursive: true }));

const config = runConfigSchema.parse({ model: { name: 'resnet10', width: 4 } });
const network = makeNetwork(config.model, [16, 16, 3], 5);
const weights = formulaWeights(weightSpecs(network));
const momenta = new Map([...weights].filter(([name]) => !name.includes('running')));
const state = {
  epoch: 2,
  step: 18,
  running: { loss: 1.5, correct: 3, examples: 32 },
  scheduled: true,
  final: false,
  metrics: { bytes: 0, sha256: 'x' },
  imageShape: [16, 16, 3] as [number, number, number],
  normalization: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  classNames: ['a', 'b', 'c', 'd', 'e'],
  dataChecksum: 'y',
};
const folder = join(root, '18');
before(() => writeCheckpoint(folder, { config, state, network, weights }, momenta));

const oneLine = (pattern: RegExp) => (error: Error) => {
  assert.ok(error instanceof InputError, String(error.stack));
  assert.match(error.message, pattern);
  assert.equal(error.message.includes('\n'), false);
  return true;
};

describe('a checkpoint', () => {
  it('reads back to the last bit: config, state, weights, momenta', () => {
    const read = readCheckpoint(folder);
    const { files, format, ...rest } = read.state;
    assert.equal(format, 1);
    assert.deepEqual(rest, state);
    assert.equal(files.weights.length, 64);
    assert.deepEqual(read.config, config);
    assert.deepEqual(read.weights, weights);
    assert.deepEqual(readMomenta(read), momenta);
  });

  it("holds torchvision's names, with the batch counters that load_state_dict(strict=True) asks for", () => {
    const stored = decodeSafetensors(readFileSync(join(folder, 'weights.safetensors')), 'weights');
    assert.deepEqual(stored.get('layer1.0.bn1.num_batches_tracked')?.shape, []);
    assert.equal(stored.get('layer1.0.bn1.num_batches_tracked')?.dtype, 'I64');
    assert.deepEqual(stored.get('layer2.0.downsample.0.weight')?.shape, [8, 4, 1, 1]);
  });

  const damaged = (change: (copy: string) => void): string => {
    const copy = mkdtempSync(join(root, 'damaged-'));
    cpSync(folder, copy, { recursive: true });
    change(copy);
    return copy;
  };

  it('that is not there is refused with what a checkpoint looks like', () => {
    assert.throws(
      () => readCheckpoint(join(root, 'none')),
      oneLine(/no such file; a checkpoint is a folder such as/),
    );
  });

  it('whose weights are cut off, changed or missing is refused by the file', () => {
    for (const change of [
      (copy: string) => truncateSync(join(copy, 'weights.safetensors'), 5000),
      (copy: string) => rmSync(join(copy, 'weights.safetensors')),
      (copy: string) => writeFileSync(join(copy, 'weights.safetensors'), encodeSafetensors(new Map())),
    ])
      assert.throws(
        () => readCheckpoint(damaged(change)),
        oneLine(/weights\.safetensors: (changed|no such file)/),
      );
  });

  it('whose state or config is damaged is refused by the file', () => {
    for (const [file, text] of [
      ['state.json', '{"epoch": 1'],
      ['state.json', '{"epoch": -1}'],
      ['config.yaml', 'model: ['],
      ['config.yaml', 'model: { name: resnet19 }'],
    ] as const) {
      const copy = damaged((at) => writeFileSync(join(at, file), text));
      assert.throws(
        () => readCheckpoint(copy),
        oneLine(new RegExp(`${file.replace('.', '\\.')}: damaged \\(`)),
      );
    }
  });

  it('of another architecture than its config says is refused with the tensors', () => {
    const copy = damaged((at) =>
      writeFileSync(join(at, 'config.yaml'), 'model: { name: resnet18, width: 4 }'),
    );
    assert.throws(() => readCheckpoint(copy), oneLine(/missing: layer1\.1\.conv1\.weight, .* and \d+ more/));
  });
});

describe('safetensors', () => {
  const path = 'file.safetensors';
  const file = encodeSafetensors(new Map([['w', float32Tensor([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))]]));

  it('half precision is widened exactly', () => {
    const half = {
      dtype: 'F16' as const,
      shape: [3],
      bytes: Uint8Array.of(0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc),
    };
    assert.deepEqual(toFloat32(half), Float32Array.of(1, 2 ** -24, Number.NEGATIVE_INFINITY));
    const brain = { dtype: 'BF16' as const, shape: [2], bytes: Uint8Array.of(0x80, 0x3f, 0x49, 0x40) };
    assert.deepEqual(toFloat32(brain), Float32Array.of(1, 3.140625));
  });

  it('cut off at any byte is refused', () => {
    for (let length = 0; length < file.length; length++)
      assert.throws(() => decodeSafetensors(file.subarray(0, length), path), oneLine(/^file\.safetensors: /));
  });

  const withHeader = (header: unknown): Uint8Array => {
    const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([size, text, Buffer.alloc(24)]);
  };

  it('a header that lies is refused', () => {
    const tensor = { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] };
    for (const header of [
      'not json',
      '[]',
      { w: { ...tensor, shape: [2, 4] } },
      { w: { ...tensor, shape: [-2, -3] } },
      { w: { ...tensor, shape: [1e9, 1e9] } },
      { w: { ...tensor, data_offsets: [0, 48] } },
      { w: { ...tensor, data_offsets: [24, 0] } },
      { w: { ...tensor, dtype: 'F31' } },
      { w: tensor, v: { ...tensor, data_offsets: [0, 24] } },
    ])
      assert.throws(
        () => decodeSafetensors(withHeader(header), path),
        oneLine(/^file\.safetensors: /),
        JSON.stringify(header),
      );
    const huge = Buffer.alloc(40);
    huge.writeBigUInt64LE(2n ** 62n);
    assert.throws(() => decodeSafetensors(huge, path), oneLine(/^file\.safetensors: /));
  });
});

describe('torchvision', () => {
  const fixture = new URL('./fixtures/resnet18.', import.meta.url);

  it('takes our weights by load_state_dict(strict=True): the same names, shapes and types', () => {
    const expected: Record<string, [string, number[]]> = JSON.parse(
      readFileSync(`${fixture.pathname}json`, 'utf8'),
    );
    const { model } = runConfigSchema.parse({ model: { name: 'resnet18', width: 4 } });
    const ours = makeNetwork(model, [16, 16, 3], 5);
    const at = join(root, 'resnet18');
    return writeCheckpoint(
      at,
      { config: { ...config, model }, state, network: ours, weights: formulaWeights(weightSpecs(ours)) },
      null,
    ).then(() => {
      const stored = decodeSafetensors(readFileSync(join(at, 'weights.safetensors')), at);
      assert.deepEqual(
        Object.fromEntries([...stored].map(([name, { dtype, shape }]) => [name, [dtype, shape]])),
        expected,
      );
    });
  });

  it('weights that PyTorch saved are imported', async () => {
    const at = join(root, 'from-torch');
    const { model } = await importWeights(`${fixture.pathname}safetensors`, at, {
      model: 'resnet18',
      given: {},
      imageSize: 16,
    });
    assert.deepEqual([model.width, model.stem], [4, 'cifar']);
    const { weights: read } = readCheckpoint(at);
    assert.deepEqual([...read.get('fc.bias')!.values], [0, 1, 2, 3, 4]);
    // PyTorch's element [o, i, h, w] of a filter is 1000 o + 100 i + 10 h + w.
    const filter = read.get('layer1.0.conv1.weight')!;
    assert.equal(filter.values[((3 * 4 + 2) * 3 + 1) * 3 + 2], 3212);
  });
});

describe('import', () => {
  const path = join(root, 'torch.safetensors');
  const write = (
    change: (tensors: Map<string, ReturnType<typeof float32Tensor>>) => void = () => {},
  ): void => {
    const tensors = new Map(
      [...weights].map(([name, { shape, values }]) => [name, float32Tensor(shape, values)]),
    );
    change(tensors);
    writeFileSync(path, encodeSafetensors(tensors));
  };
  let made = 0;
  const load = (model = 'resnet10', given = {}) =>
    importWeights(path, join(root, `imported-${made++}`), { model, given, imageSize: 16 });

  it('reads width, stem and classes off the weights', async () => {
    write();
    const { model, imageShape, classes } = await load();
    assert.deepEqual([model.width, model.stem, imageShape, classes], [4, 'cifar', [16, 16, 3], 5]);
    assert.deepEqual(readCheckpoint(join(root, 'imported-0')).weights, weights);
  });

  it('names what is missing, left over, misshapen, not finite, or no classifier', async () => {
    write((tensors) => tensors.delete('layer3.0.conv2.weight'));
    await assert.rejects(load(), oneLine(/missing: layer3\.0\.conv2\.weight/));
    write((tensors) => tensors.set('aux.weight', float32Tensor([1], Float32Array.of(1))));
    await assert.rejects(load(), oneLine(/not of this model: aux\.weight/));
    write((tensors) => tensors.set('bn1.bias', float32Tensor([3], new Float32Array(3))));
    await assert.rejects(load(), oneLine(/bn1\.bias is \[3\], not \[4\]/));
    write((tensors) => tensors.set('bn1.bias', float32Tensor([4], new Float32Array(4).fill(Number.NaN))));
    await assert.rejects(load(), oneLine(/bn1\.bias holds values that are not finite/));
    const quantised = { dtype: 'I8', shape: [4, 3, 3, 3], bytes: new Uint8Array(108).fill(7) } as const;
    write((tensors) => tensors.set('conv1.weight', quantised));
    await assert.rejects(load(), oneLine(/whole numbers, not floats: conv1\.weight \(I8\)/));
    write((tensors) => tensors.delete('fc.weight'));
    await assert.rejects(load(), oneLine(/fc\.bias without fc\.weight/));
    write();
    await assert.rejects(load('resnet18'), oneLine(/missing: layer1\.1/));
    await assert.rejects(load('resnet11'), oneLine(/--model resnet11: allowed are/));
    await assert.rejects(
      load('resnet10', { width: 8 }),
      oneLine(/conv1\.weight is \[4,3,3,3\], not \[8,3,3,3\]/),
    );
  });

  it('reads the input channels off the weights, and wants as many of the normalisation', async () => {
    const grey = makeNetwork(config.model, [16, 16, 1], 5);
    const tensors = [...formulaWeights(weightSpecs(grey))].map(
      ([name, { shape, values }]) => [name, float32Tensor(shape, values)] as const,
    );
    writeFileSync(path, encodeSafetensors(new Map(tensors)));
    await assert.rejects(
      load(),
      oneLine(
        /images of 1 channels, and the normalisation cifar-100 is of 3; give --normalization, such as mnist/,
      ),
    );
    const normalization = { name: 'none', mean: [0, 0, 0], std: [1, 1, 1] };
    const at = join(root, 'grey');
    const { imageShape } = await importWeights(path, at, {
      model: 'resnet10',
      given: {},
      imageSize: 16,
      normalization,
    });
    assert.deepEqual(imageShape, [16, 16, 1]);
    assert.deepEqual(readCheckpoint(at).state.normalization, { mean: [0], std: [1] });
  });
});
