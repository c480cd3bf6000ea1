import type { ClassStatistics } from './class-statistics.ts';
import type { Embeddings } from './embeddings.ts';
import type { DirectionalCollapse } from './geometric-complexity/collapse-estimate.ts';
import type { Measured, Undefined } from './measured.ts';
import type { LinearClassifier } from './nearest-mean.ts';
import type { SourceLogits } from './transfer-scores/from-source-predictions.ts';

/** What is known of one split beside its embeddings; a measure that needs what is absent is undefined. */
export interface GivenInputs {
  /** The classifier over the same classes and embeddings, or why there is none. */
  readonly classifier?: LinearClassifier | Undefined | undefined;
  /** Geometric complexity over each class. */
  readonly complexityPerClass?: readonly (number | null)[] | undefined;
  /** It takes products with the Jacobian: see directional-complexity.ts. */
  readonly directionalCollapse?: DirectionalCollapse | Undefined | undefined;
  /** What the source's classifier says of classes that it was not trained on (null: not known); or why there is no transfer to them. */
  readonly transfer?: { readonly logits: SourceLogits | null } | Undefined | undefined;
  /** Images of a training batch, for measures inside batches. */
  readonly batchSize?: number | undefined;
}

/** What measures of one split's embeddings are computed from. */
export interface MeasureInputs extends GivenInputs {
  readonly embeddings: Embeddings;
  readonly statistics: ClassStatistics;
  /** Computes a thing that several measures share once. */
  readonly once: <T>(key: string, make: () => T) => T;
}

/** What measures cost, from the cheapest to the dearest; d is the dimension of the embedding. */
export const needs = {
  logits: "the source's logits",
  classStatistics: 'class statistics',
  onePass: 'class statistics, and the embeddings once more',
  spectrum: 'eigenvalues of the smaller Gram matrix of the embeddings',
  neighbours: 'distances of at most 1,000 embeddings',
  products: 'vector-Jacobian products: `measure.probes` per example (1); exact: d',
  pairProducts: 'vector-Jacobian products: `measure.directionalPairs` per example (2); exact: classes - 1',
} as const;

/** What most measures are invariant to. */
export const invariances = {
  similarity: { scale: true, rotation: true, shift: true },
  isometry: { scale: false, rotation: true, shift: true },
  linear: { scale: true, rotation: true, shift: false },
} as const;

/** How most measures are shown: without a unit, over decades, in exports and `gcnc measure` alone. */
export const ratio = { unit: null, logarithmic: true, inReport: false } as const;

/** One measure: its file computes it, its row here says what it is. All that lists measures is made from the rows. */
export interface Measure {
  /** In metrics.jsonl, `measure --json` and exports. */
  readonly key: string;
  readonly label: string;
  /** Null for a ratio without a unit. */
  readonly unit: string | null;
  /** Whether a logarithmic axis suits it: positive and over decades. */
  readonly logarithmic: boolean;
  /** One sentence or formula. */
  readonly meaning: string;
  readonly source: string;
  /** What it takes beside the forward pass. */
  readonly needs: (typeof needs)[keyof typeof needs];
  /** What it can and cannot say of transfer, in one sentence. */
  readonly ofTransfer: string;
  /** What may be done to the embeddings without changing it. */
  readonly invariant: { readonly scale: boolean; readonly rotation: boolean; readonly shift: boolean };
  /** Whether the report's figures and tables show it, or exports and `gcnc measure` alone. */
  readonly inReport: boolean;
  readonly compute: (inputs: MeasureInputs) => Measured;
}
