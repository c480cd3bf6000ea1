import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { onnxWeights } from '../../../src/checkpoint/onnx/weights.ts';
import type { OnnxGraph, OnnxNode } from '../../../src/formats/onnx.ts';
import { float32Tensor, type StoredTensor, toFloat32 } from '../../../src/formats/safetensors.ts';
import { makeNetwork } from '../../../src/models/models.ts';

interface Given {
  readonly side?: number;
  readonly image?: readonly (number | null)[];
  /** Axes of a Transpose before Flatten. */
  readonly transpose?: readonly number[];
  /** Operations after the last linear layer, or between two of them. */
  readonly after?: readonly string[];
}

/** The graph of a VGG-11 of width 1 without batch norm and with three classes, whose linear weights are 0, 1, 2, ... */
function vggGraph({ side = 64, image = [1, 3, side, side], transpose, after = [] }: Given): OnnxGraph {
  const network = makeNetwork(
    { name: 'vgg11', width: 1, stem: 'cifar', batchNorm: false },
    [side, side, 3],
    3,
  );
  const tensors = new Map<string, StoredTensor>();
  const nodes: OnnxNode[] = [];
  let value = 'image';
  const add = (
    op: string,
    inputs: readonly string[] = [],
    attributes: Readonly<Record<string, unknown>> = {},
  ) => {
    const output = `v${nodes.length}`;
    nodes.push({
      op,
      inputs: [value, ...inputs],
      outputs: [output],
      attributes: new Map(Object.entries(attributes)),
    } as OnnxNode);
    value = output;
  };
  const counted = (shape: readonly number[]) =>
    float32Tensor(
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => at),
    );
  const constant = (name: string, shape: readonly number[]): string => {
    tensors.set(name, counted(shape));
    return name;
  };
  for (const { layer } of network.nodes) {
    if (layer.kind === 'convolution')
      add(
        'Conv',
        [
          constant(`${layer.name}.w`, [layer.outChannels, layer.inChannels, 3, 3]),
          constant(`${layer.name}.b`, [layer.outChannels]),
        ],
        { pads: [1, 1, 1, 1], kernel_shape: [3, 3] },
      );
    else if (layer.kind === 'relu') add('Relu');
    else if (layer.kind === 'maxPool') add('MaxPool', [], { kernel_shape: [2, 2], strides: [2, 2] });
    else if (layer.kind === 'flatten') {
      if (transpose) add('Transpose', [], { perm: [...transpose] });
      add('Flatten', [], { axis: 1 });
    } else if (layer.kind === 'linear')
      add(
        'Gemm',
        [constant('fc.w', [layer.outFeatures, layer.inFeatures]), constant('fc.b', [layer.outFeatures])],
        { transB: 1 },
      );
  }
  for (const op of after) {
    if (op === 'Gemm') add('Gemm', [constant('last.w', [2, 3]), constant('last.b', [2])], { transB: 1 });
    else if (op === 'Div') add('Div', [constant('temperature', [1])]);
    else add(op);
  }
  return { nodes, tensors, unread: new Map(), inputs: [{ name: 'image', shape: image }] };
}

const read = (given: Given, imageSize?: number) =>
  onnxWeights(vggGraph(given), 'vgg11', imageSize, 'net.onnx');
const leftOut = /is not the classifier of vgg11, and was left out/;

describe("what follows an ONNX graph's last linear layer", () => {
  for (const after of [[], ['Softmax'], ['LogSoftmax'], ['Identity']])
    test(`${after[0] ?? 'nothing'}: it is the classifier`, () => {
      const { weights, notes } = read({ after });
      assert.deepEqual(weights.get('classifier.weight')?.shape, [3, 32]);
      assert.ok(!notes.some((note) => leftOut.test(note)));
    });

  for (const after of [['Div'], ['Tanh', 'Gemm'], ['Gemm'], ['Sigmoid']])
    test(`${after.join(', ')}: it is not, and the output says so`, () => {
      const { weights, notes } = read({ after });
      assert.equal(weights.get('classifier.weight'), undefined);
      assert.ok(notes.some((note) => leftOut.test(note)));
    });
});

describe('columns of a linear layer that reads a map', () => {
  const columnsOf = (transpose?: readonly number[]): readonly number[] => {
    const { weights } = read({ ...(transpose && { transpose }) });
    return [...toFloat32(weights.get('classifier.weight')!).subarray(0, 32)];
  };

  test("are PyTorch's as they stand", () => {
    assert.deepEqual(
      columnsOf(),
      Array.from({ length: 32 }, (_, at) => at),
    );
  });

  for (const order of [
    [0, 2, 3, 1],
    [0, 3, 2, 1],
    [0, 1, 3, 2],
  ])
    test(`are put into its order where the map was transposed by ${order}`, () => {
      // Eight channels of 2 x 2: the value [c, h, w] stands where the graph's Flatten put it.
      const sizes = [1, 8, 2, 2];
      const expected: number[] = [];
      for (let c = 0; c < 8; c++)
        for (let h = 0; h < 2; h++)
          for (let w = 0; w < 2; w++) {
            const place = [0, c, h, w];
            expected.push(order.reduce((at, axis) => at * sizes[axis]! + place[axis]!, 0));
          }
      assert.deepEqual(columnsOf(order), expected);
    });

  test('are of no linear layer where images were mixed', () => {
    const { weights, notes } = read({ transpose: [1, 0, 2, 3] });
    assert.equal(weights.get('classifier.weight'), undefined);
    assert.ok(notes.length > 1);
  });
});

describe('the size of images', () => {
  test('is what the graph says', () => {
    assert.equal(read({ side: 48 }).side, 48);
  });

  test('is square, or is asked for', () => {
    const rectangle = { image: [1, 3, 64, 32] };
    assert.throws(() => read(rectangle), {
      name: 'InputError',
      message: "net.onnx: its graph takes images of 64x32, and gcnc's are square; give --image-size",
    });
    assert.equal(read(rectangle, 64).side, null);
    assert.equal(read({ image: [null, 3, null, null] }, 64).side, null);
    assert.equal(read({ image: [1, 64, 64, 3] }).side, 64);
    assert.throws(() => read({ image: [1, 64, 32, 3] }), /takes images of 64x32/);
  });
});
