import { hashByPaths } from '../src/config/run-identity.ts';
import type { CheckpointLine } from '../src/pipeline/records.ts';
import { aggregate, type FinishedRun } from '../src/report/aggregate.ts';
import { csvText } from '../src/report/csv.ts';
import type { Row } from '../src/report/figures/figure.ts';
import { measureQuantities } from '../src/report/quantities.ts';
import { readSweep } from '../src/report/read-runs.ts';

/** One measured checkpoint of a finished run: what a results file holds a row of. */
export interface CheckpointValues {
  /** The run's identity, by its config with paths as written: its folder's name may hold another version's, or what the paths hold. */
  readonly hash: string;
  readonly parameter: number;
  readonly seed: number;
  readonly epoch: number;
  readonly step: number;
  readonly final: boolean;
  /** By column; null where undefined. Accuracies from 0 to 1. */
  readonly values: Readonly<Record<string, number | null>>;
  /** By how much interpolation may have missed each value; absent at checkpoints, and not in a results file. */
  readonly errors?: Readonly<Record<string, number>>;
}

const sourceTest = (checkpoint: CheckpointLine) =>
  checkpoint.measures.find(({ split }) => split === 'sourceTest');

const sourceTrain = (checkpoint: CheckpointLine) =>
  checkpoint.measures.find(({ split }) => split === 'sourceTrain');

/** Nearest-mean test error on the source with the bound's terms beside it. */
const boundColumns: Readonly<Record<string, (checkpoint: CheckpointLine) => number | null>> = {
  sourceTestCdnv: (checkpoint) => sourceTest(checkpoint)?.neuralCollapse.cdnv ?? null,
  sourceTestGeometricCollapse: (checkpoint) =>
    sourceTest(checkpoint)?.neuralCollapse.geometricCollapse ?? null,
  nearestMeanError: (checkpoint) => sourceTest(checkpoint)?.nearestMean?.error ?? null,
  cdnvBound: (checkpoint) => sourceTest(checkpoint)?.nearestMean?.cdnvBound ?? null,
  geometricCollapseBoundPerRho: (checkpoint) =>
    sourceTest(checkpoint)?.nearestMean?.geometricCollapseBoundPerRho ?? null,
  ...Object.fromEntries(
    (['directionalBound', 'cantelliBound', 'fewShotBound'] as const).map((key) => [
      key,
      (checkpoint: CheckpointLine) => sourceTrain(checkpoint)?.neuralCollapse[key] ?? null,
    ]),
  ),
  poincareFloor: (checkpoint) => sourceTest(checkpoint)?.nearestMean?.poincareFloor ?? null,
};

const shortName = (id: string): string => id.replace(/^fewshot_target_/, '');

/** Every measured checkpoint of a sweep's finished runs; the swept key must hold numbers. */
export function checkpointValues(sweepFolder: string, key: string): readonly CheckpointValues[] {
  const results = aggregate(readSweep(sweepFolder));
  const checkpoints = results.finished.flatMap(({ run }) => run.checkpoints);
  // Every measure that some checkpoint has, also those that tables of the report leave out: CDNV inside batches is one.
  const measures = (['source', 'target'] as const)
    .flatMap(measureQuantities)
    .filter(({ read }) => checkpoints.some((checkpoint) => read(checkpoint) !== null));
  const ofCheckpoint = (run: FinishedRun, checkpoint: CheckpointLine): CheckpointValues => {
    const values = Object.fromEntries([
      ...[...results.quantities, ...measures].map(
        ({ id, read }) => [shortName(id), read(checkpoint)] as const,
      ),
      ...Object.entries(boundColumns).map(([id, read]) => [id, read(checkpoint)] as const),
    ]);
    const parameter = key === 'seed' ? run.seed : results.configurations[run.configuration]!.parameters[key];
    const hash = run.run.config === null ? undefined : hashByPaths(run.run.config);
    if (typeof parameter !== 'number' || hash === undefined || run.seed === null)
      throw new RangeError(`${run.run.folder}: no value of ${key}, seed or hash`);
    const { epoch, step, final } = checkpoint;
    return { hash, parameter, seed: run.seed, epoch, step, final, values };
  };
  return results.finished.flatMap((run) =>
    run.run.checkpoints.map((checkpoint) => ofCheckpoint(run, checkpoint)),
  );
}

export const toCsv = (rows: readonly CheckpointValues[]): string =>
  csvText(rows.map(({ values, errors: _, ...row }): Row => ({ ...row, ...values })));

const identity = ['hash', 'parameter', 'seed', 'epoch', 'step', 'final'];

/** Reads what `toCsv` wrote; no cell holds a comma or a quote. */
export function fromCsv(text: string): readonly CheckpointValues[] {
  const [header = '', ...lines] = text.trim().split('\r\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = new Map(line.split(',').map((cell, index) => [names[index]!, cell]));
    const number = (name: string): number => Number(cells.get(name));
    const values = names
      .filter((name) => !identity.includes(name))
      .map((name) => [name, cells.get(name) === '' ? null : number(name)] as const);
    return {
      hash: cells.get('hash')!,
      parameter: number('parameter'),
      seed: number('seed'),
      epoch: number('epoch'),
      step: number('step'),
      final: cells.get('final') === 'true',
      values: Object.fromEntries(values),
    };
  });
}
