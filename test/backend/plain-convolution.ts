import { type ConvolutionGeometry, convolvedSize } from '../../src/backend/kernels/convolution-contract.ts';

export interface ConvolutionShape {
  readonly examples: number;
  readonly height: number;
  readonly width: number;
  readonly into: number;
  readonly out: number;
}

export const shapesOf = (
  { examples, height, width, into, out }: ConvolutionShape,
  geometry: ConvolutionGeometry,
) => ({
  x: [examples, height, width, into],
  filter: [geometry.kernel, geometry.kernel, into, out],
  y: [examples, convolvedSize(height, geometry), convolvedSize(width, geometry), out],
});

/** Every product of the convolution, one after another, in float64: y += x w, dx += w g, dw += x g. */
export const plainConvolution = (
  shape: ConvolutionShape,
  geometry: ConvolutionGeometry,
  x: Float32Array,
  w: Float32Array,
  g: Float32Array,
) => {
  const { examples, height, width, into, out } = shape;
  const { kernel, stride, padding } = geometry;
  const [, outHeight, outWidth] = shapesOf(shape, geometry).y as [number, number, number, number];
  const y = new Float64Array(g.length);
  const dx = new Float64Array(x.length);
  const dw = new Float64Array(w.length);
  for (let n = 0; n < examples; n++)
    for (let row = 0; row < outHeight; row++)
      for (let column = 0; column < outWidth; column++)
        for (let i = 0; i < kernel; i++)
          for (let j = 0; j < kernel; j++) {
            const [top, left] = [row * stride + i - padding, column * stride + j - padding];
            if (top < 0 || left < 0 || top >= height || left >= width) continue;
            for (let a = 0; a < into; a++)
              for (let b = 0; b < out; b++) {
                const at = ((n * height + top) * width + left) * into + a;
                const to = ((n * outHeight + row) * outWidth + column) * out + b;
                const by = ((i * kernel + j) * into + a) * out + b;
                y[to]! += x[at]! * w[by]!;
                dx[at]! += w[by]! * g[to]!;
                dw[by]! += x[at]! * g[to]!;
              }
          }
  return { y, dx, dw };
};

/** mask(relu(y + bias + addend)), each where it is given, both of `slope`; the mask's values start again where they end. */
export const plainFinish = (
  y: Float64Array,
  by: {
    readonly bias?: Float32Array;
    readonly addend?: Float32Array;
    readonly relu?: boolean;
    readonly slope?: number;
    readonly mask?: Float32Array;
  },
): Float64Array =>
  y.map((value, at) => {
    const sum = value + (by.bias?.[at % by.bias.length] ?? 0) + (by.addend?.[at] ?? 0);
    const rectified = by.relu && !(sum > 0) ? (by.slope ?? 0) * sum : sum;
    const isLinear = !by.mask || by.mask[at % by.mask.length]! > 0;
    return isLinear ? rectified : (by.slope ?? 0) * rectified;
  });

export const relativeError = (found: ArrayLike<number>, expected: ArrayLike<number>): number => {
  if (found.length !== expected.length)
    throw new Error(`${found.length} values instead of ${expected.length}`);
  let error = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    error += (found[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return error === 0 ? 0 : Math.sqrt(error / norm);
};
