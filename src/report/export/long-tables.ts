import {
  collapseEstimateOf,
  type GeometricComplexityRecord,
  type NeuralCollapseRecord,
} from '../../measures/record.ts';
import type { CheckpointLine } from '../../pipeline/records.ts';
import { epochQuantities } from '../../training/record.ts';
import { cellOf } from '../csv.ts';
import type { Row } from '../figures/figure.ts';
import { flatConfig, flatten } from '../flat-config.ts';
import { fewshotPlaces, measuredPlaces } from '../measured-places.ts';
import type { ReadRun, ReadSweep } from '../read-runs.ts';
import { measuredValues } from './checkpoint-values.ts';

/** One observation a row, each with its run's config in columns `config.<dotted key>`. */
export interface LongTables {
  /** One row per run, pending and failed ones too. */
  readonly runs: readonly Row[];
  readonly epochs: readonly Row[];
  /** One row per checkpoint and split. */
  readonly measures: readonly Row[];
  /** One row per checkpoint, shots and readout. */
  readonly fewshot: readonly Row[];
}

/** The sweep's records as long tables. Undefined is null, accuracies are fractions. */
export function longTables(sweep: ReadSweep): LongTables {
  const configs = new Map(sweep.runs.map((run) => [run, configColumns(run, sweep)]));
  const given = sweep.runs.flatMap((run) => Object.keys(flatten(run.config ?? {})));
  const planned = [...sweep.parameters.values()].flatMap((parameters) => Object.keys(flatten(parameters)));
  const keys = [...new Set([...given, ...planned])].map((key) => `config.${key}`);
  const rowsOf = (read: (run: ReadRun) => readonly Row[]): readonly Row[] =>
    sweep.runs.flatMap((run) => {
      const config = configs.get(run)!;
      const columns = Object.fromEntries(keys.map((key) => [key, config[key] ?? null]));
      const head = { sweep: sweep.name, run: run.name, state: run.state };
      return read(run).map((row) => ({ ...head, ...row, ...columns }));
    });
  return {
    runs: rowsOf(({ reason, start, heartbeat, epochs, checkpoints }) => [
      {
        reason,
        start,
        heartbeat,
        epochs: epochs.at(-1)?.epoch ?? 0,
        step: checkpoints.at(-1)?.step ?? epochs.at(-1)?.step ?? 0,
      },
    ]),
    epochs: rowsOf(({ epochs }) =>
      epochs.map((line) => ({ epoch: line.epoch, step: line.step, ...epochQuantities(line) })),
    ),
    measures: rowsOf(measureRows),
    fewshot: rowsOf(fewshotRows),
  };
}

function measureRows({ checkpoints }: ReadRun): readonly Row[] {
  return checkpoints.flatMap((checkpoint) =>
    measuredPlaces(checkpoint).map((each): Row => {
      const { epoch, step, final, pathFlatness, sharpness } = checkpoint;
      const isTraining = each.isOwn && each.set === 'sourceTrain';
      const { estimator, examples, probes, inputSpace, dimension, precision } = each.geometricComplexity;
      return {
        epoch,
        step,
        final,
        split: each.set,
        classes: each.neuralCollapse.classes,
        examples: each.neuralCollapse.examples,
        ...measuredValues(each),
        ...intervalColumns('geometricComplexity', each.geometricComplexity),
        ...collapseColumns(each.neuralCollapse),
        pathFlatness: isTraining ? (pathFlatness ?? null) : null,
        ...sharpnessColumns(isTraining ? sharpness : undefined),
        gcEstimator: estimator,
        gcExamples: examples,
        gcProbes: probes,
        gcInputSpace: inputSpace,
        layer: each.layer,
        pooling: each.pooling,
        geometricComplexityUnpooled: each.geometricComplexityUnpooled?.value ?? null,
        ...intervalColumns('geometricComplexityUnpooled', each.geometricComplexityUnpooled),
        dimension,
        precision,
      };
    }),
  );
}

/** An estimate's standard error and 95 % interval, over examples; null where the record has none. */
const intervalColumns = (
  name: string,
  estimate: Pick<GeometricComplexityRecord, 'standardError' | 'ci95'> | undefined,
): Row => ({
  [`${name}StandardError`]: estimate?.standardError ?? null,
  [`${name}Low`]: estimate?.ci95?.[0] ?? null,
  [`${name}High`]: estimate?.ci95?.[1] ?? null,
});

const collapseColumns = (record: NeuralCollapseRecord): Row =>
  Object.assign(
    {},
    ...(['geometricCollapse', 'geometricCollapseDirectional'] as const).map((key) =>
      intervalColumns(key, collapseEstimateOf(record, key)),
    ),
  );

const sharpnessColumns = (sharpness: CheckpointLine['sharpness']): Row =>
  Object.assign(
    {},
    ...(['adaptive', 'plain'] as const).map((kind): Row => {
      const found = sharpness?.find((each) => each.kind === kind);
      const name = `${kind}Sharpness`;
      return { [name]: found?.value ?? null, ...intervalColumns(name, found) };
    }),
  );

function fewshotRows({ checkpoints }: ReadRun): readonly Row[] {
  return checkpoints.flatMap((checkpoint) =>
    fewshotPlaces(checkpoint).flatMap((record) =>
      record.results.map(
        ({ shots, readout, accuracy, ci95, episodes = record.episodes, unconverged }): Row => {
          const { epoch, step, final } = checkpoint;
          const { set, layer, ways, queries, chance } = record;
          const interval = { accuracyLow: ci95?.[0] ?? null, accuracyHigh: ci95?.[1] ?? null };
          return {
            epoch,
            step,
            final,
            split: set,
            layer,
            ways,
            shots,
            readout,
            queries,
            episodes,
            chance,
            accuracy,
            ...interval,
            // Records of before 2026-11-25 do not count them.
            unconverged: unconverged ?? null,
          };
        },
      ),
    ),
  );
}

function configColumns(run: ReadRun, { parameters }: ReadSweep): Row {
  const config = run.config === null ? flatten(parameters.get(run.name) ?? {}) : flatConfig(run.config);
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [`config.${key}`, cellOf(value)]));
}
