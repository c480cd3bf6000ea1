import { InvalidArgumentError } from 'commander';
import { seedLimit } from '../random/random.ts';

const numberThat =
  (allowed: string, holds: (value: number) => boolean) =>
  (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value) || !holds(value)) throw new InvalidArgumentError(`allowed is ${allowed}`);
    return value;
  };

/** Parsers of options that are numbers; commander names the option and what was given. */
export const wholeNumber = (least: number, most?: number): ((text: string) => number) =>
  numberThat(
    `a whole number from ${least}${most === undefined ? '' : ` to ${most}`}`,
    (value) => Number.isInteger(value) && value >= least && value <= (most ?? Number.MAX_SAFE_INTEGER),
  );
export const seedNumber = wholeNumber(0, seedLimit);
export const positiveNumber = numberThat('a number above 0', (value) => value > 0);
export const share = numberThat('a number above 0 and at most 1', (value) => value > 0 && value <= 1);
