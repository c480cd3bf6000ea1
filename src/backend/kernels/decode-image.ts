import { dispose, fromBytes, ints, readFloats, run } from '../tensor.ts';
import { reshape } from './linear.ts';

/**
 * A JPEG, PNG, GIF or BMP file as [size, size, 3] bytes: the largest square in its middle, averaged down (or up) to the size.
 * Ops: DecodeImage, Slice, ResizeArea. @throws Error where the bytes are no image.
 */
export const decodeImage = (bytes: Uint8Array, size: number): Uint8Array => {
  const file = fromBytes(bytes);
  const decoded = run('DecodeImage', [file], {
    channels: { int: 3 },
    dtype: { type: 'uint8' },
    expand_animations: { bool: false },
  });
  const [height, width] = decoded.shape as [number, number];
  const side = Math.min(height, width);
  const corner = [Math.floor((height - side) / 2), Math.floor((width - side) / 2), 0];
  const square = run('Slice', [decoded, ints(corner), ints([side, side, 3])], {
    T: { type: 'uint8' },
    Index: { type: 'int32' },
  });
  const batch = reshape(square, [1, side, side, 3]);
  const resized = run('ResizeArea', [batch, ints([size, size])], {
    T: { type: 'uint8' },
    align_corners: { bool: false },
  });
  const pixels = Uint8Array.from(readFloats(resized), Math.round);
  dispose(file, decoded, square, batch, resized);
  return pixels;
};
