import type { Picture } from '../formats/bmp.ts';

/** How much each old pixel gives to each new one along one side: the first old pixel, and the weights from there. */
type Weights = readonly { readonly first: number; readonly weights: Float64Array }[];

/** The largest square in the middle, each new pixel the mean over the area that it covers, rounded: [side, side, 3]. */
export function averageSquare({ width, height, pixels }: Picture, side: number): Uint8Array {
  const length = Math.min(width, height);
  const [left, top] = [Math.floor((width - length) / 2), Math.floor((height - length) / 2)];
  const square = crop({ width, height, pixels }, left, top, length, length);
  const scale = length / side;
  const weights = Array.from({ length: side }, (_, to) => {
    const [from, until] = [to * scale, (to + 1) * scale];
    const first = Math.floor(from);
    const count = Math.min(length, Math.ceil(until - 1e-9)) - first;
    const shares = Float64Array.from(
      { length: Math.max(1, count) },
      (_, i) => Math.min(until, first + i + 1) - Math.max(from, first + i),
    );
    return { first, weights: shares.map((share) => share / scale) };
  });
  const across = alongRows(Float64Array.from(square.pixels), length, length, weights);
  return Uint8Array.from(alongColumns(across, side, weights), (value) => Math.floor(value + 0.5));
}

/**
 * torchvision's Resize(shorter) and CenterCrop(side) on Pillow images: bilinear with antialias, rounded to bytes after each of
 * the two directions as Pillow does. Throws Error where the resized image is smaller than the crop.
 */
export function resizeAndCrop(picture: Picture, shorter: number, side: number): Uint8Array {
  const { width, height } = picture;
  const isWide = width > height;
  const longer = Math.floor((shorter * Math.max(width, height)) / Math.min(width, height));
  const [newWidth, newHeight] = isWide ? [longer, shorter] : [shorter, longer];
  if (shorter < side) throw new Error(`resized to ${shorter} pixels, which ${side} cannot be cropped from`);
  const rows = bytesOf(
    alongRows(Float64Array.from(picture.pixels), width, height, triangle(width, newWidth)),
  );
  const resized = bytesOf(alongColumns(rows, newWidth, triangle(height, newHeight)));
  const corner = (length: number): number => halfToEven((length - side) / 2);
  const whole = { width: newWidth, height: newHeight, pixels: Uint8Array.from(resized) };
  return crop(whole, corner(newWidth), corner(newHeight), side, side).pixels;
}

/** Python's round. */
const halfToEven = (value: number): number =>
  value % 1 === 0.5 ? 2 * Math.round(value / 2 - 0.25) : Math.round(value);

/** Pillow's triangle filter: its support grows with the scale of a reduction, and its weights sum to 1. */
function triangle(length: number, newLength: number): Weights {
  const scale = length / newLength;
  const stretch = Math.max(1, scale);
  return Array.from({ length: newLength }, (_, to) => {
    const centre = (to + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - stretch + 0.5));
    const until = Math.min(length, Math.trunc(centre + stretch + 0.5));
    const weights = Float64Array.from({ length: until - first }, (_, i) =>
      Math.max(0, 1 - Math.abs((first + i - centre + 0.5) / stretch)),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

const bytesOf = (values: Float64Array): Float64Array =>
  values.map((value) => Math.min(255, Math.max(0, Math.floor(value + 0.5))));

/** [height, width, 3] to [height, weights.length, 3]. */
function alongRows(values: Float64Array, width: number, height: number, weights: Weights): Float64Array {
  const out = new Float64Array(3 * weights.length * height);
  for (let y = 0, to = 0; y < height; y++)
    for (const { first, weights: shares } of weights)
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let i = 0, at = 3 * (y * width + first) + c; i < shares.length; i++, at += 3)
          sum += shares[i]! * values[at]!;
        out[to++] = sum;
      }
  return out;
}

/** [height, width, 3] to [weights.length, width, 3]. */
function alongColumns(values: Float64Array, width: number, weights: Weights): Float64Array {
  const row = 3 * width;
  const out = new Float64Array(row * weights.length);
  weights.forEach(({ first, weights: shares }, y) => {
    shares.forEach((share, i) => {
      for (let x = 0, from = (first + i) * row, to = y * row; x < row; x++)
        out[to++]! += share * values[from++]!;
    });
  });
  return out;
}

function crop(
  { width, pixels }: Picture,
  left: number,
  top: number,
  newWidth: number,
  newHeight: number,
): Picture {
  const out = new Uint8Array(3 * newWidth * newHeight);
  for (let y = 0; y < newHeight; y++) {
    const from = 3 * ((top + y) * width + left);
    out.set(pixels.subarray(from, from + 3 * newWidth), 3 * y * newWidth);
  }
  return { width: newWidth, height: newHeight, pixels: out };
}
