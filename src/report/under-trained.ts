import type { ReadRun } from './read-runs.ts';

/** A network that does not fit has low geometric complexity too: such runs are marked wherever they are shown. */
const lowestTrainAccuracy = 0.5;
const largestLag = 0.1;

/** The rule, as it is printed under every table that marks a run. */
export const underTrainedRule =
  `under-trained: source train accuracy under ${100 * lowestTrainAccuracy} % or over ` +
  `${100 * largestLag} points below the best run on the same data, or the loss of stopAtLoss not reached`;

/** Source train accuracy of the last checkpoint in inference mode, else the last epoch's running one. */
export function trainAccuracyOf(run: ReadRun): number | null {
  const measures = run.checkpoints.at(-1)?.measures.find(({ split }) => split === 'sourceTrain');
  return measures?.accuracy ?? run.epochs.at(-1)?.trainAccuracy ?? null;
}

/** For each run the highest train accuracy of the finished runs on its data: another data set says nothing of how well it can be fitted. */
export function bestOnTheSameData(
  done: readonly ReadRun[],
  dataOf: (run: ReadRun) => unknown,
): (run: ReadRun) => number {
  const best = new Map<unknown, number>();
  for (const run of done)
    best.set(dataOf(run), Math.max(best.get(dataOf(run)) ?? 0, trainAccuracyOf(run) ?? 0));
  return (run) => best.get(dataOf(run)) ?? 0;
}

/** Why a finished run counts as under-trained, or null; `best` is the highest train accuracy of the finished runs on the same data. */
export function underTrainedBecause(run: ReadRun, stopAtLoss: unknown, best: number): string | null {
  const accuracy = trainAccuracyOf(run);
  const loss = run.epochs.at(-1)?.trainLoss ?? null;
  if (typeof stopAtLoss === 'number' && (loss === null || loss > stopAtLoss))
    return `training loss ${loss?.toPrecision(3) ?? 'unknown'} above stopAtLoss ${stopAtLoss}`;
  if (accuracy === null) return 'source train accuracy unknown';
  const shown = `source train accuracy ${(100 * accuracy).toFixed(1)} %`;
  if (accuracy < lowestTrainAccuracy) return shown;
  return best - accuracy > largestLag ? `${shown}, best ${(100 * best).toFixed(1)} %` : null;
}
