import { measureRows } from '../../measures/measure-rows.ts';
import type { SplitLine } from '../../measures/record.ts';
import type { CheckpointLine, EpochLine } from '../../pipeline/records.ts';
import { epochQuantities } from '../../training/record.ts';
import { type FewshotPlace, fewshotPlaces, type MeasuredPlace, measuredPlaces } from '../measured-places.ts';

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

/**
 * A checkpoint's numbers as tags `<split>/<quantity>` and `fewshot_<split>/5way_5shot_<readout>`, of further layers and targets
 * `mnist/test.layer3/<quantity>`; undefined ones are left out, and counts of unconverged fits where all converged.
 */
export function checkpointScalars(line: CheckpointLine): readonly Scalar[] {
  const path = { tag: 'training/pathFlatness', value: line.pathFlatness ?? null };
  const measured = measuredPlaces(line).flatMap((each) =>
    Object.entries({
      ...measuredValues(each),
      geometricComplexityUnpooled: each.geometricComplexityUnpooled?.value ?? null,
    }).map(([name, value]) => ({ tag: `${placeTag(each)}/${name}`, value })),
  );
  const sharp = (line.sharpness ?? []).map(({ kind, value }) => ({
    tag: `sourceTrain/${kind}Sharpness`,
    value,
  }));
  const transfer = fewshotPlaces(line).flatMap((each) =>
    each.results.flatMap(({ shots, readout, accuracy, unconverged }) => {
      const tag = `fewshot_${placeTag(each)}/${each.ways}way_${shots}shot_${readout}`;
      return [
        { tag, value: accuracy },
        { tag: `${tag}_unconverged`, value: unconverged || null },
      ];
    }),
  );
  return [path, ...measured, ...sharp, ...transfer].flatMap(({ tag, value }) =>
    value === null ? [] : [{ tag, value }],
  );
}

/** MLflow takes letters, digits and a few signs. */
const placeTag = ({ set, layer, isOwn }: MeasuredPlace | FewshotPlace): string =>
  isOwn ? set : `${set}.${layer}`.replaceAll(/[^A-Za-z0-9_./-]+/g, '_');
