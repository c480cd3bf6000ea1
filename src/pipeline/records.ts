import type { FewshotRecord } from '../fewshot/record.ts';

/**
 * The lines of a run's `metrics.jsonl`. Nothing here depends on the clock, so that a resumed run writes the same bytes as
 * an undisturbed one; times and rates are in `log.jsonl`.
 */

/** A mean of independent terms; `standardError` is null where one term makes it undefined. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number | null;
  readonly ci95: readonly [number, number] | null;
}

export interface GeometricComplexityRecord extends Estimate {
  readonly estimator: 'exact' | 'hutchinson' | 'outputs' | 'masked';
  readonly examples: number;
  /** How many the split has: the interval is about their mean. */
  readonly ofExamples: number;
  /** Probes an example; rows of the Jacobian for `exact`, `outputs` and `masked`. */
  readonly probes: number;
  readonly probeSpace?: 'output' | 'input';
  readonly distribution?: 'rademacher' | 'gaussian' | 'sphere';
  /** Of the Jacobian's entries, for `masked`. */
  readonly share?: number;
  readonly inputSpace: 'normalized' | 'pixel';
  readonly layer: string;
  readonly dimension: number;
  readonly precision: 'float32' | 'bfloat16';
  readonly seed: number;
}

/** Null where a quantity is undefined; `undefinedBecause` then says why, by key. */
export interface NeuralCollapseRecord {
  readonly examples: number;
  readonly classes: number;
  readonly balanced: boolean;
  readonly cdnv: number | null;
  readonly geometricCollapse: number | null;
  readonly nc1: number | null;
  readonly nc2Equinorm: number | null;
  readonly nc2EquiangularStd: number | null;
  readonly nc2MaxAngle: number | null;
  readonly nc3SelfDuality: number | null;
  readonly nc4Disagreement: number | null;
  /** CDNV with the bias of finite samples removed. */
  readonly cdnvBiasCorrected?: number | null;
  /** `simplex_etf_error` of the package rhubarbwu/neural-collapse. */
  readonly simplexEtfError?: number | null;
  readonly undefinedBecause?: Readonly<Record<string, string>>;
}

/** The classifier by nearest class mean: means of the training examples, error on the test examples. */
export interface NearestMeanRecord {
  readonly error: number | null;
  /** Test examples. */
  readonly examples: number;
  /** 4 (k-1) CDNV of the training examples; above 1 it says nothing. */
  readonly cdnvBound: number | null;
  /** 4 (k-1) geometric collapse: the bound is this times the classes' Poincare constant rho, which is not known. */
  readonly geometricCollapseBoundPerRho: number | null;
  /** What rho is at least, with 95 % confidence. */
  readonly poincareFloor: number | null;
}

export interface SplitMeasures {
  readonly split: 'sourceTrain' | 'sourceTest' | 'validation' | 'target';
  readonly loss: number | null;
  readonly accuracy: number | null;
  readonly geometricComplexity: GeometricComplexityRecord;
  readonly neuralCollapse: NeuralCollapseRecord;
  /** With `sourceTest`. */
  readonly nearestMean?: NearestMeanRecord;
}

/** How much the source's training loss rises one ascent step away: see docs/sharpness.md. */
export interface SharpnessRecord {
  readonly kind: 'adaptive' | 'plain';
  /** Length of the step. */
  readonly rho: number;
  readonly examples: number;
  /** How many training images the source has. */
  readonly ofExamples: number;
  readonly seed: number;
  readonly precision: 'float32';
  /** Mean loss of the examples at the weights themselves, nat. */
  readonly loss: number;
  /** Mean loss after the step less `loss`. The interval is over examples, the step held fixed. */
  readonly value: number | null;
  readonly standardError: number | null;
  readonly ci95: readonly [number, number] | null;
  readonly undefinedBecause?: string;
  /** Rise of the loss per unit of rho at the start of the step: what `value` is, to first order, divided by rho. */
  readonly slope: number;
}

export interface EpochRecord {
  readonly kind: 'epoch';
  readonly epoch: number;
  readonly step: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly learningRate: number;
}

export interface CheckpointRecord {
  readonly kind: 'checkpoint';
  readonly epoch: number;
  readonly step: number;
  /** True for the checkpoint that ends the run. */
  readonly final: boolean;
  readonly measures: readonly SplitMeasures[];
  /** Where the config asks for it, by each kind of step. */
  readonly sharpness?: readonly SharpnessRecord[];
  readonly fewshot: FewshotRecord | null;
}

export type MetricsRecord = EpochRecord | CheckpointRecord;
