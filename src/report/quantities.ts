import type { FewshotResult } from '../fewshot/record.ts';
import { measureRows } from '../measures/measure-rows.ts';
import { collapseEstimateOf, type SplitLine } from '../measures/record.ts';
import type { CheckpointLine } from '../pipeline/records.ts';

/** A number that the report shows of a checkpoint. */
export interface Quantity {
  /** Column name in CSV, JSON and exports. */
  readonly id: string;
  readonly label: string;
  /** For an axis, where the label is short for a table's sake. */
  readonly longLabel?: string;
  /** Null for a ratio without a unit. */
  readonly unit: string | null;
  /** What the value is multiplied by for display: 100 where the unit is %. */
  readonly factor: 1 | 100;
  /** Whether a logarithmic axis suits it: positive and over decades. */
  readonly logarithmic: boolean;
  readonly read: (checkpoint: CheckpointLine) => number | null;
  /** The 95 % interval of the one checkpoint's estimate, where it is one of a sample: over examples, or over episodes. */
  readonly readInterval?: (checkpoint: CheckpointLine) => Interval | null;
  /** Of an accuracy: the fits that it stands on, and those that ended before their minimum. */
  readonly readFits?: (checkpoint: CheckpointLine) => Fits | null;
  /** False for checkpoints without the split, or of a version that did not measure it; absent where all have it. */
  readonly isRecorded?: (checkpoint: CheckpointLine) => boolean;
}

/** The unit of a value as JSON holds it: there a percentage is a share of 1. */
export const storedUnit = ({ unit, factor }: Pick<Quantity, 'unit' | 'factor'>): string | null =>
  factor === 100 ? 'share' : unit;

type Interval = readonly [number, number];

export interface Fits {
  readonly fits: number;
  readonly unconverged: number;
}

/** A result's fits: one per episode. */
export const fitsOf = (
  { episodes }: { readonly episodes: number },
  result: FewshotResult | undefined,
): Fits | null =>
  result === undefined ? null : { fits: result.episodes ?? episodes, unconverged: result.unconverged ?? 0 };

const complexityUnit = 'embedding² / input²';

const ofSplit =
  <Value>(split: SplitLine['split'], read: (measures: SplitLine) => Value | null) =>
  (checkpoint: CheckpointLine): Value | null => {
    const measures = checkpoint.measures.find((each) => each.split === split);
    return measures === undefined ? null : read(measures);
  };

const percent = { unit: '%', factor: 100, logarithmic: false } as const;

const splitOf = { source: 'sourceTrain', target: 'target' } as const;

const measureQuantity = (of: 'source' | 'target', row: (typeof measureRows)[number]): Quantity => ({
  id: `${of}${row.key[0]!.toUpperCase()}${row.key.slice(1)}`,
  label: `${of} ${row.label}`,
  unit: row.unit,
  factor: 1,
  logarithmic: row.logarithmic,
  read: ofSplit(splitOf[of], ({ neuralCollapse }) => neuralCollapse[row.key]),
  readInterval: ofSplit(
    splitOf[of],
    ({ neuralCollapse }) => collapseEstimateOf(neuralCollapse, row.key)?.ci95 ?? null,
  ),
  isRecorded: ({ measures }) =>
    measures.some(
      (each) => each.split === splitOf[of] && !each.neuralCollapse.notRecorded?.includes(row.key),
    ),
});

/** Every measure of the source's training split or of the target classes, also those that tables leave out. */
export const measureQuantities = (of: 'source' | 'target'): readonly Quantity[] =>
  measureRows.map((row) => measureQuantity(of, row));

const shownQuantities = (of: 'source' | 'target'): readonly Quantity[] => [
  {
    id: `${of}Gc`,
    label: `${of} GC`,
    unit: complexityUnit,
    factor: 1,
    logarithmic: true,
    read: ofSplit(splitOf[of], (measures) => measures.geometricComplexity.value),
    readInterval: ofSplit(splitOf[of], (measures) => measures.geometricComplexity.ci95),
    isRecorded: ({ measures }) => measures.some(({ split }) => split === splitOf[of]),
  },
  ...measureRows.filter(({ inReport }) => inReport).map((row) => measureQuantity(of, row)),
];

/** What every run has, in the order of the study's argument. */
export const fixedQuantities: readonly Quantity[] = [
  {
    id: 'sourceTrainLoss',
    label: 'source train loss',
    unit: 'nat',
    factor: 1,
    logarithmic: true,
    read: ofSplit('sourceTrain', (measures) => measures.loss),
  },
  {
    id: 'sourceTrainAccuracy',
    label: 'source train accuracy',
    ...percent,
    read: ofSplit('sourceTrain', (measures) => measures.accuracy),
  },
  {
    id: 'sourceTestAccuracy',
    label: 'source test accuracy',
    ...percent,
    read: ofSplit('sourceTest', (measures) => measures.accuracy),
  },
  {
    id: 'pathFlatness',
    label: 'squared gradient along the path',
    longLabel: 'squared gradient along the path: mean over all steps, low where the path is flat',
    unit: 'nat² / weight²',
    factor: 1,
    logarithmic: true,
    read: (checkpoint) => checkpoint.pathFlatness ?? null,
    isRecorded: (checkpoint) => checkpoint.pathFlatness !== undefined,
  },
  ...shownQuantities('source'),
  ...shownQuantities('target'),
];

export function fixedQuantity(id: string): Quantity {
  const found = fixedQuantities.find((each) => each.id === id);
  if (found === undefined) throw new RangeError(`no quantity ${id}`);
  return found;
}

/** What is measured only where a config asks for it: none where no checkpoint has it. */
export function optionalQuantities(checkpoints: readonly CheckpointLine[]): readonly Quantity[] {
  const kinds = new Set(checkpoints.flatMap(({ sharpness }) => (sharpness ?? []).map(({ kind }) => kind)));
  return [...kinds].map((kind) => ({
    id: `${kind}Sharpness`,
    label: `source ${kind} sharpness`,
    unit: 'nat',
    factor: 1,
    logarithmic: true,
    read: ({ sharpness }) => sharpness?.find((each) => each.kind === kind)?.value ?? null,
    readInterval: ({ sharpness }) => sharpness?.find((each) => each.kind === kind)?.ci95 ?? null,
    isRecorded: ({ sharpness }) => sharpness?.some((each) => each.kind === kind) ?? false,
  }));
}

/** The column's name in CSV, JSON and exports. */
export const fewshotId = (split: string, ways: number, shots: number, readout: string): string =>
  `fewshot_${split}_${ways}way_${shots}shot_${readout}`;

/**
 * One quantity for each number of ways, shots and readout that the checkpoints hold: by shots, else in the order met. The last one
 * stands for accuracy in chains and verdicts: the most shots over all episodes, which fine-tuning has not.
 */
export function fewshotQuantities(checkpoints: readonly CheckpointLine[]): readonly Quantity[] {
  const found = new Map<string, Quantity & { readonly order: number }>();
  for (const { fewshot } of checkpoints) {
    for (const { shots, readout } of fewshot?.results ?? []) {
      const { ways, split } = fewshot!;
      const id = fewshotId(split, ways, shots, readout);
      const where = split === 'target' ? '' : `${split} `;
      const label = `${where}${ways}-way ${shots}-shot, ${readout}`;
      const longLabel = `${where}${ways}-way ${shots}-shot accuracy, ${readout}`;
      const resultOf = fewshotResult(split, ways, shots, readout);
      if (!found.has(id))
        found.set(id, {
          id,
          label,
          longLabel,
          ...percent,
          order: readout === 'fine-tune' ? -1 : shots,
          read: (checkpoint) => resultOf(checkpoint)?.accuracy ?? null,
          readInterval: (checkpoint) => resultOf(checkpoint)?.ci95 ?? null,
          readFits: (checkpoint) => checkpoint.fewshot && fitsOf(checkpoint.fewshot, resultOf(checkpoint)),
          isRecorded: (checkpoint) => resultOf(checkpoint) !== undefined,
        });
    }
  }
  return [...found.values()]
    .toSorted((one, other) => one.order - other.order)
    .map(({ order: _, ...quantity }) => quantity);
}

const fewshotResult =
  (split: string, ways: number, shots: number, readout: string) =>
  ({ fewshot }: CheckpointLine) =>
    fewshot?.split === split && fewshot.ways === ways
      ? fewshot.results.find((each) => each.shots === shots && each.readout === readout)
      : undefined;
