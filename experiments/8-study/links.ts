import { type Claim, logistic, nearestMean } from '../claims.ts';
import { hasTargets } from './per-regime.ts';
import { knobLabel } from './regimes.ts';
import { type RegimeRuns, type Sample, type StudyRuns, sampleOf } from './study-runs.ts';

/** A trend of the paper's chain, and the rows that it is tested over. */
export interface Link {
  readonly from: string;
  readonly to: string;
  readonly claim: Claim;
  readonly sample: Sample;
}

const labels = {
  sourceGc: 'source GC',
  pathFlatness: 'squared gradient along the path',
  sourceGeometricCollapse: 'source geometric collapse',
  sourceGcPerNorm: 'source GC per squared feature norm',
  sourceCdnv: 'source CDNV',
  targetCdnv: 'target CDNV',
  targetCdnvDirectional: 'directional target CDNV',
  [logistic]: '5-shot logistic',
  [nearestMean]: '5-shot nearest mean',
} as const;
type Quantity = keyof typeof labels;

const between = (from: Quantity, to: Quantity, sign: 1 | -1, sample: Sample): Link => ({
  from: labels[from],
  to: labels[to],
  claim: { from, to, sign },
  sample,
});

/** The swept key to a quantity, over the one sweep; the sign is what the paper reports of GC, or what PLAN.md expects; `turned` for accuracy. */
const fromKnob = ({ study }: StudyRuns, to: Quantity, sample: Sample, turned: 1 | -1 = 1): Link => ({
  from: knobLabel(study),
  to: labels[to],
  claim: { from: 'parameter', to, sign: (study.reported ?? -1) * turned > 0 ? 1 : -1 },
  sample,
});

const collapses = ['targetCdnv', 'targetCdnvDirectional'] as const;

/**
 * Each knob of a regime to source GC, to the squared gradient along the path, whose smallness the paper names as the cause, to collapse
 * of the source and of the target, and to accuracy.
 */
export const knobLinks = ({ studies }: RegimeRuns): readonly Link[] =>
  studies.flatMap((each) => {
    const sample = sampleOf([each]);
    const source = (['sourceGc', 'pathFlatness', 'sourceCdnv'] as const).map((to) =>
      fromKnob(each, to, sample),
    );
    if (!each.study.transfer) return source;
    return [
      ...source,
      ...collapses.map((to) => fromKnob(each, to, sample)),
      fromKnob(each, logistic, sample, -1),
    ];
  });

/** The links between quantities, over the configurations of all the regime's knobs; few where no classes are held out. */
export function pooledLinks(runs: RegimeRuns): readonly Link[] {
  const { regime, studies } = runs;
  if (!regime.isPooled || studies.length === 0) return [];
  const sample = sampleOf(studies);
  const source = [
    between('pathFlatness', 'sourceGc', 1, sample),
    between('sourceGc', 'sourceCdnv', 1, sample),
  ];
  if (!hasTargets(runs)) return source;
  const accuracies = [logistic, nearestMean] as const;
  return [
    ...source,
    between('sourceCdnv', 'targetCdnv', 1, sample),
    between('sourceCdnv', logistic, -1, sample),
    ...collapses.map((to) => between('sourceGc', to, 1, sample)),
    ...collapses.flatMap((from) => accuracies.map((to) => between(from, to, -1, sample))),
    ...accuracies.map((to) => between('sourceGc', to, -1, sample)),
    between('sourceGeometricCollapse', 'targetCdnv', 1, sample),
    ...(['targetCdnv', logistic] as const).map((to) =>
      between('sourceGcPerNorm', to, to === logistic ? -1 : 1, sample),
    ),
  ];
}

/**
 * The chain over one knob's configurations: swept number to source GC to target CDNV to the accuracy that reports end the chain with,
 * by nearest means.
 */
export function chainLinks(runs: StudyRuns): readonly Link[] {
  const sample = sampleOf([runs]);
  return [
    fromKnob(runs, 'sourceGc', sample),
    between('sourceGc', 'targetCdnv', 1, sample),
    between('targetCdnv', nearestMean, -1, sample),
  ];
}

/** From source GC to accuracy over one knob's configurations: what its chain, whole or not, comes to. */
export const acrossChain = (runs: StudyRuns): Link => between('sourceGc', logistic, -1, sampleOf([runs]));
