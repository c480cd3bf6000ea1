import { regimes } from '../../../experiments/8-study/regimes.ts';
import type { RegimeRuns, StudyRuns } from '../../../experiments/8-study/study-runs.ts';
import type { Study } from '../../../experiments/studies.ts';
import type { CheckpointValues } from '../../../experiments/values.ts';

type Values = Readonly<Record<string, number | null>>;

/** One configuration of a made-up sweep. */
export interface Point {
  /** Equal names in two sweeps are the same runs. */
  readonly name: string;
  readonly parameter: number;
  /** Beside the training loss, at a seed and a checkpoint. */
  readonly values: (seed: number, checkpoint: number) => Values;
}

export interface MadeStudy {
  readonly key?: string;
  readonly reported?: 1 | -1;
  readonly transfer?: boolean;
  readonly seeds?: readonly number[];
  /** At the checkpoints, the same in all runs. */
  readonly losses?: readonly number[];
  readonly failed?: StudyRuns['failed'];
  /** Whether a seed of a configuration was run. */
  readonly wasRun?: (name: string, seed: number) => boolean;
}

/** A sweep `8-study/<name>` of three seeds, whose runs pass the losses 2, 1 and 0.5 at checkpoints. */
export function madeStudy(name: string, points: readonly Point[], made: MadeStudy = {}): StudyRuns {
  const { seeds = [0, 1, 2], losses = [3, 2, 1, 0.5, 0.05], wasRun = () => true } = made;
  const study: Study = {
    id: `8-study/${name}`,
    title: `regime (x): ${name}`,
    question: 'Does it?',
    key: made.key ?? 'training.learningRate',
    reported: made.reported ?? -1,
    equalLoss: null,
    stopsAtLoss: false,
    figures: [],
    transfer: made.transfer ?? true,
  };
  const runs = points.flatMap((point) =>
    seeds.map((seed) => ({ point, seed, hash: hashOf(point.name, seed) })),
  );
  const rows = runs
    .filter(({ point, seed }) => wasRun(point.name, seed))
    .flatMap(({ point, seed, hash }) =>
      losses.map(
        (sourceTrainLoss, at): CheckpointValues => ({
          ...{ hash, seed, parameter: point.parameter, epoch: at + 1, step: 100 * (at + 1) },
          final: at === losses.length - 1,
          values: { sourceTrainLoss, ...point.values(seed, at) },
        }),
      ),
    );
  const planned = new Map(runs.map(({ point, hash }) => [hash, point.name]));
  return { study, rows, planned, failed: made.failed ?? [] };
}

export const hashOf = (name: string, seed: number): string => `${name}-s${seed}`;

/** Points whose seeds differ by -0.1, 0 and 0.1 in every value, so that their means are the values given. */
export const pointsOf = (values: readonly Values[], prefix = 'c'): readonly Point[] =>
  values.map((own, index) => ({
    name: `${prefix}${index}`,
    parameter: index + 1,
    values: (seed) =>
      Object.fromEntries(
        Object.entries(own).map(([id, value]) => [id, value === null ? null : value + (seed - 1) / 10]),
      ),
  }));

export const regimeRuns = (id: string, studies: readonly StudyRuns[]): RegimeRuns => ({
  regime: regimes.find((each) => each.id === id)!,
  studies,
});

/** A Markdown table's cells, by row; a minus is a hyphen. */
export const cellsOf = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
