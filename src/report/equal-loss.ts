import { commonLevel, type NoPassage, type Passage, passageOf, valueAt } from '../statistics/passage.ts';
import {
  type Configuration,
  type FinishedRun,
  meanOverSeeds,
  type Results,
  type SeedMean,
} from './aggregate.ts';
import type { Moment } from './moment.ts';
import { fixedQuantity, type Quantity } from './quantities.ts';

/** The finished runs where their source training loss, in inference mode, first falls to one and the same value. */
export interface EqualLoss {
  /** Nat. Null where no run's loss falls between two checkpoints. */
  readonly loss: number | null;
  /** `given` by the reader, or the `lowest` that the largest number of runs pass. */
  readonly chosen: 'given' | 'lowest';
  readonly passed: ReadonlyMap<FinishedRun, PassedRun>;
  readonly leftOut: readonly { readonly run: FinishedRun; readonly because: NoPassage }[];
  readonly moment: Moment;
}

export interface PassedRun {
  readonly passage: Passage;
  /** Linear between the two checkpoints. */
  readonly epoch: number;
  readonly step: number;
}

/** A mean over seeds at equal loss: its half-width is that of Student's interval plus `interpolation`. */
export interface MeanAtLoss extends SeedMean {
  /** Mean of the seeds' interpolation errors. They add up, because the curves of all seeds may bend the same way. */
  readonly interpolation: number;
}

const lossesOf = ({ run }: FinishedRun): readonly (number | null)[] =>
  run.checkpoints.map(fixedQuantity('sourceTrainLoss').read);

/** Finds the runs' common training loss, or takes the given one, and each run's passage of it. */
export function equalLossOf({ finished }: Results, given?: number): EqualLoss {
  const loss = given ?? commonLevel(finished.map(lossesOf));
  const passed = new Map<FinishedRun, PassedRun>();
  const leftOut: { run: FinishedRun; because: NoPassage }[] = [];
  for (const run of loss === null ? [] : finished) {
    const passage = passageOf(lossesOf(run), loss!);
    if (typeof passage === 'string') leftOut.push({ run, because: passage });
    else passed.set(run, { passage, ...timeOf(run, passage) });
  }
  const moment: Moment = (run, quantity) => {
    const found = passed.get(run);
    if (found === undefined) return null;
    if (quantity.id === 'sourceTrainLoss') return { value: found.passage.level, error: 0 };
    return valueAt(found.passage, lossesOf(run), run.run.checkpoints.map(quantity.read));
  };
  return { loss, chosen: given === undefined ? 'lowest' : 'given', passed, leftOut, moment };
}

function timeOf({ run }: FinishedRun, { before, after, share }: Passage) {
  const [from, to] = [run.checkpoints[before]!, run.checkpoints[after]!];
  const between = (key: 'epoch' | 'step'): number => from[key] + share * (to[key] - from[key]);
  return { epoch: between('epoch'), step: between('step') };
}

/** Mean and interval over the seeds that pass the loss; null where none of them has the quantity. */
export function meanAtLoss(
  { finished }: Configuration,
  { moment }: EqualLoss,
  quantity: Quantity,
): MeanAtLoss | null {
  const found = finished.flatMap((run) => moment(run, quantity) ?? []);
  const mean = meanOverSeeds(found.map(({ value }) => value));
  if (mean === null) return null;
  const interpolation = found.reduce((sum, { error }) => sum + error, 0) / found.length;
  const halfWidth = mean.halfWidth === null ? null : mean.halfWidth + interpolation;
  return { ...mean, halfWidth, interpolation };
}

/** Mean epoch at which runs pass the loss, to one decimal; – without a run. */
export const meanEpochText = (passed: readonly PassedRun[]): string =>
  passed.length === 0 ? '–' : (passed.reduce((sum, { epoch }) => sum + epoch, 0) / passed.length).toFixed(1);

/** Why runs are not compared at equal loss, or are left out of the comparison; null where all are in it. */
export function equalLossRemark({ loss, passed, leftOut }: EqualLoss, total: number): string | null {
  if (loss === null) return 'no run’s training loss is known at one checkpoint and lower at a later one';
  if (leftOut.length === 0) return null;
  const counts = new Map<NoPassage, number>();
  for (const { because } of leftOut) counts.set(because, (counts.get(because) ?? 0) + 1);
  const reasons = [...counts].map(([because, count]) => `${count} ${reasonText[because]}`);
  return `${passed.size} of ${total} runs pass it; left out: ${reasons.join(', ')}`;
}

const reasonText: Readonly<Record<NoPassage, string>> = {
  unmeasured: 'without a measured training loss',
  'starts at or below it': 'at or below it at the first checkpoint',
  'stays above it': 'that stay above it',
};
