import { canonicalJson } from '../files/canonical-json.ts';
import type { FinishedRun } from './aggregate.ts';
import { meaningOf } from './same-meaning.ts';

type MeasuredRun = Pick<FinishedRun, 'run' | 'final'>;

/** The input units of the runs' geometric complexity: one where they can be compared. */
export function inputSpaces(measured: readonly Pick<MeasuredRun, 'final'>[]): readonly string[] {
  const all = measured.flatMap(({ final }) =>
    final.measures.map(({ geometricComplexity }) => geometricComplexity.inputSpace),
  );
  return [...new Set(all)];
}

export const severalUnits = (measured: readonly MeasuredRun[]): readonly string[] => {
  const units = inputSpaces(measured);
  return units.length < 2
    ? []
    : [`geometric complexity in different input units (${units.join(', ')}): do not compare it`];
};

/** An accuracy's name holds its split, ways, shots and readout. What else makes it another quantity is told by these keys. */
const namedInAccuracy = ['split', 'ways', 'shots', 'readouts', 'episodes', 'seed'];

/** A measure's name holds its layer; which epochs are measured is shown, and the seed draws. */
const namedInMeasure = ['every', 'layers', 'seed'];

/** Keys of a section in which runs differ, other than those that a quantity's name or the table tells. */
function keysThatDiffer(
  measured: readonly MeasuredRun[],
  section: 'fewshot' | 'measure',
  told: readonly string[],
): readonly string[] {
  const given = measured.flatMap(({ run: { config } }) =>
    config === null ? [] : [(meaningOf(config)[section] ?? {}) as Readonly<Record<string, unknown>>],
  );
  const keys = new Set(given.flatMap((each) => Object.keys(each)));
  return [...keys]
    .filter((key) => !told.includes(key))
    .filter((key) => new Set(given.map((each) => canonicalJson(each[key] ?? null))).size > 1)
    .map((key) => `${section}.${key}`);
}

/** Runs whose accuracies or measures have one name and are not of one evaluation. */
export function severalEvaluations(runs: readonly MeasuredRun[]): readonly string[] {
  const [evaluated, measured] = [
    keysThatDiffer(runs, 'fewshot', namedInAccuracy),
    keysThatDiffer(runs, 'measure', namedInMeasure),
  ];
  return [
    ...(evaluated.length === 0
      ? []
      : [`runs differ in ${evaluated.join(', ')}: accuracies of one name are not of one evaluation`]),
    ...(measured.length === 0
      ? []
      : [`runs differ in ${measured.join(', ')}: measures of one name are not taken in one way`]),
  ];
}
