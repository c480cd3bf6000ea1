import { totalmem } from 'node:os';
import { InputError } from '../input-error.ts';

type Shape = readonly [count: number, height: number, width: number, channels: number];

/** Bytes for all images of a set, zeros. Throws InputError where they are more than the machine has memory. */
export function imageBytes(name: string, shape: Shape): Uint8Array {
  requireMemory(name, shape);
  return new Uint8Array(shape.reduce((product, each) => product * each));
}

/** Throws InputError where all images of a set take more than the machine's memory. */
export function requireMemory(name: string, shape: Shape, memory = totalmem()): void {
  const [count, height, width, channels] = shape;
  const bytes = count * height * width * channels;
  if (bytes > memory)
    throw new InputError(
      `${name}: ${count} images of ${height}x${width}x${channels} take ${gigabytes(bytes)}, and this machine has ${gigabytes(memory)}; give a smaller data.imageSize, or fewer images`,
    );
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
