import { hashName, randomStream } from '../../random/random.ts';

const purpose = hashName('rotation');

/** Degrees, counter-clockwise, uniform in [-degrees, degrees]: torchvision's RandomRotation. */
export const angleOf = (degrees: number, seed: number, epoch: number, index: number): number =>
  randomStream(purpose, seed, epoch, index).between(-degrees, degrees);

/**
 * Turns an image around its middle, [height, width, channels] bytes, nearest pixel, black outside: Pillow's `rotate` as torchvision calls it,
 * in its 16-bit fixed point (libImaging/Geometry.c).
 */
export function rotate(
  target: Uint8Array,
  image: Uint8Array,
  { height, width, channels }: { readonly height: number; readonly width: number; readonly channels: number },
  degrees: number,
): void {
  const radians = (-(((degrees % 360) + 360) % 360) * Math.PI) / 180;
  // Pillow rounds both to 15 decimals.
  const cosine = Number(Math.cos(radians).toFixed(15));
  const sine = Number(Math.sin(radians).toFixed(15));
  const [middleX, middleY] = [width / 2, height / 2];
  const shiftX = -middleX * cosine - middleY * sine + middleX;
  const shiftY = middleX * sine - middleY * cosine + middleY;
  const [stepX, stepY] = [fixed(cosine), fixed(sine)];
  const minusStepY = fixed(-sine);
  let rowX = fixed(shiftX + cosine * 0.5 + sine * 0.5);
  let rowY = fixed(shiftY - sine * 0.5 + cosine * 0.5);
  let to = 0;
  for (let y = 0; y < height; y++) {
    let fromX = rowX;
    let fromY = rowY;
    for (let x = 0; x < width; x++) {
      const [sourceX, sourceY] = [fromX >> 16, fromY >> 16];
      const isInside = sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height;
      const from = (sourceY * width + sourceX) * channels;
      for (let c = 0; c < channels; c++) target[to + c] = isInside ? image[from + c]! : 0;
      to += channels;
      fromX += stepX;
      fromY += minusStepY;
    }
    rowX += stepY;
    rowY += stepX;
  }
}

const fixed = (value: number): number => Math.floor(value * 65536 + 0.5);
