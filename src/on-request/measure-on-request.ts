import type { Precision } from '../backend/precision.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { measureDefaults } from '../config/measure-schema.ts';
import type { ImageSet, Normalization } from '../data/image-set.ts';
import { type Bounds, boundsOf } from '../measures/bound.ts';
import { cdnvMatrix, geometricCollapseMatrix } from '../measures/cdnv.ts';
import { classStatistics } from '../measures/class-statistics.ts';
import { directionalMatrix } from '../measures/directional.ts';
import { chooseProbes } from '../measures/geometric-complexity/choose-probes.ts';
import {
  type ComplexityOptions,
  geometricComplexity,
} from '../measures/geometric-complexity/geometric-complexity.ts';
import { type MeasuredSplit, measureSplit } from '../measures/measure-split.ts';
import { isDefined } from '../measures/measured.ts';
import { poincareFloor } from '../measures/poincare-floor.ts';
import type { GeometricComplexityRecord, NeuralCollapseRecord } from '../measures/record.ts';
import { classifierOf } from '../models/classifier.ts';
import { type InferenceModel, inferenceModel } from '../models/inference-model.ts';
import { type Pooling, pooledModel, poolingFor } from '../models/pooled-outputs.ts';
import { defaultPairs } from '../pipeline/measure-layers.ts';
import { pathFlatness } from '../training/path-flatness.ts';
import type { CheckpointSet } from './checkpoint-set.ts';
import { exactSeconds } from './exact-cost.ts';

export interface MeasureRequest extends Omit<ComplexityOptions, 'examples' | 'probes'> {
  readonly examples?: number;
  /** 1 where absent; with a relative error, as many as a pilot finds best. */
  readonly probes?: number;
  readonly precision: Precision;
  /** Of a layer that is a feature map: its mean over positions, or the map as it is (where absent). */
  readonly pooling?: Pooling;
  /** Other classes per example for directional geometric collapse: 2 where absent, all with the exact estimator; 0 for none. */
  readonly directionalPairs?: number;
  readonly rho?: number;
}

const { estimator, probeSpace, distribution, share, inputSpace, seed } = measureDefaults;

/** What is measured where nothing else is asked for. */
export const defaultRequest = {
  ...{ estimator, probeSpace, distribution, share, inputSpace, seed },
  layer: 'embedding',
  pooling: 'none',
  precision: 'float32',
} as const satisfies MeasureRequest;

/** What `gcnc measure --json` prints. */
export interface MeasureRecord {
  readonly checkpoint: string;
  readonly data: string;
  readonly split: string;
  /** How classes and the classifier's are known to be the same; null where they are not. */
  readonly classesMatchedBy: CheckpointSet['classesMatchedBy'];
  /** Classes that are called like classes that the network was trained on; null where those have no names. */
  readonly sharedClasses: number | null;
  /** Whether the data is what the network was trained on, to the last bit; null where it is other data by name, or unknown. */
  readonly dataMatchesTraining: boolean | null;
  /** Examples that collapse is measured on. */
  readonly examples: number;
  readonly dimension: number;
  readonly layer: string;
  /** `none` for a layer that is a vector. */
  readonly pooling: Pooling;
  /** Batch norm by its running statistics, no augmentation, no dropout. */
  readonly mode: 'inference';
  readonly loss: number | null;
  readonly accuracy: number | null;
  /** Of the training that made the checkpoint; null where it is not known. */
  readonly pathFlatness: number | null;
  readonly geometricComplexity: GeometricComplexityRecord;
  readonly neuralCollapse: NeuralCollapseRecord;
  readonly bound: Bounds;
  readonly cost: {
    readonly seconds: number;
    /** Jacobian products (vectors times Jacobian, or the reverse) a second. */
    readonly productsPerSecond: number;
    /** What the exact value over the whole split would take, from a trial of exact rows. */
    readonly exactSeconds: number;
  };
}

export interface MeasuredRequest extends MeasuredSplit {
  readonly record: MeasureRecord;
}

/** Measures one checkpoint on one set, in the way asked for. Throws InputError for a layer that the network lacks. */
export const measureOnRequest = async (
  { folder, network, weights, state, config }: Checkpoint,
  asked: CheckpointSet,
  request: MeasureRequest,
): Promise<MeasuredRequest> => {
  const { set, normalization, data, split, hasClassifier, dataMatchesTraining } = asked;
  const { classesMatchedBy, sharedClasses, noTransfer } = asked;
  const { precision, rho } = request;
  // Without a number of examples: as many as a relative error needs.
  const enough = request.relativeError === undefined ? measureDefaults.examples : set.labels.length;
  const isTraining = split === 'sourceTrain' && dataMatchesTraining === true;
  const pooling = poolingFor(network, request.layer, request.pooling);
  const unpooled = inferenceModel(network, weights, precision);
  const model = pooling === 'average' ? pooledModel(unpooled, [request.layer]) : unpooled;
  try {
    const probes = request.probes ?? (await probesFor(model, set, normalization, request));
    const complexity = { ...request, probes, examples: request.examples ?? enough };
    const measured = await measureSplit({
      set,
      normalization,
      model,
      classifier: hasClassifier ? classifierOf(network, weights) : null,
      noTransfer,
      complexity,
      batchSize: isTraining ? config.training.batchSize : undefined,
      directionalPairs:
        request.directionalPairs ?? (request.estimator === 'exact' ? set.classNames.length : defaultPairs),
    });
    const { loss, accuracy, geometricComplexity, neuralCollapse } = measured.measures;
    const record: MeasureRecord = {
      checkpoint: folder,
      data,
      split,
      classesMatchedBy,
      sharedClasses,
      dataMatchesTraining,
      examples: neuralCollapse.examples,
      dimension: geometricComplexity.dimension,
      layer: geometricComplexity.layer,
      pooling,
      mode: 'inference',
      loss,
      accuracy,
      pathFlatness: pathFlatness(state),
      geometricComplexity,
      neuralCollapse,
      bound: measuredBounds(measured, rho),
      cost: {
        ...costOf(measured),
        exactSeconds: await exactSeconds(model, set, normalization, complexity, measured.complexity),
      },
    };
    return { ...measured, record };
  } finally {
    unpooled.dispose();
  }
};

const pilot = { examples: 64, probes: 2 };

/** Reverse mode alone can share a forward pass between probes; in forward mode each probe takes its own. */
const probesFor = async (
  model: InferenceModel,
  set: ImageSet,
  normalization: Normalization,
  request: MeasureRequest,
): Promise<number> => {
  const { estimator, probeSpace, relativeError } = request;
  if (relativeError === undefined || estimator !== 'hutchinson' || probeSpace === 'input') return 1;
  const { relativeError: _, ...plain } = request;
  const { perExample } = await geometricComplexity(model, set, normalization, { ...plain, ...pilot });
  return chooseProbes(perExample, pilot.probes);
};

const measuredBounds = (
  { measures: { neuralCollapse }, complexity, embeddings }: MeasuredSplit,
  rho: number | undefined,
): Bounds => {
  const floor = poincareFloor(complexity, classStatistics(embeddings));
  return boundsOf(neuralCollapse, isDefined(floor) ? floor : null, rho ?? null);
};

const costOf = ({ complexity: { record, seconds } }: MeasuredSplit) => ({
  seconds,
  productsPerSecond: (record.examples * record.probes) / seconds,
});

/** One row per example that geometric complexity was measured on. */
export const perExampleRows = ({ complexity }: MeasuredSplit, { labels, classNames }: ImageSet) =>
  complexity.perExample.map(({ example, value, probeVariance }) => ({
    example,
    class: classNames[labels[example]!]!,
    squaredJacobianNorm: value,
    probeStandardError: probeVariance === null ? null : Math.sqrt(probeVariance),
  }));

/** One row per pair of classes; null where a quantity is undefined. */
export const pairRows = ({
  embeddings,
  complexity,
}: Pick<MeasuredSplit, 'embeddings'> & { readonly complexity: MeasuredSplit['complexity'] | null }) => {
  const statistics = classStatistics(embeddings);
  const variance = cdnvMatrix(statistics);
  const collapse = complexity === null ? null : geometricCollapseMatrix(complexity.perClass, statistics);
  const directional = directionalMatrix(embeddings, statistics);
  const { classNames } = statistics;
  const classes = classNames.length;
  return classNames.flatMap((first, i) =>
    classNames.slice(i + 1).map((second, offset) => {
      const at = i * classes + i + 1 + offset;
      return {
        first,
        second,
        cdnv: variance instanceof Float64Array ? variance[at]! : null,
        cdnvDirectional: directional instanceof Float64Array ? directional[at]! : null,
        cdnvDirectionalBack:
          directional instanceof Float64Array ? directional[(i + 1 + offset) * classes + i]! : null,
        geometricCollapse: collapse instanceof Float64Array ? collapse[at]! : null,
      };
    }),
  );
};
