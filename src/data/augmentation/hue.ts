/**
 * Shifts the hue of an image in place, [pixels, 3] bytes, by a share of a turn: Pillow's convert("HSV"), the hue's byte plus the shift
 * modulo 256, and back, with Pillow's roundings (libImaging/Convert.c).
 */
export function shiftHue(image: Uint8Array, turns: number): void {
  // Pillow adds whole steps of 1/255 turn; its conversion to bytes and back is done where that is 0, too.
  const shift = Math.trunc(turns * 255);
  if (turns === 0) return;
  for (let at = 0; at < image.length; at += 3) {
    const red = image[at]!;
    const green = image[at + 1]!;
    const blue = image[at + 2]!;
    const value = Math.max(red, green, blue);
    const spread = value - Math.min(red, green, blue);
    const saturation = spread === 0 ? 0 : Math.trunc(Math.fround(spread / value) * 255);
    if (saturation === 0) {
      image[at] = value;
      image[at + 1] = value;
      image[at + 2] = value;
      continue;
    }
    const hue = (hueOf(red, green, blue, value, spread) + shift) & 255;
    const sextant = Math.floor((hue * 6) / 255);
    const part = Math.fround((hue * 6) / 255 - sextant);
    const share = Math.fround(saturation / 255);
    const low = Math.floor(value * (1 - share) + 0.5);
    const falling = Math.floor(value * (1 - Math.fround(share * part)) + 0.5);
    const rising = Math.floor(value * (1 - share * (1 - part)) + 0.5);
    const which = sextant % 6;
    image[at] = which === 0 || which === 5 ? value : which === 1 ? falling : which === 4 ? rising : low;
    image[at + 1] = which === 1 || which === 2 ? value : which === 0 ? rising : which === 3 ? falling : low;
    image[at + 2] = which === 3 || which === 4 ? value : which === 2 ? rising : which === 5 ? falling : low;
  }
}

/** The hue as a byte, 0 to 255 for one turn. */
function hueOf(red: number, green: number, blue: number, value: number, spread: number): number {
  const belowRed = Math.fround((value - red) / spread);
  const belowGreen = Math.fround((value - green) / spread);
  const belowBlue = Math.fround((value - blue) / spread);
  const sixths =
    red === value
      ? Math.fround(belowBlue - belowGreen)
      : green === value
        ? Math.fround(2 + belowRed - belowBlue)
        : Math.fround(4 + belowGreen - belowRed);
  const turns = sixths / 6 + 1;
  return Math.trunc(Math.fround(turns >= 1 ? turns - 1 : turns) * 255);
}
