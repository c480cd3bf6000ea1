import { cdnv, geometricCollapse } from './cdnv.ts';
import { collapseRows } from './collapse-rows.ts';
import { cantelliBound, cdnvDirectional, directionalBound, directionalMatrix } from './directional.ts';
import { boundShots, fewShotBound } from './few-shot-bound.ts';
import { geometryRows } from './geometry-rows.ts';
import { cdnvInBatch } from './in-batch.ts';
import { invariances, type Measure, type MeasureInputs, needs, ratio } from './measure.ts';
import { undefinedBecause } from './measured.ts';
import { transferRows } from './transfer-scores/rows.ts';

const pairs = ({ once, embeddings, statistics }: MeasureInputs) =>
  once('directional pairs', () => directionalMatrix(embeddings, statistics));

/** Every measure of a split's embeddings, in the order of tables and records. */
export const measureRows = [
  {
    key: 'cdnv',
    label: 'CDNV',
    ...ratio,
    inReport: true,
    meaning: 'mean over pairs of classes of (Var_i + Var_j) / (2 ||mu_i - mu_j||^2)',
    source: 'Galanti, Gyorgy, Hutter 2022',
    needs: needs.classStatistics,
    ofTransfer:
      'Low values bound the nearest-mean error of these classes; variance off the line of two means raises it and costs no accuracy.',
    invariant: invariances.similarity,
    compute: ({ statistics }) => cdnv(statistics),
  },
  {
    key: 'cdnvBiasCorrected',
    label: 'CDNV, bias corrected',
    ...ratio,
    meaning: 'the same without the bias of finite samples',
    source: 'derived',
    needs: needs.classStatistics,
    ofTransfer:
      'As CDNV, comparable between sets with different numbers of images per class; it bounds nothing on its own.',
    invariant: invariances.similarity,
    compute: ({ statistics }) => cdnv(statistics, { biasCorrected: true }),
  },
  {
    key: 'cdnvInBatch',
    label: 'CDNV inside batches',
    ...ratio,
    meaning: 'mean over training batches of the CDNV of the batch: low by the bias of few images per class',
    source: 'Munn, Dherin, Gonzalvo 2024, reconstructed',
    needs: needs.onePass,
    ofTransfer:
      'Comparable with published values that were taken inside batches; between batch sizes it differs by its bias alone.',
    invariant: invariances.similarity,
    compute: ({ embeddings, batchSize }) =>
      batchSize === undefined
        ? undefinedBecause('these are not known to be training images, which come in batches')
        : cdnvInBatch(embeddings, batchSize),
  },
  {
    key: 'cdnvDirectional',
    label: 'directional CDNV',
    ...ratio,
    inReport: true,
    meaning: "mean over ordered pairs of u' Sigma_i u / ||mu_i - mu_j||^2, u the direction from mu_i to mu_j",
    source: 'Luthra, Salunkhe, Galanti 2026',
    needs: needs.onePass,
    ofTransfer:
      'Sees the variance that a nearest-mean decision sees; of target classes it goes with accuracy, of source classes it says nothing certain.',
    invariant: invariances.similarity,
    compute: (inputs) => cdnvDirectional(pairs(inputs)),
  },
  {
    key: 'directionalBound',
    label: 'directional bound',
    ...ratio,
    meaning:
      '4 (k-1) directional CDNV, of the nearest-mean error averaged over classes; above 1 it says nothing',
    source: 'derived (Chebyshev)',
    needs: needs.onePass,
    ofTransfer:
      'Below 1 it bounds the error with known means on these examples; few supports err more, and above 1 it is silent.',
    invariant: invariances.similarity,
    compute: (inputs) => directionalBound(pairs(inputs)),
  },
  {
    key: 'cantelliBound',
    label: 'Cantelli bound',
    ...ratio,
    meaning:
      'mean over i of min(1, sum_j V_ij / (V_ij + 1/4)), of the nearest-mean error averaged over classes',
    source: 'derived (Cantelli)',
    needs: needs.onePass,
    ofTransfer:
      'The tightest bound here for means that are known; it is silent about means estimated from few supports.',
    invariant: invariances.similarity,
    compute: (inputs) => cantelliBound(pairs(inputs)),
  },
  {
    key: 'fewShotBound',
    label: `few-shot bound, ${boundShots} shots`,
    ...ratio,
    meaning: `bound of the nearest-mean error averaged over classes, with ${boundShots} supports per class, from variances, directional CDNV and fourth moments`,
    source: 'Luthra, Salunkhe, Galanti 2026, theorem 4.1',
    needs: needs.onePass,
    ofTransfer:
      'Bounds the error with 10 supports of these very classes; it needs their labels, so it predicts no unseen class.',
    invariant: invariances.similarity,
    compute: (inputs) => fewShotBound(inputs.embeddings, inputs.statistics, pairs(inputs)),
  },
  {
    key: 'geometricCollapse',
    label: 'geometric collapse',
    unit: '1 / input²',
    logarithmic: true,
    inReport: true,
    meaning: 'mean over pairs of (GC_i + GC_j) / (2 ||mu_i - mu_j||^2)',
    source: 'Munn, Dherin, Gonzalvo 2024, reconstructed',
    needs: needs.products,
    ofTransfer:
      'Bounds CDNV up to the unknown constant rho; networks compare only as far as their rho is alike.',
    invariant: invariances.similarity,
    compute: ({ complexityPerClass, statistics }) =>
      complexityPerClass === undefined
        ? undefinedBecause('the geometric complexity of the classes was not measured')
        : geometricCollapse(complexityPerClass, statistics),
  },
  {
    key: 'geometricCollapseDirectional',
    label: 'directional geometric collapse',
    unit: '1 / input²',
    logarithmic: true,
    inReport: true,
    meaning: "mean over ordered pairs of E_i ||J' u_ij||^2 / ||mu_i - mu_j||^2",
    source: 'ours',
    needs: needs.pairProducts,
    ofTransfer:
      'Bounds directional CDNV up to the unknown constant rho; its relation to transfer has not been published.',
    invariant: invariances.similarity,
    compute: ({ directionalCollapse: found = undefinedBecause('it was not measured') }) =>
      'value' in found ? found.value : found,
  },
  ...collapseRows,
  ...geometryRows,
  ...transferRows,
] as const satisfies readonly Measure[];

export type MeasureKey = (typeof measureRows)[number]['key'];
