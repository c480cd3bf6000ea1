import sharp, { type Metadata } from 'sharp';
import { decodeBmp, isBmp, type Picture, pixelLimit } from '../formats/bmp.ts';
import { foreignSamples } from '../formats/tiff.ts';

export interface Decoded extends Picture {
  /** True for 16-bit grey, whose upper byte is taken: 12-bit values are then nearly black. */
  readonly isDeepGrey: boolean;
}

const options = { ignoreIcc: true, failOn: 'error', limitInputPixels: pixelLimit } as const;
const formats = ['jpeg', 'png', 'gif', 'webp', 'tiff'];

/**
 * The pixels of a JPEG, PNG, GIF, WebP, TIFF or BMP file as Pillow's `convert("RGB")` has them: the first frame, transparency dropped,
 * colour profiles and EXIF rotation not applied, except that a TIFF is turned upright. 16-bit values give their upper byte. Throws
 * Error of one line for what is no image, or is one whose pixels would not be Pillow's or have no scale: CMYK, YCbCr in TIFF, signed
 * and floating-point values, and GIF with holes.
 */
export const decodeImage = (bytes: Uint8Array): Promise<Decoded> => decode(bytes, false);

/** The same turned upright by EXIF's orientation, as Pillow's `exif_transpose` does and `datasets` with it. */
export const decodeUpright = (bytes: Uint8Array): Promise<Decoded> => decode(bytes, true);

async function decode(bytes: Uint8Array, turnsUpright: boolean): Promise<Decoded> {
  if (bytes.length === 0) throw new Error('an empty file');
  if (isBmp(bytes)) return { ...decodeBmp(bytes), isDeepGrey: false };
  const said = (error: unknown): Error => new Error((error as Error).message.split('\n')[0]!.trim());
  const image = sharp(bytes, options);
  const metadata = await image.metadata().catch((error) => {
    throw said(error);
  });
  const { format = 'unknown', space = '', depth = '' } = metadata;
  if (!formats.includes(format)) throw new Error(`a file of the format ${format}`);
  if (space === 'cmyk') throw new Error('a CMYK image, whose colours depend on its press; convert it to RGB');
  if (!['srgb', 'b-w', 'rgb16', 'grey16'].includes(space))
    throw new Error(`an image of the colour space ${space}`);
  if (!['uchar', 'ushort'].includes(depth))
    throw new Error(
      `an image of ${depth} values, whose black and white are not known; 8 and 16 bits without sign are read`,
    );
  const foreign = format === 'tiff' ? foreignSamples(bytes) : null;
  if (foreign !== null) throw new Error(foreign);
  if (format === 'gif') await refuseHoles(bytes, metadata);
  const { data, info } = await (turnsUpright || format === 'tiff' ? image.autoOrient() : image)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error) => {
      throw said(error);
    });
  const { width, height, channels } = info;
  return { width, height, pixels: channels === 3 ? data : grey(data), isDeepGrey: space === 'grey16' };
}

/** What lies under a hole of a GIF's first frame is nobody's pixel: decoders differ. */
async function refuseHoles(bytes: Uint8Array, { hasAlpha }: Metadata): Promise<void> {
  if (!coversCanvas(bytes))
    throw new Error('a GIF whose first frame does not cover its canvas; convert it to PNG');
  if (!hasAlpha) return;
  const { channels } = await sharp(bytes, options).stats();
  if ((channels.at(-1)?.min ?? 255) < 255)
    throw new Error('a GIF with transparent pixels; convert it to PNG');
}

/** Whether the first image descriptor of a GIF (section 20 of its specification) is as large as the logical screen. */
function coversCanvas(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  const flags = bytes[10]!;
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  while (at + 9 < bytes.length && bytes[at] === 0x21) {
    at += 2;
    while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1;
    at += 1;
  }
  if (bytes[at] !== 0x2c || at + 9 >= bytes.length) return false;
  const numbers = [1, 3, 5, 7].map((offset) => view.getUint16(at + offset, true));
  return numbers[0] === 0 && numbers[1] === 0 && numbers[2] === width && numbers[3] === height;
}

function grey(values: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(3 * values.length);
  for (let i = 0; i < values.length; i++) pixels.fill(values[i]!, 3 * i, 3 * i + 3);
  return pixels;
}
