import type { JitterStrengths } from '../../config/augmentation-schema.ts';
import { hashName, randomStream } from '../../random/random.ts';
import { shiftHue } from './hue.ts';

/** One image's factors, and the order in which they are applied. */
export interface Jitter {
  readonly order: readonly JitterStep[];
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** In turns, -0.5 to 0.5. */
  readonly hue: number;
}

export type JitterStep = 'brightness' | 'contrast' | 'saturation' | 'hue';

const steps: readonly JitterStep[] = ['brightness', 'contrast', 'saturation', 'hue'];
const purpose = hashName('jitter');

/**
 * torchvision's ColorJitter.get_params from a stream of our own: the order is a uniform permutation of the four steps, a factor is uniform in
 * [max(0, 1 - strength), 1 + strength], the hue's shift in [-strength, strength]. A pure function of seed, epoch and index.
 * A step's draw does not depend on which other steps are there.
 */
export function jitterOf(strengths: JitterStrengths, seed: number, epoch: number, index: number): Jitter {
  const random = randomStream(purpose, seed, epoch, index);
  const order = [...steps];
  for (let i = 3; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  const factor = (strength = 0): number => random.between(Math.max(0, 1 - strength), 1 + strength);
  const brightness = factor(strengths.brightness);
  const contrast = factor(strengths.contrast);
  const saturation = factor(strengths.saturation);
  const hue = random.between(-1, 1) * (strengths.hue ?? 0);
  return { order, brightness, contrast, saturation, hue };
}

/**
 * Changes an image in place, [pixels, channels] bytes, as torchvision does on Pillow images: every step ends in bytes, cut off below 0 and
 * above 255 and rounded towards 0. Images of one channel have no saturation and no hue. Throws RangeError for channels other
 * than 1 and 3.
 */
export function applyJitter(image: Uint8Array, channels: number, jitter: Jitter): void {
  if (channels !== 1 && channels !== 3)
    throw new RangeError(`colour jitter needs 1 or 3 channels, not ${channels}`);
  for (const step of jitter.order)
    if (step === 'brightness') blendAll(image, 0, jitter.brightness);
    else if (step === 'contrast') blendAll(image, meanGrey(image, channels), jitter.contrast);
    else if (channels === 1) continue;
    else if (step === 'saturation') saturate(image, jitter.saturation);
    else shiftHue(image, jitter.hue);
}

const table = new Uint8Array(256);

/** Pillow's Image.blend with an image of one grey: float32 arithmetic, cut off, rounded towards 0. */
function blendAll(image: Uint8Array, grey: number, factor: number): void {
  if (factor === 1) return;
  const alpha = Math.fround(factor);
  for (let byte = 0; byte < 256; byte++)
    table[byte] = toByte(Math.fround(grey + Math.fround(alpha * (byte - grey))));
  for (let at = 0; at < image.length; at++) image[at] = table[image[at]!]!;
}

/** Products of the factor with the differences of two bytes, -255 to 255. */
const products = new Float32Array(511);

function saturate(image: Uint8Array, factor: number): void {
  if (factor === 1) return;
  const alpha = Math.fround(factor);
  for (let difference = -255; difference <= 255; difference++)
    products[difference + 255] = alpha * difference;
  for (let at = 0; at < image.length; at += 3) {
    const red = image[at]!;
    const green = image[at + 1]!;
    const blue = image[at + 2]!;
    const grey = greyOf(red, green, blue);
    image[at] = toByte(Math.fround(grey + products[red - grey + 255]!));
    image[at + 1] = toByte(Math.fround(grey + products[green - grey + 255]!));
    image[at + 2] = toByte(Math.fround(grey + products[blue - grey + 255]!));
  }
}

const toByte = (value: number): number => {
  const whole = value | 0;
  return (whole & ~255) === 0 ? whole : whole < 0 ? 0 : 255;
};

/** Pillow's convert("L"): ITU-R 601-2 luma in 16-bit fixed point. */
const greyOf = (red: number, green: number, blue: number): number =>
  (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;

function meanGrey(image: Uint8Array, channels: number): number {
  let sum = 0;
  if (channels === 1) for (let at = 0; at < image.length; at++) sum += image[at]!;
  else for (let at = 0; at < image.length; at += 3) sum += greyOf(image[at]!, image[at + 1]!, image[at + 2]!);
  return Math.floor((sum / image.length) * channels + 0.5);
}
