/** Pixels of an image: [height, width, 3], red, green, blue. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export const isBmp = (bytes: Uint8Array): boolean => bytes[0] === 0x42 && bytes[1] === 0x4d;

/** More pixels than this are refused before memory is taken. */
export const pixelLimit = 2 ** 27;

/**
 * An uncompressed Windows bitmap of 1, 4, 8 (palettes), 24 or 32 bits per pixel, bottom up or top down; the fourth byte of 32 bits
 * is ignored, as Pillow does. Throws Error of one line for other kinds and for files that are shorter than they say.
 */
export function decodeBmp(bytes: Uint8Array): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 54) throw new Error('a BMP that ends within its header');
  const start = view.getUint32(10, true);
  const headerBytes = view.getUint32(14, true);
  const [width, signedHeight] = [view.getInt32(18, true), view.getInt32(22, true)];
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  if (headerBytes < 40 || ![1, 4, 8, 24, 32].includes(bits) || compression !== 0)
    throw new Error(
      `a BMP of ${bits} bits${compression === 0 ? '' : `, compression ${compression}`}; uncompressed ones of 1, 4, 8, 24 and 32 bits are read`,
    );
  if (width < 1 || height < 1 || width * height > pixelLimit)
    throw new Error(`a BMP of ${width} by ${height} pixels; at most ${pixelLimit} are read`);
  const rowBytes = 4 * Math.ceil((width * bits) / 32);
  if (start + rowBytes * height > bytes.length)
    throw new Error(`a BMP that says ${width} by ${height} pixels and holds ${bytes.length} bytes`);
  const colours = bits > 8 ? 0 : view.getUint32(46, true) || 2 ** bits;
  const palette = 14 + headerBytes;
  if (colours > 2 ** bits || palette + 4 * colours > start) throw new Error('a BMP whose palette is damaged');
  const pixels = new Uint8Array(3 * width * height);
  for (let y = 0, to = 0; y < height; y++) {
    const row = start + rowBytes * (signedHeight > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x++, to += 3) {
      let from = row + (x * bits) / 8;
      if (bits <= 8) {
        const byte = bytes[Math.floor(from)]!;
        const index = (byte >> (8 - bits - ((x * bits) % 8))) & (2 ** bits - 1);
        if (index >= colours) throw new Error(`a BMP with colour ${index} of a palette of ${colours}`);
        from = palette + 4 * index;
      }
      pixels[to] = bytes[from + 2]!;
      pixels[to + 1] = bytes[from + 1]!;
      pixels[to + 2] = bytes[from]!;
    }
  }
  return { width, height, pixels };
}
