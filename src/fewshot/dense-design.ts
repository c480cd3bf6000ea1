import { InputError } from '../input-error.ts';
import { innerProductBlock } from './inner-products-wasm.ts';
import type { Design } from './logistic-design.ts';

/** A matrix of features with more examples than fit a Gram matrix, and its products. */
export interface DenseDesign extends Design {
  /** Z^T Z, [columns, columns]. */
  gram(): Float64Array;
}

const pageBytes = 65_536;
const largestBytes = 2 ** 32 - pageBytes;
const padded = (length: number): number => 4 * Math.ceil(length / 4);

/**
 * Z [examples, columns], in float64 and twice, as rows and as columns: both products are then inner products of long rows.
 * `classes` is the most right-hand sides that will be asked for. Throws InputError beyond 4 GiB.
 */
export function denseDesign(values: Float64Array, columns: number, classes: number): DenseDesign {
  const examples = values.length / columns;
  const across = padded(columns);
  const down = padded(examples);
  const sides = Math.max(2, 2 * Math.ceil(classes / 2));
  const size = examples * across + columns * down + sides * Math.max(across, down) + 8;
  if (8 * size > largestBytes)
    throw new InputError(
      `few-shot: ${examples} training embeddings of dimension ${columns} need ${8 * size} bytes; the limit is 4 GiB`,
    );
  const memory = new WebAssembly.Memory({ initial: Math.ceil((8 * size) / pageBytes) });
  const numbers = new Float64Array(memory.buffer);
  const transposedAt = examples * across;
  const sidesAt = transposedAt + columns * down;
  const outAt = sidesAt + sides * Math.max(across, down);
  for (let i = 0; i < examples; i++)
    for (let k = 0; k < columns; k++) {
      const value = values[i * columns + k]!;
      numbers[i * across + k] = value;
      numbers[transposedAt + k * down + i] = value;
    }
  const block = innerProductBlock(memory);

  /** out[row, c] = row . side_c for `count` rows of `stride` numbers from `start`, and `width` sides of which each is [stride]. */
  const products = (
    start: number,
    count: number,
    stride: number,
    side: number,
    width: number,
    out: Float64Array,
  ) => {
    const at = (row: number): number => 8 * (start + Math.min(row, count - 1) * stride);
    for (let i = 0; i < count; i += 4)
      for (let c = 0; c < width; c += 2) {
        const first = 8 * (side + c * stride);
        const second = c + 1 < width ? first + 8 * stride : first;
        block(at(i), at(i + 1), at(i + 2), at(i + 3), first, second, 8 * stride, 8 * outAt);
        for (let o = 0; o < 8; o++) {
          const row = i + (o & 3);
          const column = c + (o >> 2);
          if (row < count && column < width) out[row * width + column] = numbers[outAt + o]!;
        }
      }
  };
  const setSides = (right: Float64Array, length: number, stride: number, width: number): void => {
    numbers.fill(0, sidesAt, sidesAt + width * stride);
    for (let k = 0; k < length; k++)
      for (let c = 0; c < width; c++) numbers[sidesAt + c * stride + k] = right[k * width + c]!;
  };
  return {
    examples,
    columns,
    multiply(weights, width, out) {
      setSides(weights, columns, across, width);
      products(0, examples, across, sidesAt, width, out);
    },
    multiplyTransposed(residuals, width, out) {
      setSides(residuals, examples, down, width);
      products(transposedAt, columns, down, sidesAt, width, out);
    },
    gram() {
      const gram = new Float64Array(columns * columns);
      products(transposedAt, columns, down, transposedAt, columns, gram);
      return gram;
    },
  };
}
