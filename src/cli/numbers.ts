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
export const atLeastOne = numberThat(
  'a whole number from 1',
  (value) => Number.isInteger(value) && value >= 1,
);
export const wholeNumber = numberThat(
  'a whole number from 0',
  (value) => Number.isInteger(value) && value >= 0,
);
export const seedNumber = numberThat(
  `a whole number from 0 to ${seedLimit}`,
  (value) => Number.isInteger(value) && value >= 0 && value <= seedLimit,
);
export const positiveNumber = numberThat('a number above 0', (value) => value > 0);
export const share = numberThat('a number above 0 and at most 1', (value) => value > 0 && value <= 1);
