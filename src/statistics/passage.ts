type Values = readonly (number | null)[];

/** Where a series first falls to a level: between the checkpoints `before` and `after`, at `share` of the way in the level. */
export interface Passage {
  readonly level: number;
  readonly before: number;
  readonly after: number;
  readonly share: number;
}

/** Why a series has no passage. */
export type NoPassage = 'unmeasured' | 'starts at or below it' | 'stays above it';

/**
 * The first passage of `level` by a loss that is measured at checkpoints; those without a loss are passed over. The first
 * checkpoint must lie above the level, because nothing is known of what came before it.
 */
export function passageOf(losses: Values, level: number): Passage | NoPassage {
  const measured = losses.flatMap((loss, index) => (loss === null ? [] : [{ loss, index }]));
  if (measured.length === 0) return 'unmeasured';
  const end = measured.findIndex(({ loss }) => loss <= level);
  if (end < 0) return 'stays above it';
  const [before, after] = [measured[end - 1], measured[end]!];
  if (before === undefined) return 'starts at or below it';
  const share = (before.loss - level) / (before.loss - after.loss);
  return { level, before: before.index, after: after.index, share };
}

/** A value between checkpoints, and by how much interpolation may have missed it; 0 where nothing was interpolated. */
export interface Interpolated {
  readonly value: number;
  readonly error: number;
}

/**
 * A quantity at a passage: linear in the loss, its logarithm where the values of both checkpoints are positive.
 *
 * `error` is the largest difference between the line and the parabolas through one more checkpoint, the last one before the
 * passage or the next one after it: |f[a, b, c] (l - a) (l - b)|, the remainder of linear interpolation (Newton; Davis,
 * Interpolation and Approximation, 1963, chapter 3). It is at most the distance between the two values, and is that distance where
 * there is no third checkpoint. Null where the quantity is undefined at either side.
 */
export function valueAt(
  { level, before, after, share }: Passage,
  losses: Values,
  values: Values,
): Interpolated | null {
  const [from, to] = [values[before] ?? null, values[after] ?? null];
  if (from === null || to === null) return null;
  if (share === 1) return { value: to, error: 0 };
  const logarithmic = from > 0 && to > 0;
  const scaled = (value: number): number => (logarithmic ? Math.log(value) : value);
  const line = scaled(from) + share * (scaled(to) - scaled(from));
  const value = logarithmic ? Math.exp(line) : line;
  const [a, b] = [losses[before]!, losses[after]!];
  const slope = (scaled(to) - scaled(from)) / (b - a);
  const remainders = [neighbour(losses, values, before, -1), neighbour(losses, values, after, 1)].flatMap(
    (third) => {
      if (third === null || third.loss === a || third.loss === b || (logarithmic && third.value <= 0))
        return [];
      const { loss: c } = third;
      const curvature = ((scaled(third.value) - scaled(to)) / (c - b) - slope) / (c - a);
      return [Math.abs(curvature * (level - a) * (level - b))];
    },
  );
  const apart = Math.abs(to - from);
  if (remainders.length === 0) return { value, error: apart };
  const largest = Math.max(...remainders);
  return { value, error: Math.min(apart, logarithmic ? value * Math.expm1(largest) : largest) };
}

/** The nearest checkpoint in one direction that has both a loss and a value. */
function neighbour(losses: Values, values: Values, from: number, direction: 1 | -1) {
  for (let at = from + direction; at >= 0 && at < losses.length; at += direction) {
    const [loss, value] = [losses[at] ?? null, values[at] ?? null];
    if (loss !== null && value !== null) return { loss, value };
  }
  return null;
}

/**
 * The lowest level that the largest number of series pass, or null where none passes any. A series passes levels from the
 * least of its later losses up to, but not including, its first one.
 */
export function commonLevel(series: readonly Values[]): number | null {
  const ranges = series.flatMap((losses) => {
    const [first, ...later] = losses.filter((loss) => loss !== null);
    const least = Math.min(...later);
    return first !== undefined && least < first ? [{ least, first }] : [];
  });
  const passes = (level: number): number =>
    ranges.filter(({ least, first }) => least <= level && level < first).length;
  const levels = ranges.map(({ least }) => least).sort((a, b) => a - b);
  const most = Math.max(0, ...levels.map(passes));
  return levels.find((level) => passes(level) === most) ?? null;
}
