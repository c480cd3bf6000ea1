import { identityOf } from '../config/run-identity.ts';
import { canonicalJson } from '../files/canonical-json.ts';
import type { CheckpointLine } from '../pipeline/records.ts';
import type { FinishedRun, Results } from './aggregate.ts';
import {
  fitIds,
  type PredictorQuantity,
  type PredictorRun,
  type PredictorTable,
  predictorTable,
} from './predictors.ts';
import {
  fewshotQuantities,
  fixedQuantities,
  measureQuantities,
  optionalQuantities,
  type Quantity,
} from './quantities.ts';

type Read = Pick<Quantity, 'read'> & PredictorQuantity;

/** The accuracy that reports ask about: the most shots, the last readout. */
export const reportedAccuracy = ({ fewshot }: Results): Quantity | undefined => fewshot.at(-1);

/** The table of a sweep's report; null where no few-shot accuracy is known. */
export function predictorsOf(results: Results): PredictorTable | null {
  const accuracy = reportedAccuracy(results);
  return accuracy === undefined ? null : pooledPredictors([results], accuracy.id);
}

/** Over several sweeps: runs that they share count once, and configurations are told apart by all keys but the seed. */
export function pooledPredictors(pool: readonly Results[], accuracyId: string): PredictorTable {
  const finished = [
    ...new Map(pool.flatMap((each) => each.finished).map((run) => [identity(run, true), run])).values(),
  ];
  const checkpoints = finished.map(({ final }) => final);
  const accuracies = fewshotQuantities(checkpoints);
  const accuracy = accuracies.find(({ id }) => id === accuracyId);
  const quantities = predictorQuantities(checkpoints, pool);
  const runs = finished.map(
    (run): PredictorRun => ({
      configuration: identity(run, false),
      values: Object.fromEntries(
        [...quantities, ...(accuracy === undefined ? [] : [accuracy])].map(({ id, read }) => [
          id,
          read(run.final),
        ]),
      ),
    }),
  );
  const label = accuracy?.longLabel ?? accuracyId;
  return predictorTable(
    runs,
    quantities.map(({ id, label: text, kind }) => ({ id, label: text, kind })),
    { id: accuracyId, label },
  );
}

const identity = ({ run }: FinishedRun, withSeed: boolean): string => {
  if (run.config === null) return run.folder;
  const { seed, ...rest } = identityOf(run.config);
  return canonicalJson(withSeed ? { seed, rest } : rest);
};

/** Everything that may rank accuracy: every measure of the source and of the target classes, sharpness, flatness, fit, other places. */
function predictorQuantities(
  checkpoints: readonly CheckpointLine[],
  pool: readonly Results[],
): readonly Read[] {
  const measures = (kind: 'source' | 'target') =>
    measureQuantities(kind).map(({ id, label, read }): Read => ({ id, label, kind, read }));
  const fixed = fixedQuantities
    .filter(({ id }) => ['sourceGc', 'targetGc', 'pathFlatness', ...fitIds].includes(id))
    .map(
      ({ id, label, read }): Read => ({
        id,
        label,
        read,
        kind: fitIds.some((each) => each === id) ? 'control' : id === 'targetGc' ? 'target' : 'source',
      }),
    );
  const sharpness = optionalQuantities(checkpoints).map(
    ({ id, label, read }): Read => ({ id, label, read, kind: 'source' }),
  );
  const placed = pool
    .flatMap(({ elsewhere }) => elsewhere)
    .filter(({ id, unit }) => unit !== '%' && !id.startsWith('fewshot'))
    .map(
      ({ id, label, read, place }): Read => ({
        id,
        label,
        read,
        kind: place.set.startsWith('source') ? 'source' : 'target',
      }),
    );
  const all = [...fixed, ...measures('source'), ...measures('target'), ...sharpness, ...placed];
  return [...new Map(all.map((each) => [each.id, each])).values()];
}
