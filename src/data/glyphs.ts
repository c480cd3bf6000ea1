import { hashName, type RandomStream, randomStream } from '../random/random.ts';
import type { DataSource, Part, SourceOptions } from './data-source.ts';
import { type Canvas, drawStroke, fillBackground, toBytes } from './glyph-canvas.ts';
import { imageBytes } from './image-bytes.ts';
import type { ImageSet } from './image-set.ts';

/**
 * The embedded default: images that the program draws. A class is a random glyph of a few curved strokes; an example shows
 * it turned, sheared, shifted and bent, in random colours on a random background, with a stray stroke and noise. Only
 * integer and correctly rounded operations (+ - * / sqrt) are used, so the bytes are the same on every machine.
 */

export const glyphClasses = 40;
const examples = { train: 120, test: 40 } as const;
const defaultSide = 32;

const purpose = hashName('glyphs');
const exampleWord = hashName('example');

type Point = readonly [number, number];
/** A quadratic Bezier curve in the square [-1,1]^2. */
type Stroke = readonly [Point, Point, Point];

const className = (label: number): string => `glyph-${String(label).padStart(2, '0')}`;

/** The drawn data set: 40 classes of 120 training and 40 test images, [side, side, 3], side 32 unless given. */
export function glyphSource({ imageSize = defaultSide }: SourceOptions): DataSource {
  const classNames = Array.from({ length: glyphClasses }, (_, label) => className(label));
  const load = (part: Part): ImageSet => {
    const first = part === 'test' ? examples.train : 0;
    const last = part === 'train' ? examples.train : examples.train + examples.test;
    const count = glyphClasses * (last - first);
    const images = imageBytes('glyphs', [count, imageSize, imageSize, 3]);
    const labels = new Int32Array(count);
    const strokes = classNames.map((_, label) => glyphOfClass(label));
    let at = 0;
    for (let example = first; example < last; example++)
      for (let label = 0; label < glyphClasses; label++) {
        const image = drawExample(
          strokes[label]!,
          imageSize,
          randomStream(purpose, exampleWord, label, example),
        );
        images.set(image, at * image.length);
        labels[at++] = label;
      }
    return {
      name: part === 'whole' ? 'glyphs' : `glyphs/${part}`,
      height: imageSize,
      width: imageSize,
      channels: 3,
      images,
      labels,
      classNames,
    };
  };
  return {
    name: 'glyphs',
    ownSplit: 'glyphs',
    location: null,
    testPart: () => 'stored',
    load: async (part) => load(part),
  };
}

/** Three or four strokes between points of a 3x3 grid, long enough to be seen. */
function glyphOfClass(label: number): readonly Stroke[] {
  const random = randomStream(purpose, hashName('class'), label);
  const count = 3 + random.below(2);
  const strokes: Stroke[] = [];
  const gridPoint = (): Point => [(random.below(3) - 1) * 0.6, (random.below(3) - 1) * 0.6];
  while (strokes.length < count) {
    const from = gridPoint();
    const to = gridPoint();
    if ((from[0] - to[0]) ** 2 + (from[1] - to[1]) ** 2 < 0.5) continue;
    const bend: Point = [random.between(-0.9, 0.9), random.between(-0.9, 0.9)];
    strokes.push([from, bend, to]);
  }
  return strokes;
}

function drawExample(strokes: readonly Stroke[], side: number, random: RandomStream): Uint8Array {
  const canvas: Canvas = { side, values: new Float64Array(side * side * 3) };
  const [paper, ink] = contrastingColours(random);
  fillBackground(canvas, paper, random);
  const stray: Stroke = [anywhere(random), anywhere(random), anywhere(random)];
  drawStroke(canvas, stray, random.between(0.03, 0.07), randomColour(random), 0.6);
  const place = randomAffine(random);
  const halfWidth = random.between(0.05, 0.11);
  const bent = (point: Point): Point =>
    place([point[0] + random.between(-0.15, 0.15), point[1] + random.between(-0.15, 0.15)]);
  for (const [from, bend, to] of strokes)
    drawStroke(canvas, [bent(from), bent(bend), bent(to)], halfWidth, ink, 1);
  return toBytes(canvas, random.between(6, 26), random);
}

type Colour = readonly [number, number, number];

const randomColour = (random: RandomStream): Colour => [
  random.between(0, 255),
  random.between(0, 255),
  random.between(0, 255),
];

const anywhere = (random: RandomStream): Point => [random.between(-1, 1), random.between(-1, 1)];

const brightness = ([red, green, blue]: Colour): number => 0.3 * red + 0.6 * green + 0.1 * blue;

function contrastingColours(random: RandomStream): readonly [Colour, Colour] {
  const paper = randomColour(random);
  let ink = randomColour(random);
  while (Math.abs(brightness(ink) - brightness(paper)) < 60) ink = randomColour(random);
  return [paper, ink];
}

/** Rotation by up to 19 degrees either way, unequal scaling, shear and shift. */
function randomAffine(random: RandomStream): (point: Point) => Point {
  // The tangent of half the angle gives sine and cosine by division alone.
  const t = random.between(-0.165, 0.165);
  const cos = (1 - t * t) / (1 + t * t);
  const sin = (2 * t) / (1 + t * t);
  const scaleX = random.between(0.75, 1.15);
  const scaleY = random.between(0.75, 1.15);
  const shear = random.between(-0.25, 0.25);
  const shiftX = random.between(-0.2, 0.2);
  const shiftY = random.between(-0.2, 0.2);
  return ([x, y]) => {
    const u = scaleX * x + shear * y;
    const v = scaleY * y;
    return [cos * u - sin * v + shiftX, sin * u + cos * v + shiftY];
  };
}
