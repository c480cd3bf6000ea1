import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { relu } from '../../src/backend/kernels/pointwise.ts';
import { maxPool, maxPoolGradient, type PoolingGeometry } from '../../src/backend/kernels/pooling.ts';
import { cast, dispose, fromArray, liveTensorCount, readFloats, sizeOf } from '../../src/backend/tensor.ts';
import { floats, made, type Precision, tensorOf } from './made.ts';

type Shape = readonly [examples: number, height: number, width: number, channels: number];

const pooledSize = (side: number, { size, stride, padding }: PoolingGeometry): number =>
  Math.floor((side + 2 * padding - size) / stride) + 1;

/** Where each window has its first largest value, row by row: as torch.nn.functional.max_pool2d with return_indices. */
const largestOf = (
  x: Float32Array,
  [examples, height, width, channels]: Shape,
  geometry: PoolingGeometry,
) => {
  const { size, stride, padding } = geometry;
  const [outHeight, outWidth] = [pooledSize(height, geometry), pooledSize(width, geometry)];
  const shape: Shape = [examples, outHeight, outWidth, channels];
  const places = new Int32Array(sizeOf(shape));
  for (let to = 0; to < places.length; to++) {
    const channel = to % channels;
    const column = Math.floor(to / channels) % outWidth;
    const row = Math.floor(to / (channels * outWidth)) % outHeight;
    const example = Math.floor(to / (channels * outWidth * outHeight));
    let best = -1;
    for (let i = row * stride - padding; i < row * stride - padding + size; i++)
      for (let j = column * stride - padding; j < column * stride - padding + size; j++) {
        if (i < 0 || j < 0 || i >= height || j >= width) continue;
        const at = ((example * height + i) * width + j) * channels + channel;
        if (best < 0 || x[at]! > x[best]!) best = at;
      }
    places[to] = best;
  }
  return { shape, places };
};

/** The gradient's example n belongs to example n modulo x's; where x is not positive it is multiplied by the slope (1: no ReLU). */
const plainGradient = (gradient: Float32Array, x: Float32Array, places: Int32Array, slope: number) => {
  const times = gradient.length / places.length;
  const dx = new Float64Array(times * x.length);
  for (const [at, value] of gradient.entries()) {
    const place = places[at % places.length]!;
    dx[Math.floor(at / places.length) * x.length + place]! += x[place]! > 0 ? value : slope * value;
  }
  return dx;
};

const inHalves: PoolingGeometry = { size: 2, stride: 2, padding: 0 };
const ofStem: PoolingGeometry = { size: 3, stride: 2, padding: 1 };

const check = (
  shape: Shape,
  geometry: PoolingGeometry,
  precision: Precision,
  gradients: number,
  reluSlope: number,
): void => {
  const before = liveTensorCount();
  const raw = made('x', shape, precision);
  // What a ReLU left: half of the values are zeros, so that there are windows of nothing else. With a slope there are negative ones.
  const x = relu(raw, reluSlope);
  const values = floats(x);
  const { shape: pooled, places } = largestOf(values, shape, geometry);
  const y = maxPool(x, geometry);
  assert.deepEqual([y.shape, y.dtype], [pooled, precision]);
  assert.deepEqual(
    floats(y),
    Float32Array.from(places, (at) => values[at]!),
  );

  const g = made('g', [gradients * pooled[0], ...pooled.slice(1)], precision);
  for (const masked of [false, true]) {
    const slope = masked ? reluSlope : 1;
    const dx = maxPoolGradient(g, x, y, geometry, masked, reluSlope);
    assert.deepEqual([dx.shape, dx.dtype], [[gradients * shape[0], ...shape.slice(1)], precision]);
    const expected = plainGradient(floats(g), values, places, slope);
    // A value is the largest of up to four windows, of gradients below 1: three sums below 4, each rounded.
    const tolerance = 3 * 4 * (precision === 'float32' ? 2 ** -24 : 2 ** -8);
    for (const [at, value] of readFloats(dx).entries()) {
      const gap = Math.abs(value - expected[at]!);
      assert.ok(gap <= tolerance, `${masked ? 'masked ' : ''}[${at}]: ${value}, not ${expected[at]}`);
      if (expected[at] === 0) assert.equal(value + 0, 0);
    }
    dispose(dx);
  }
  dispose(raw, x, y, g);
  assert.equal(liveTensorCount(), before);
};

describe('max-pooling and its gradient against plain loops', () => {
  for (const [name, geometry] of [
    ['2x2, stride 2', inHalves],
    ['3x3, stride 2, padding 1', ofStem],
  ] as const)
    for (const precision of ['float32', 'bfloat16'] as const) {
      it(`${name}, ${precision}: even sides and odd, whole vectors of channels and not`, () => {
        for (const channels of [3, 16, 20, 37, 64])
          for (const [height, width] of [
            [8, 8],
            [7, 9],
            [2, 5],
            [3, 2],
          ] as const)
            for (const slope of [0, 0.125])
              check([3, height, width, channels], geometry, precision, 1, slope);
      });
      it(`${name}, ${precision}: four gradients for each of three examples`, () => {
        for (const slope of [0, 0.125]) check([3, 7, 6, 20], geometry, precision, 4, slope);
      });
    }
});

describe('of equal values', () => {
  const pooledGradient = (values: number[], masked: boolean): readonly number[] => {
    const x = fromArray(Float32Array.from(values), [1, 2, 2, 1]);
    const y = maxPool(x, inHalves);
    const g = fromArray(Float32Array.of(5), [1, 1, 1, 1]);
    const dx = maxPoolGradient(g, x, y, inHalves, masked);
    const found = [...readFloats(dx)].map((value) => value + 0);
    dispose(x, y, g, dx);
    return found;
  };

  it('the first of a window gets its gradient, as in PyTorch', () => {
    assert.deepEqual(pooledGradient([1, 3, 3, 3], false), [0, 5, 0, 0]);
    assert.deepEqual(pooledGradient([0, 0, 0, 0], false), [5, 0, 0, 0]);
  });

  it('none gets any before a ReLU that made all of them 0', () => {
    assert.deepEqual(pooledGradient([0, 0, 0, 0], true), [0, 0, 0, 0]);
    assert.deepEqual(pooledGradient([0, 2, 2, 0], true), [0, 5, 0, 0]);
  });
});

describe('without padding', () => {
  it('windows of negative values have the largest of them', () => {
    const x = tensorOf(Float32Array.of(-3, -1, -2, -4), [1, 2, 2, 1], 'float32');
    const y = maxPool(x, inHalves);
    assert.deepEqual([...readFloats(y)], [-1]);
    dispose(x, y);
  });
});

it('a gradient in bfloat16 finds its place in a float32 x', () => {
  const shape: Shape = [2, 7, 6, 20];
  const narrow = made('x', shape, 'bfloat16');
  const x = cast(narrow, 'float32');
  const y = maxPool(x, ofStem);
  const narrowY = cast(y, 'bfloat16');
  const g = made('g', y.shape, 'bfloat16');
  const [found, expected] = [
    maxPoolGradient(g, x, y, ofStem, true),
    maxPoolGradient(g, narrow, narrowY, ofStem, true),
  ];
  assert.equal(found.dtype, 'bfloat16');
  assert.ok(floats(found).some((value) => value !== 0));
  assert.deepEqual(floats(found), floats(expected));
  dispose(narrow, x, y, narrowY, g, found, expected);
});
