import { fromArray, fromBytes, int, ints, readFloats, run, scope } from '../tensor.ts';

/**
 * A JPEG, PNG, GIF or BMP file as [size, size, 3] bytes, row-major: the largest square in its middle, averaged down (or up) to the
 * size. An animation's first frame; transparency is dropped. Ops: DecodeJpeg or DecodeImage, which refuse headers of
 * more than 2^27 (PNG) to 2^30 (BMP) values before they take memory, Slice, ExpandDims, ResizeArea. @throws Error of one line where the bytes are no image.
 */
export const decodeImage = (bytes: Uint8Array, size: number): Uint8Array =>
  scope(() => {
    const decoded = decode(bytes);
    const [height, width] = decoded.shape as [number, number];
    const side = Math.min(height, width);
    const corner = Int32Array.of(Math.floor((height - side) / 2), Math.floor((width - side) / 2), 0);
    // Not `ints`, which keeps each vector for ever: folders hold images of many sizes.
    const begin = fromArray(corner, [3]);
    const extent = fromArray(Int32Array.of(side, side, 3), [3]);
    const square = run('Slice', [decoded, begin, extent], {
      T: { type: 'uint8' },
      Index: { type: 'int32' },
    });
    const batch = run('ExpandDims', [square, int(0)], { T: { type: 'uint8' }, Tdim: { type: 'int32' } });
    const resized = run('ResizeArea', [batch, ints([size, size])], {
      T: { type: 'uint8' },
      align_corners: { bool: false },
    });
    return Uint8Array.from(readFloats(resized), Math.round);
  });

/** JPEG by the accurate cosine transform, as Pillow and torchvision do; DecodeImage itself takes the fast one, 1 level off. */
const decode = (bytes: Uint8Array) => {
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  try {
    return isJpeg
      ? run('DecodeJpeg', [fromBytes(bytes)], {
          channels: { int: 3 },
          ratio: { int: 1 },
          fancy_upscaling: { bool: true },
          try_recover_truncated: { bool: false },
          acceptable_fraction: { float: 1 },
          dct_method: { string: 'INTEGER_ACCURATE' },
        })
      : run('DecodeImage', [fromBytes(bytes)], {
          channels: { int: 3 },
          dtype: { type: 'uint8' },
          expand_animations: { bool: false },
        });
  } catch (error) {
    // "Invalid TF_Status: 3\nMessage: …"
    const message = (error as Error).message.replace(/^.*\nMessage: /, '');
    throw new Error(message.split('\n')[0]!.trim());
  }
};
