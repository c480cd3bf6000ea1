import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { importWeights } from '../../src/checkpoint/import-weights.ts';
import { diagnostics } from '../../src/diagnostics.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  float32Tensor,
  int64Scalar,
  type StoredTensor,
} from '../../src/formats/safetensors.ts';

/** Saved by PyTorch: see fixtures. */
const saved = fileURLToPath(new URL('./fixtures/resnet18.safetensors', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'gcnc-names-'));
after(() => rmSync(root, { recursive: true }));
let made = 0;

/** Imports the fixture with its tensors renamed or replaced. */
async function imported(
  change: (name: string, tensor: StoredTensor) => [string, StoredTensor] | null,
  options = {},
) {
  const [path, folder] = [join(root, `${made}.safetensors`), join(root, `out-${made++}`)];
  const stored = decodeSafetensors(readFileSync(saved), saved);
  const changed = [...stored].map(([name, tensor]) => change(name, tensor)).filter((each) => each !== null);
  writeFileSync(path, encodeSafetensors(new Map(changed)));
  const result = await importWeights(path, folder, {
    model: 'resnet18',
    given: {},
    imageSize: 16,
    ...options,
  });
  return { ...result, checkpoint: readCheckpoint(folder) };
}
const plain = imported((name, tensor) => [name, tensor]);

describe("names that are not torchvision's", () => {
  for (const prefix of ['module.', 'model.', '_orig_mod.module.', 'module.model.', 'backbone.', 'a.b.'])
    it(`the prefix ${prefix} is cut, and said to be`, async () => {
      const { checkpoint, renamed } = await imported((name, tensor) => [`${prefix}${name}`, tensor]);
      assert.deepEqual(checkpoint.weights, (await plain).checkpoint.weights);
      assert.deepEqual(renamed, [`the prefix ${prefix} was cut`]);
    });

  it("kuangliu's shortcut and linear are torchvision's downsample and fc", async () => {
    const { checkpoint, renamed } = await imported((name, tensor) => [
      name.replace('.downsample.', '.shortcut.').replace(/^fc\./, 'linear.'),
      tensor,
    ]);
    assert.deepEqual(checkpoint.weights, (await plain).checkpoint.weights);
    assert.equal(renamed.length, 2);
  });

  for (const [of, first, stages] of [
    ["the children of torchvision's ResNet in an nn.Sequential", ['0.', '1.'], 4],
    ['the same without max-pool, as SimCLR for CIFAR has them', ['0.', '1.'], 3],
  ] as const)
    it(`${of} are known by their numbers, below any prefix and without a classifier`, async () => {
      for (const prefix of ['', 'module.f.']) {
        const { checkpoint, renamed, classes } = await imported((name, tensor) =>
          name.startsWith('fc.')
            ? null
            : [
                `${prefix}${name
                  .replace(/^conv1\./, first[0])
                  .replace(/^bn1\./, first[1])
                  .replace(/^layer(\d)/, (_, stage: string) => String(Number(stage) - 1 + stages))}`,
                tensor,
              ],
        );
        assert.equal(classes, null);
        const expected = (await plain).checkpoint.weights;
        for (const [name, values] of checkpoint.weights)
          if (!name.startsWith('fc.')) assert.deepEqual(values, expected.get(name), name);
        assert.match(
          renamed.join('; '),
          /a Sequential's numbers became torchvision's names(; no max-pool .*)?$/,
        );
      }
    });

  it("weiaicunzai's conv2_x and residual_function are torchvision's layer1 and conv1", async () => {
    const { checkpoint, renamed } = await imported((name, tensor) => [
      name
        .replace(/^conv1\./, 'conv1.0.')
        .replace(/^bn1\./, 'conv1.1.')
        .replace(/^layer(\d)\./, (_, stage: string) => `conv${Number(stage) + 1}_x.`)
        .replace('.downsample.', '.shortcut.')
        .replace(
          /\.(conv|bn)(\d)\./,
          (_, kind: string, index: string) =>
            `.residual_function.${3 * (Number(index) - 1) + (kind === 'bn' ? 1 : 0)}.`,
        ),
      tensor,
    ]);
    assert.deepEqual(checkpoint.weights, (await plain).checkpoint.weights);
    assert.deepEqual(renamed, ["weiaicunzai's ResNet became torchvision's names"]);
  });

  it("torchvision's own names stay, and nothing is said", async () => {
    assert.deepEqual((await plain).renamed, []);
  });
});

describe('several networks in one file', () => {
  const twice = (name: string, tensor: StoredTensor): [string, StoredTensor] => [
    name.startsWith('layer4') ? `encoder_k.${name}` : `encoder_q.${name}`,
    tensor,
  ];
  const both = async (options: object) => {
    const path = join(root, 'both.safetensors');
    const stored = decodeSafetensors(readFileSync(saved), saved);
    const all = ['encoder_q.', 'encoder_k.'].flatMap((prefix) =>
      [...stored].map(([name, tensor]) => [`${prefix}${name}`, tensor] as const),
    );
    writeFileSync(
      path,
      encodeSafetensors(new Map([...all, ['queue', float32Tensor([2], new Float32Array(2))]])),
    );
    const request = { model: 'resnet18', given: {}, imageSize: 16, ...options };
    return importWeights(path, join(root, `both-${made++}`), request);
  };

  it('are refused with their prefixes', async () => {
    await assert.rejects(
      both({}),
      /holds several networks: encoder_\S+, encoder_\S+; choose one with --prefix$/,
    );
  });

  it('are chosen from, and what is left out is said', async () => {
    const { renamed } = await both({ chosen: { prefix: 'encoder_q' } });
    assert.match(
      renamed.join('; '),
      /^the prefix encoder_q\. was cut; left out, as outside of encoder_q\.: .*more$/,
    );
    await assert.rejects(both({ chosen: { prefix: 'student.' } }), /--prefix student\.: no name starts so/);
  });

  it('a network whose layers stand elsewhere is refused by what is missing', async () => {
    await assert.rejects(imported(twice), /missing: layer4/);
  });
});

describe("other implementations' stems", () => {
  it('are refused by what they are', async () => {
    await assert.rejects(
      imported((name, tensor) => [name === 'bn1.bias' ? 'conv1.3.weight' : name, tensor]),
      /is a ResNet with a deep stem of three convolutions \(ResNet-C or -D\), which is no model here$/,
    );
  });
});

describe('networks of the same names and shapes and another function', () => {
  const numberedFrom = (stages: number, name: string): string =>
    name
      .replace(/^conv1\./, '0.')
      .replace(/^bn1\./, '1.')
      .replace(/^layer(\d)/, (_, stage: string) => String(Number(stage) - 1 + stages));
  const without = (name: string) => name.startsWith('fc.');

  for (const [what, head, shape] of [
    ["FCN's convolutions", 'classifier.0.weight', [2, 32, 3, 3]],
    ["DeepLab's", 'classifier.0.convs.0.0.weight', [2, 32, 1, 1]],
    ['an auxiliary head', 'aux_classifier.4.bias', [2]],
  ] as const)
    it(`are refused where ${what} stand beside a backbone`, async () => {
      const size = shape.reduce((product: number, side) => product * side, 1);
      const tensor = float32Tensor(shape, new Float32Array(size));
      await assert.rejects(
        imported((name, own) =>
          name === 'fc.weight' ? [head, tensor] : without(name) ? null : [`backbone.${name}`, own],
        ),
        (error: Error) => error.message.includes(`holds ${head}, of a segmentation network`),
      );
    });

  for (const head of [
    'decoder.0.convs.0.0.weight',
    'decoder.aspp.0.convs.1.0.0.weight',
    'decoder.fpa.branch1.1.conv.weight',
  ])
    it(`are refused where segmentation_models_pytorch's ${head} stands beside an encoder`, async () => {
      const tensor = float32Tensor([2, 32, 1, 1], new Float32Array(64));
      await assert.rejects(
        imported((name, own) =>
          name === 'fc.weight' ? [head, tensor] : without(name) ? null : [`encoder.${name}`, own],
        ),
        (error: Error) => error.message.includes(`holds ${head}, of a segmentation network`),
      );
    });

  it('are refused where the Sequential has no place for the max-pool of a 7x7 stem', async () => {
    const seven = float32Tensor([4, 3, 7, 7], new Float32Array(4 * 3 * 49));
    await assert.rejects(
      imported((name, tensor) =>
        without(name) ? null : [numberedFrom(3, name), name === 'conv1.weight' ? seven : tensor],
      ),
      /its Sequential has stages from 3 on, which leaves no place for the max-pool/,
    );
  });

  it('are told of where a 3x3 stem may have another padding or a max-pool, named or in a Sequential', async () => {
    for (const named of [(name: string) => name, (name: string) => numberedFrom(4, name)]) {
      const { assumed } = await imported((name, tensor) => (without(name) ? null : [named(name), tensor]));
      assert.equal(assumed, 'stride 1, padding 1 and no max-pool are assumed of its 3x3 first convolution');
    }
  });

  it('are refused where config.json beside the weights says so', async () => {
    const folder = mkdtempSync(join(root, 'hub-'));
    const path = join(folder, 'model.safetensors');
    copyFileSync(saved, path);
    const from = (config: object, given = {}) => {
      writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
      return importWeights(path, join(folder, `out-${made++}`), { model: 'resnet18', given, imageSize: 16 });
    };
    for (const [config, said] of [
      [{ architecture: 'resnetaa50' }, /config\.json beside it says architecture resnetaa50, whose strides/],
      [{ architecture: 'resnetblur50' }, /architecture resnetblur50/],
      [{ architecture: 'resnet50', model_args: { output_stride: 8 } }, /output_stride 8: its weights/],
      [{ encoder_name: 'resnet18', encoder_output_stride: 8 }, /encoder_output_stride 8: its weights/],
      [{ architecture: 'resnet50', model_args: { act_layer: 'silu' } }, /act_layer "silu"/],
      [{ model_type: 'resnet', hidden_act: 'gelu' }, /hidden_act "gelu"/],
      [{ model_type: 'resnet', downsample_in_first_stage: true }, /downsample_in_first_stage/],
      [
        { model_type: 'resnet', downsample_in_bottleneck: true },
        /downsample_in_bottleneck without --strides v1/,
      ],
    ] as const)
      await assert.rejects(from(config), said);
    await from({ architecture: 'resnet18', model_args: { output_stride: 32 } });
    await from({ model_type: 'resnet', hidden_act: 'relu', downsample_in_bottleneck: false });
  });
});

it('--normalization none has one pair a channel, also of four', async () => {
  const { checkpoint } = await imported(
    (name, tensor) => [
      name,
      name === 'conv1.weight' ? float32Tensor([4, 4, 3, 3], new Float32Array(144).fill(0.1)) : tensor,
    ],
    { normalization: { name: 'none', mean: [0, 0, 0], std: [1, 1, 1] } },
  );
  assert.deepEqual(checkpoint.state.normalization, { mean: [0, 0, 0, 0], std: [1, 1, 1, 1] });
});

describe('channel order', () => {
  it('bgr swaps the planes of the first filters, and nothing else', async () => {
    const { checkpoint } = await imported((name, tensor) => [name, tensor], { channelOrder: 'bgr' });
    const { checkpoint: before } = await plain;
    const [swapped, kept] = [checkpoint, before].map(({ weights }) => weights.get('conv1.weight')!.values);
    for (let filter = 0; filter < 4; filter++)
      for (let channel = 0; channel < 3; channel++)
        assert.deepEqual(
          swapped!.subarray((filter * 3 + channel) * 9, (filter * 3 + channel + 1) * 9),
          kept!.subarray((filter * 3 + 2 - channel) * 9, (filter * 3 + 3 - channel) * 9),
        );
    const rest = (checkpoint: { readonly weights: ReadonlyMap<string, unknown> }) =>
      [...checkpoint.weights].filter(([name]) => name !== 'conv1.weight');
    assert.deepEqual(rest(checkpoint), rest(before));
  });
});

describe('weights without a classifier', () => {
  it('are a checkpoint whose classifier matches no data', async () => {
    const { checkpoint, classes } = await imported((name, tensor) =>
      name.startsWith('fc.') ? null : [name, tensor],
    );
    assert.equal(classes, null);
    assert.deepEqual(checkpoint.state.classNames, ['no classifier']);
    assert.deepEqual(
      checkpoint.weights.get('conv1.weight'),
      (await plain).checkpoint.weights.get('conv1.weight'),
    );
  });
});

describe('headless', () => {
  it('leaves out a projection head that is no classifier, and says so', async () => {
    const head = (name: string, tensor: StoredTensor): [string, StoredTensor] => [
      name.replace(/^fc\./, 'fc.2.'),
      tensor,
    ];
    await assert.rejects(imported(head), /not of this model: fc\.2\./);
    const { checkpoint, classes, renamed } = await imported(head, { headless: true });
    assert.equal(classes, null);
    assert.match(renamed.join('; '), /^left out: fc\.2\.\S+, fc\.2\.\S+$/);
    assert.deepEqual(
      checkpoint.weights.get('layer4.1.conv2.weight'),
      (await plain).checkpoint.weights.get('layer4.1.conv2.weight'),
    );
  });

  it('leaves out no part of the features: a ResNet-18 is no ResNet-10 with something behind it', async () => {
    const asResNet10 = imported((name, tensor) => [name, tensor], { model: 'resnet10', headless: true });
    await assert.rejects(
      asResNet10,
      /--headless leaves out heads, and these are within the features: layer1\.1\./,
    );
  });

  it('leaves out a classifier that is one', async () => {
    const { classes, renamed } = await imported((name, tensor) => [name, tensor], { headless: true });
    assert.equal(classes, null);
    assert.match(renamed.join('; '), /^left out: fc\.\S+, fc\.\S+$/);
  });
});

describe('batch norm', () => {
  it('with the statistics of a new network beside trained weights is warned of', async (t) => {
    const { mock } = t.mock.method(diagnostics, 'warn', () => {});
    const fresh =
      (counted: boolean) =>
      (name: string, tensor: StoredTensor): [string, StoredTensor] => {
        const value = name.endsWith('running_mean')
          ? 0
          : name.endsWith('running_var')
            ? 1
            : name === 'bn1.weight'
              ? 1.5
              : null;
        if (name.endsWith('num_batches_tracked')) return [name, int64Scalar(counted ? 7 : 0)];
        return [
          name,
          value === null
            ? tensor
            : float32Tensor(tensor.shape, new Float32Array(tensor.shape[0]!).fill(value)),
        ];
      };
    // The fixture is a new network as a whole.
    await imported((name, tensor) => [name, tensor]);
    await imported(fresh(true));
    assert.equal(mock.callCount(), 0);
    await imported(fresh(false));
    assert.match(
      String(mock.calls[0]!.arguments[0]),
      /every running mean is 0 and every running variance 1, as in a new network, beside weights that are trained/,
    );
  });

  it('another epsilon moves the running variances, so that the same function comes out', async () => {
    const epsilon = 1e-3;
    const { checkpoint } = await imported((name, tensor) => [name, tensor], { batchNormEpsilon: epsilon });
    const [ours, theirs] = [checkpoint, (await plain).checkpoint].map(
      ({ weights }) => weights.get('bn1.running_var')!.values,
    );
    for (const [channel, variance] of ours!.entries())
      assert.ok(Math.abs(variance + 1e-5 - (theirs![channel]! + epsilon)) <= 2 ** -23 * variance);
  });

  it('a smaller epsilon leaves no negative variance: the scale of such a channel makes up for it', async () => {
    const epsilon = 1e-6;
    const [variances, names] = [
      [1e-7, 0, 0.5],
      ['bn1.weight', 'bn1.running_var'],
    ] as const;
    const { checkpoint } = await imported(
      (name, tensor) => {
        if (name !== names[1]) return [name, tensor];
        const values = new Float32Array(tensor.shape[0]!).fill(1);
        values.set(variances);
        return [name, float32Tensor(tensor.shape, values)];
      },
      { batchNormEpsilon: epsilon },
    );
    const [scale, variance] = names.map((name) => checkpoint.weights.get(name)!.values);
    const theirs = (await plain).checkpoint.weights.get('bn1.weight')!.values;
    assert.ok(variance!.every((value) => value >= 0));
    for (const [channel, value] of variances.entries()) {
      const ours = scale![channel]! / Math.sqrt(variance![channel]! + 1e-5);
      const wanted = theirs[channel]! / Math.sqrt(value + epsilon);
      assert.ok(Math.abs(ours / wanted - 1) < 1e-5, `${channel}: ${ours}, not ${wanted}`);
    }
  });

  it('an epsilon that no scale in float32 can make up for is refused with the channel', async () => {
    await assert.rejects(
      imported(
        (name, tensor) => [
          name,
          name === 'bn1.running_var' ? float32Tensor(tensor.shape, new Float32Array(4)) : tensor,
        ],
        { batchNormEpsilon: 1e-320 },
      ),
      /an epsilon of 1e-320 is too small for channel 0 of bn1\.running_var, 0; its scale would not be finite$/,
    );
  });

  it('a negative running variance is refused by its name', async () => {
    await assert.rejects(
      imported((name, tensor) => [
        name,
        name === 'layer2.0.bn1.running_var'
          ? float32Tensor(tensor.shape, new Float32Array(8).fill(-0.5))
          : tensor,
      ]),
      /layer2\.0\.bn1\.running_var holds a negative variance, which no training gives$/,
    );
  });
});

describe("PyTorch's own files", () => {
  for (const [kind, head, message] of [
    ['a damaged zip archive', 'PK\x03\x04\x14\x00\x00\x00', /weights\.pth: is no zip file, or is truncated$/],
    [
      'a pickle of something else',
      '\x80\x02K\x01.',
      /weights\.pth: a Python pickle, and not of torch\.save; state dicts, safetensors and ONNX are read$/,
    ],
    ["Keras's HDF5", '\x89HDF\r\n\x1a\n', /is an HDF5 file, as Keras writes; export it to ONNX with tf2onnx/],
  ] as const)
    it(`${kind} is refused by what it is`, async () => {
      const path = join(root, 'weights.pth');
      writeFileSync(path, Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(100)]));
      await assert.rejects(
        importWeights(path, join(root, 'none'), { model: 'resnet18', given: {} }),
        message,
      );
    });
});
