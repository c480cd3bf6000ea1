import { canonicalJson } from '../files/canonical-json.ts';
import type { CheckpointLine } from '../pipeline/records.ts';
import { groupBy } from '../statistics/group-by.ts';
import type { Configuration, FinishedRun, Results } from './aggregate.ts';
import {
  fitIds,
  kindOfSet,
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
import { withoutRepeated } from './repeated-runs.ts';
import { meaningOf } from './same-meaning.ts';
import { networkTrainedBy } from './same-network.ts';

type Read = Pick<Quantity, 'read'> & PredictorQuantity;

/** The accuracy that reports ask about: the most shots, the last readout. */
export const reportedAccuracy = ({ fewshot }: Results): Quantity | undefined => fewshot.at(-1);

/** The table of a sweep's report; null where no few-shot accuracy is known. */
export function predictorsOf(results: Results): PredictorTable | null {
  const accuracy = reportedAccuracy(results);
  return accuracy === undefined ? null : pooledPredictors([results], accuracy.id);
}

/**
 * Over several sweeps: runs that they share count once, and configurations are told apart by all keys of the training but the seed.
 * A network that is measured in several ways, or after other steps too, is one run with the means over the ways.
 */
export function pooledPredictors(pool: readonly Results[], accuracyId: string): PredictorTable {
  const all = pool.flatMap((results) => {
    const names = results.configurations.map((each) => nameOf(each, results.sweep.folder));
    return results.finished.map((run) => ({ run, configuration: names[run.configuration]! }));
  });
  const kept = new Set(withoutRepeated(all.map(({ run }) => run.run)));
  const distinct = all.filter(({ run }) => kept.has(run.run));
  const checkpoints = distinct.map(({ run: { final } }) => final);
  const accuracies = fewshotQuantities(checkpoints);
  const accuracy = accuracies.find(({ id }) => id === accuracyId);
  const quantities = predictorQuantities(checkpoints, pool);
  const read = [...quantities, ...(accuracy === undefined ? [] : [accuracy])];
  const runs = [...groupBy(distinct, ({ run }) => networkOf(run)).values()].map(
    (same): PredictorRun => ({
      configuration: same[0]!.configuration,
      values: Object.fromEntries(
        read.map((each) => [each.id, meanOf(same.flatMap(({ run }) => each.read(run.final) ?? []))]),
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

/** The same for a configuration in all sweeps. A run whose config is damaged belongs to that of its sweep's plan. */
function nameOf({ runs, finished, index }: Configuration, folder: string): string {
  const config = runs.find((each) => each.config !== null)?.config ?? null;
  return config === null ? `${folder} ${index}` : networkTrainedBy(meaningOf(config), finished);
}

const networkOf = (finished: FinishedRun): string => {
  const { config, folder } = finished.run;
  return config === null
    ? folder
    : `${canonicalJson(config.seed)} ${networkTrainedBy(meaningOf(config), [finished])}`;
};

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

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
        kind: kindOfSet(place.set),
      }),
    );
  const all = [...fixed, ...measures('source'), ...measures('target'), ...sharpness, ...placed];
  return [...new Map(all.map((each) => [each.id, each])).values()];
}
