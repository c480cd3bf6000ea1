import type { FinishedRun } from '../aggregate.ts';
import { mixedRuns } from '../mixed-runs.ts';
import type { Quantity } from '../quantities.ts';
import { severalEvaluations, severalUnits } from '../several-evaluations.ts';
import { unconvergedFits } from '../unconverged-fits.ts';
import type { ListedRun } from './list-runs.ts';

/** What keeps the shown runs' numbers from being compared down a column: the checks of `gcnc predict`, one line each. */
export function unlikeRuns(shown: readonly ListedRun[], accuracies: readonly Quantity[]): readonly string[] {
  const measured = shown.flatMap(({ run, checkpoint }): FinishedRun[] =>
    checkpoint === null ? [] : [{ run, final: checkpoint, seed: null, underTrained: null, configuration: 0 }],
  );
  return [
    ...mixedRuns(measured),
    ...severalUnits(measured),
    ...severalEvaluations(measured),
    ...unconvergedFits(
      accuracies,
      measured.map(({ run: { name }, final: checkpoint }) => ({ name, checkpoint })),
    ),
  ];
}

/** Keys that make a column's numbers other quantities, or of other images: they are shown however many keys vary. */
export const isOfEvaluation = (key: string): boolean =>
  /^(measure|fewshot)\./.test(key) || key === 'data.name' || key === 'data.split';
