import { cdnv, geometricCollapse } from './cdnv.ts';
import { cantelliBound, cdnvDirectional, directionalBound, directionalMatrix } from './directional.ts';
import { boundShots, fewShotBound } from './few-shot-bound.ts';
import { geometryRows } from './geometry-rows.ts';
import { cdnvInBatch } from './in-batch.ts';
import {
  nc2EquiangularStd,
  nc2Equinorm,
  nc2MaxAngle,
  nc3SelfDuality,
  simplexEtfError,
} from './mean-structure.ts';
import type { Measure, Stage } from './measure.ts';
import { classifierPredictions, nc4Disagreement } from './nearest-mean.ts';
import { undefinedBecause } from './quantity.ts';
import { nc1TraceRatio } from './trace-ratio.ts';
import { transferRows } from './transfer-scores/rows.ts';
import { nc1 } from './variability.ts';

const similarity = { scale: true, rotation: true, shift: true } as const;
const ratio = { unit: null, logarithmic: true, inReport: false } as const;
const pairs = ({ once, embeddings, statistics }: Stage) =>
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
    invariant: similarity,
    compute: ({ statistics }) => cdnv(statistics),
  },
  {
    key: 'cdnvBiasCorrected',
    label: 'CDNV, bias corrected',
    ...ratio,
    meaning: 'the same without the bias of finite samples',
    source: 'derived',
    invariant: similarity,
    compute: ({ statistics }) => cdnv(statistics, { biasCorrected: true }),
  },
  {
    key: 'cdnvInBatch',
    label: 'CDNV inside batches',
    ...ratio,
    meaning: 'mean over training batches of the CDNV of the batch: low by the bias of few images per class',
    source: 'Munn, Dherin, Gonzalvo 2024, reconstructed',
    invariant: similarity,
    compute: ({ embeddings, batchSize }) =>
      batchSize === undefined
        ? undefinedBecause('there is no training batch size')
        : cdnvInBatch(embeddings, batchSize),
  },
  {
    key: 'cdnvDirectional',
    label: 'directional CDNV',
    ...ratio,
    inReport: true,
    meaning: "mean over ordered pairs of u' Sigma_i u / ||mu_i - mu_j||^2, u the direction from mu_i to mu_j",
    source: 'Luthra, Salunkhe, Galanti 2026',
    invariant: similarity,
    compute: (stage) => cdnvDirectional(pairs(stage)),
  },
  {
    key: 'directionalBound',
    label: 'directional bound',
    ...ratio,
    meaning: '4 (k-1) directional CDNV, of the nearest-mean error; above 1 it says nothing',
    source: 'derived (Chebyshev)',
    invariant: similarity,
    compute: (stage) => directionalBound(pairs(stage)),
  },
  {
    key: 'cantelliBound',
    label: 'Cantelli bound',
    ...ratio,
    meaning: 'mean over i of min(1, sum_j V_ij / (V_ij + 1/4)), of the nearest-mean error',
    source: 'derived (Cantelli)',
    invariant: similarity,
    compute: (stage) => cantelliBound(pairs(stage)),
  },
  {
    key: 'fewShotBound',
    label: `few-shot bound, ${boundShots} shots`,
    ...ratio,
    meaning: `bound of the nearest-mean error with ${boundShots} supports per class, from variances, directional CDNV and fourth moments`,
    source: 'Luthra, Salunkhe, Galanti 2026, theorem 4.1',
    invariant: similarity,
    compute: (stage) => fewShotBound(stage.embeddings, stage.statistics, pairs(stage)),
  },
  {
    key: 'geometricCollapse',
    label: 'geometric collapse',
    unit: '1 / input²',
    logarithmic: true,
    inReport: true,
    meaning: 'mean over pairs of (GC_i + GC_j) / (2 ||mu_i - mu_j||^2)',
    source: 'Munn, Dherin, Gonzalvo 2024, reconstructed',
    invariant: similarity,
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
    invariant: similarity,
    compute: ({ directionalCollapse = undefinedBecause('it was not measured') }) => directionalCollapse,
  },
  {
    key: 'nc1',
    label: 'NC1',
    ...ratio,
    inReport: true,
    meaning: 'tr(S_W pinv(S_B)) / classes',
    source: 'Papyan, Han, Donoho 2020',
    invariant: similarity,
    compute: ({ embeddings, statistics }) => nc1(embeddings, statistics),
  },
  {
    key: 'nc1TraceRatio',
    label: 'NC1, quotient of traces',
    ...ratio,
    meaning: 'tr(S_W) / tr(S_B)',
    source: 'Hui, Belkin, Nakkiran 2022',
    invariant: similarity,
    compute: ({ statistics }) => nc1TraceRatio(statistics),
  },
  {
    key: 'nc2Equinorm',
    label: 'NC2 equinorm',
    ...ratio,
    meaning: 'std / mean of the lengths of the centred means',
    source: 'Papyan, Han, Donoho 2020',
    invariant: similarity,
    compute: ({ statistics }) => nc2Equinorm(statistics),
  },
  {
    key: 'nc2EquiangularStd',
    label: 'NC2 equiangular',
    ...ratio,
    meaning: 'std of their cosines',
    source: 'Papyan, Han, Donoho 2020',
    invariant: similarity,
    compute: ({ statistics }) => nc2EquiangularStd(statistics),
  },
  {
    key: 'nc2MaxAngle',
    label: 'NC2 to the simplex',
    ...ratio,
    meaning: 'mean |cos + 1/(classes - 1)|',
    source: 'Papyan, Han, Donoho 2020',
    invariant: similarity,
    compute: ({ statistics }) => nc2MaxAngle(statistics),
  },
  {
    key: 'simplexEtfError',
    label: 'simplex ETF error',
    ...ratio,
    meaning: 'as simplex_etf_error of rhubarbwu/neural-collapse',
    source: 'rhubarbwu/neural-collapse',
    invariant: similarity,
    compute: ({ statistics }) => simplexEtfError(statistics),
  },
  {
    key: 'nc3SelfDuality',
    label: 'NC3 self-duality',
    ...ratio,
    meaning: "distance of the classifier's weights from the means",
    source: 'Papyan, Han, Donoho 2020',
    invariant: { scale: true, rotation: false, shift: true },
    compute: ({ classifier, statistics }) =>
      'values' in classifier ? nc3SelfDuality(classifier.values, statistics) : classifier,
  },
  {
    key: 'nc4Disagreement',
    label: 'NC4 disagreement',
    unit: null,
    logarithmic: false,
    inReport: false,
    meaning: 'classifier against nearest mean, share of examples',
    source: 'Papyan, Han, Donoho 2020',
    invariant: { scale: false, rotation: false, shift: false },
    compute: ({ classifier, embeddings, statistics }) =>
      'values' in classifier
        ? nc4Disagreement(classifierPredictions(embeddings, classifier), embeddings, statistics)
        : classifier,
  },
  ...geometryRows,
  ...transferRows,
] as const satisfies readonly Measure[];

export type MeasureKey = (typeof measureRows)[number]['key'];
