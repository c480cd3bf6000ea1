import { measureRows } from '../../measures/measure-rows.ts';
import type { SplitLine } from '../../measures/record.ts';
import type { CheckpointLine, EpochLine } from '../../pipeline/records.ts';
import { epochQuantities } from '../../training/record.ts';

type FewshotLine = NonNullable<CheckpointLine['fewshot']>;

/** Every number measured of one split, by the name it has in all exports. */
export function measuredValues(measures: Omit<SplitLine, 'split'>): Readonly<Record<string, number | null>> {
  const { loss, accuracy, geometricComplexity, neuralCollapse, nearestMean } = measures;
  return {
    loss,
    accuracy,
    geometricComplexity: geometricComplexity.value,
    geometricComplexityStandardError: geometricComplexity.standardError,
    ...Object.fromEntries(measureRows.map(({ key }) => [key, neuralCollapse[key]])),
    nearestMeanError: nearestMean?.error ?? null,
    nearestMeanErrorOverClasses: nearestMean?.errorOverClasses ?? null,
    nearestMeanCdnvBound: nearestMean?.cdnvBound ?? null,
    nearestMeanGeometricCollapseBoundPerRho: nearestMean?.geometricCollapseBoundPerRho ?? null,
    poincareFloor: nearestMean?.poincareFloor ?? null,
  };
}

/** `fewshot_target/5way_5shot_logistic`: the tag of one few-shot accuracy. */
const fewshotTag = ({ split, ways }: FewshotLine, shots: number, readout: string): string =>
  `fewshot_${split}/${ways}way_${shots}shot_${readout}`;

/** One number at one step, for stores of series such as TensorBoard's and MLflow's. */
export interface Scalar {
  readonly tag: string;
  readonly value: number;
}

/** An epoch's numbers as tags `epoch/<quantity>`; undefined ones are left out. */
export const epochScalars = (line: EpochLine): readonly Scalar[] =>
  Object.entries(epochQuantities(line)).flatMap(([name, value]) =>
    value === null ? [] : [{ tag: `epoch/${name}`, value }],
  );

/** A checkpoint's numbers as tags `<split>/<quantity>`; undefined ones are left out. */
export function checkpointScalars(line: CheckpointLine): readonly Scalar[] {
  const { measures, sharpness, fewshot, elsewhere } = line;
  const path = { tag: 'training/pathFlatness', value: line.pathFlatness ?? null };
  const measured = measures.flatMap((each) =>
    Object.entries(measuredValues(each)).map(([name, value]) => ({ tag: `${each.split}/${name}`, value })),
  );
  const transfer = (fewshot?.results ?? []).map(({ shots, readout, accuracy }) => ({
    tag: fewshotTag(fewshot!, shots, readout),
    value: accuracy,
  }));
  const sharp = (sharpness ?? []).map(({ kind, value }) => ({ tag: `sourceTrain/${kind}Sharpness`, value }));
  return [path, ...measured, ...sharp, ...transfer, ...elsewhereScalars(elsewhere)].flatMap(
    ({ tag, value }) => (value === null ? [] : [{ tag, value }]),
  );
}

/** `mnist/test.layer3/cdnv` and `fewshot_mnist/test.layer3/5way_5shot_logistic`. */
const elsewhereScalars = (elsewhere: CheckpointLine['elsewhere']) => [
  ...(elsewhere?.measures ?? []).flatMap((each) => [
    ...Object.entries(measuredValues(each)).map(([name, value]) => ({
      tag: `${placeTag(each)}/${name}`,
      value,
    })),
    {
      tag: `${placeTag(each)}/geometricComplexityUnpooled`,
      value: each.geometricComplexityUnpooled?.value ?? null,
    },
  ]),
  ...(elsewhere?.fewshot ?? []).flatMap((each) =>
    each.results.map(({ shots, readout, accuracy }) => ({
      tag: `fewshot_${placeTag(each)}/${each.ways}way_${shots}shot_${readout}`,
      value: accuracy,
    })),
  ),
];

/** MLflow takes letters, digits and a few signs. */
const placeTag = ({ set, layer }: { readonly set: string; readonly layer: string }): string =>
  `${set}.${layer}`.replaceAll(/[^A-Za-z0-9_./-]+/g, '_');
