import type { RandomStream } from '../random/random.ts';

/** A square picture in progress; pixels cover [-1,1]^2. */
export interface Canvas {
  readonly side: number;
  /** [side, side, 3], 0 to 255, not yet rounded. */
  readonly values: Float64Array;
}

type Point = readonly [number, number];
type Colour = readonly [number, number, number];

const segments = 8;
const gridCells = 3;

/** A colour that drifts smoothly over the picture: bilinear between random values on a 4x4 grid. */
export function fillBackground({ side, values }: Canvas, colour: Colour, random: RandomStream): void {
  const amplitude = random.between(10, 60);
  const knots = gridCells + 1;
  const grid = Float64Array.from({ length: knots * knots * 3 }, () => random.between(-amplitude, amplitude));
  let to = 0;
  for (let y = 0; y < side; y++) {
    const v = ((y + 0.5) * gridCells) / side;
    const row = Math.floor(v);
    const down = v - row;
    for (let x = 0; x < side; x++) {
      const u = ((x + 0.5) * gridCells) / side;
      const column = Math.floor(u);
      const right = u - column;
      const knot = (row * knots + column) * 3;
      for (let c = 0; c < 3; c++) {
        const upper = grid[knot + c]! * (1 - right) + grid[knot + 3 + c]! * right;
        const lower = grid[knot + knots * 3 + c]! * (1 - right) + grid[knot + knots * 3 + 3 + c]! * right;
        values[to++] = colour[c]! + upper * (1 - down) + lower * down;
      }
    }
  }
}

/** Paints a quadratic Bezier curve with round ends and an edge one pixel soft; `halfWidth` in units of the square. */
export function drawStroke(
  canvas: Canvas,
  [from, bend, to]: readonly [Point, Point, Point],
  halfWidth: number,
  colour: Colour,
  opacity: number,
): void {
  const cover = new Float64Array(canvas.side * canvas.side);
  let previous = from;
  for (let step = 1; step <= segments; step++) {
    const t = step / segments;
    const a = (1 - t) * (1 - t);
    const b = 2 * t * (1 - t);
    const c = t * t;
    const next: Point = [a * from[0] + b * bend[0] + c * to[0], a * from[1] + b * bend[1] + c * to[1]];
    coverSegment(cover, canvas.side, previous, next, halfWidth);
    previous = next;
  }
  for (let pixel = 0; pixel < cover.length; pixel++) {
    const share = cover[pixel]! * opacity;
    if (share === 0) continue;
    for (let c = 0; c < 3; c++) {
      const at = pixel * 3 + c;
      canvas.values[at] = canvas.values[at]! * (1 - share) + colour[c]! * share;
    }
  }
}

/** Raises `cover` to the share of each pixel within `halfWidth` of the segment, only where the segment can reach. */
function coverSegment(cover: Float64Array, side: number, from: Point, to: Point, halfWidth: number): void {
  const pixels = side / 2;
  const [ax, ay, bx, by] = [
    (from[0] + 1) * pixels,
    (from[1] + 1) * pixels,
    (to[0] + 1) * pixels,
    (to[1] + 1) * pixels,
  ];
  const reach = halfWidth * pixels + 0.5;
  const dx = bx - ax;
  const dy = by - ay;
  const length2 = dx * dx + dy * dy || 1;
  const firstX = Math.max(0, Math.floor(Math.min(ax, bx) - reach - 0.5));
  const lastX = Math.min(side - 1, Math.ceil(Math.max(ax, bx) + reach - 0.5));
  const firstY = Math.max(0, Math.floor(Math.min(ay, by) - reach - 0.5));
  const lastY = Math.min(side - 1, Math.ceil(Math.max(ay, by) + reach - 0.5));
  for (let y = firstY; y <= lastY; y++)
    for (let x = firstX; x <= lastX; x++) {
      const px = x + 0.5 - ax;
      const py = y + 0.5 - ay;
      const along = Math.max(0, Math.min(1, (px * dx + py * dy) / length2));
      const offX = px - along * dx;
      const offY = py - along * dy;
      const share = Math.min(1, reach - Math.sqrt(offX * offX + offY * offY));
      const at = y * side + x;
      if (share > cover[at]!) cover[at] = share;
    }
}

/** Adds noise, roughly normal with the given standard deviation, and rounds to bytes. */
export function toBytes({ values }: Canvas, noise: number, random: RandomStream): Uint8Array {
  const bytes = new Uint8Array(values.length);
  // Two uniform terms of variance 1/12 each: a triangular density of standard deviation sqrt(1/6).
  const scale = noise / 0.408;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]! + (random.uniform() + random.uniform() - 1) * scale;
    bytes[i] = Math.max(0, Math.min(255, Math.floor(value + 0.5)));
  }
  return bytes;
}
