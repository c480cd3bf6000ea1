import { randomStream } from '../random/random.ts';
import { ranks } from './rank-correlation.ts';

type Values = readonly number[];

/** Values of which each is known to lie within its error. */
export interface Bounded {
  readonly values: Values;
  readonly errors: Values;
}

/**
 * The ranks that x and y may have where they go together as much (`direction` 1) or against each other as much (-1) as their errors
 * allow. Two positions may be in either order where their ranges overlap; equal values without an error stay tied.
 *
 * A search, not a proof: x and y are rearranged in turn, one position at a time, until no move changes the sum of products further.
 * The furthest of many starts is taken, because a swap in x may need one in y; most starts are drawn, always the same ones.
 */
export function extremeRanks(x: Bounded, y: Bounded, direction: 1 | -1): readonly [Values, Values] {
  const [ofX, ofY] = [ranks(x.values), ranks(y.values)];
  const both = ofX.map((rank, at) => rank + ofY[at]!);
  const apart = ofX.map((rank, at) => rank - ofY[at]!);
  const starts = [
    ofX,
    rearranged(x, ofY, direction),
    ...[both, apart].flatMap((wanted) => [rearranged(x, wanted, 1), rearranged(x, wanted, -1)]),
    ...drawnStarts(x),
  ];
  const found = starts.map((start) => settled(x, y, start, direction));
  const reached = found.map(([one, other]) => direction * product(one, other));
  return found[reached.indexOf(Math.max(...reached))]!;
}

const drawnCount = 60;

/** Orders that x may have, drawn. */
function drawnStarts(x: Bounded): readonly Values[] {
  if (x.errors.every((error) => error === 0)) return [];
  const random = randomStream(x.values.length);
  return Array.from({ length: drawnCount }, () =>
    rearranged(
      x,
      x.values.map(() => random.uniform()),
      1,
    ),
  );
}

/** Rearranges y and x in turn until the sum of products stays. */
function settled(x: Bounded, y: Bounded, start: Values, direction: 1 | -1): readonly [Values, Values] {
  let ofX = start;
  for (let before = Number.NEGATIVE_INFINITY; ; ) {
    const ofY = rearranged(y, ofX, direction);
    ofX = rearranged(x, ofY, direction);
    const reached = direction * product(ofX, ofY);
    if (reached <= before + 1e-9) return [ofX, ofY];
    before = reached;
  }
}

const product = (x: Values, y: Values): number => x.reduce((sum, value, at) => sum + value * y[at]!, 0);

/** Ranks of bounded values in the order that makes their product with `wanted` furthest in the direction. */
function rearranged(bounded: Bounded, wanted: Values, direction: 1 | -1): Values {
  const { values, errors } = bounded;
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const mayPrecede = (first: number, second: number): boolean =>
    values[first]! - errors[first]! < values[second]! + errors[second]!;
  for (let from = 0; from < order.length; ) {
    const to = bestPlace(order, from, mayPrecede, (at) => direction * wanted[at]!);
    if (to === from) {
      from += 1;
      continue;
    }
    order.splice(to, 0, ...order.splice(from, 1));
    from = 0;
  }
  return tiedRanks(order, bounded);
}

/** Where in the order the position at `from` makes sum rank x weight largest, among the places that it may reach. */
function bestPlace(
  order: Values,
  from: number,
  mayPrecede: (first: number, second: number) => boolean,
  weight: (at: number) => number,
): number {
  const moved = order[from]!;
  let [best, to] = [1e-9, from];
  for (const step of [-1, 1]) {
    let gain = 0;
    for (let at = from + step; at >= 0 && at < order.length; at += step) {
      const other = order[at]!;
      if (step < 0 ? !mayPrecede(moved, other) : !mayPrecede(other, moved)) break;
      gain += step * (weight(moved) - weight(other));
      if (gain > best) [best, to] = [gain, at];
    }
  }
  return to;
}

/** Ranks from 1 in an order; equal values without an error share the mean of theirs. */
function tiedRanks(order: Values, { values, errors }: Bounded): Values {
  const result = new Array<number>(order.length);
  order.forEach((at, index) => {
    result[at] = index + 1;
  });
  return result.map((own, at) => {
    if (errors[at] !== 0) return own;
    const tied = result.filter((_, other) => errors[other] === 0 && values[other] === values[at]);
    return tied.reduce((sum, rank) => sum + rank, 0) / tied.length;
  });
}
