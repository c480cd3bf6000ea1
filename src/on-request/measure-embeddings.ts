import { expectShape, floats, readEmbeddingsFile } from '../fewshot/embeddings-file.ts';
import { formatShape } from '../formats/npy.ts';
import { readNpz } from '../formats/npz.ts';
import { InputError } from '../input-error.ts';
import { boundsOf } from '../measures/bound.ts';
import { lossAndAccuracy } from '../measures/cross-entropy.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import type { LinearClassifier } from '../measures/nearest-mean.ts';
import { neuralCollapse } from '../measures/neural-collapse.ts';
import { addRowProducts } from '../measures/row-products.ts';
import type { SourceLogits } from '../measures/transfer-scores/from-source-predictions.ts';
import type { MeasureRecord } from './measure-on-request.ts';

/** Embeddings made anywhere, with what the network that made them says of the examples. */
interface MeasuredFile {
  readonly embeddings: Embeddings;
  /** Over the same classes as the labels; null where the file has none. */
  readonly classifier: LinearClassifier | null;
  /** Over the classes that the network was trained on; null where the file has none. */
  readonly logits: SourceLogits | null;
}

type Nulled<T> = { readonly [K in keyof T]: T[K] | null };

/** What `gcnc measure EMBEDDINGS.npz --json` prints: the keys of a checkpoint's record, null where a network is needed. */
export type EmbeddingsRecord = ReturnType<typeof measureEmbeddings>['record'];

/** Everything that needs no Jacobian, of a file.npz and without TensorFlow. Throws InputError of one line. */
export function measureEmbeddings(path: string) {
  const started = performance.now();
  const { embeddings, classifier, logits } = readFile(path);
  const collapse = neuralCollapse(embeddings, {
    classifier: classifier ?? undefined,
    transfer: { logits },
  });
  const record = {
    checkpoint: null,
    data: path,
    split: null,
    classesMatchedBy: null,
    sharedClasses: null,
    dataMatchesTraining: null,
    examples: collapse.examples,
    dimension: embeddings.dimension,
    layer: null,
    pooling: null,
    mode: null,
    ...(classifier === null
      ? { loss: null, accuracy: null }
      : lossAndAccuracy(logitsOf(embeddings, classifier), embeddings.labels)),
    pathFlatness: null,
    geometricComplexity: null,
    neuralCollapse: collapse,
    bound: boundsOf(collapse, null, null),
    cost: { seconds: (performance.now() - started) / 1000, productsPerSecond: null, exactSeconds: null },
  } satisfies Nulled<Omit<MeasureRecord, 'cost'>> & { readonly cost: Nulled<MeasureRecord['cost']> };
  return { record, embeddings };
}

/** Beside what `readEmbeddingsFile` reads: `classifier_weight` [classes, d], `classifier_bias` [classes], `logits` [N, s]. */
function readFile(path: string): MeasuredFile {
  const { embeddings } = readEmbeddingsFile(path);
  const { dimension, labels, classNames } = embeddings;
  const arrays = readNpz(path, { only: ['classifier_weight', 'classifier_bias', 'logits'] });
  const finite = (name: string): Float32Array | Float64Array => {
    const values = floats(arrays.get(name)!, `${path}: ${name}`);
    const at = values.findIndex((value: number) => !Number.isFinite(value));
    if (at >= 0)
      throw new InputError(
        `${path}: ${name}: ${values[at]} at position ${at}; only finite numbers are allowed`,
      );
    return values;
  };
  const weight = arrays.get('classifier_weight');
  const bias = arrays.get('classifier_bias');
  const logits = arrays.get('logits');
  if (weight !== undefined)
    expectShape(weight, [classNames.length, dimension], `${path}: classifier_weight`, 'one row per class');
  if (bias !== undefined) {
    if (weight === undefined)
      throw new InputError(`${path}: classifier_bias: there is no classifier_weight beside it`);
    expectShape(bias, [classNames.length], `${path}: classifier_bias`, 'one per class');
  }
  const sources = logits?.shape[1] ?? 0;
  if (logits !== undefined) {
    const where = `${path}: logits`;
    if (logits.shape.length !== 2 || sources === 0)
      throw new InputError(
        `${where}: expected [N, classes of the source], found ${formatShape(logits.shape)}`,
      );
    expectShape(logits, [labels.length, sources], where, 'one row per embedding');
  }
  return {
    embeddings,
    classifier:
      weight === undefined
        ? null
        : {
            values: finite('classifier_weight'),
            bias: bias === undefined ? undefined : finite('classifier_bias'),
          },
    logits: logits === undefined ? null : { values: finite('logits'), classes: sources },
  };
}

/** [examples, classes]. */
function logitsOf(
  { values, labels, dimension }: Embeddings,
  { values: weights, bias }: LinearClassifier,
): Float64Array {
  const classes = weights.length / dimension;
  const logits = new Float64Array(labels.length * classes);
  const matrix = Float64Array.from(weights);
  for (let i = 0; i < labels.length; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    if (bias !== undefined) row.set(bias);
    addRowProducts(row, Float64Array.from(values.subarray(i * dimension, (i + 1) * dimension)), matrix);
  }
  return logits;
}
