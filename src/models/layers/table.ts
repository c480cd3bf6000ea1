import type { Layer, LayerOfKind } from '../network.ts';
import { batchNormOperation } from './batch-norm.ts';
import { convolutionOperation } from './convolution.ts';
import { dropBlockOperation } from './drop-block.ts';
import { flattenOperation, linearOperation } from './linear.ts';
import type { Operation } from './operation.ts';
import { addOperation, dropoutOperation, reluOperation } from './pointwise.ts';
import { globalAveragePoolOperation, maxPoolOperation } from './pooling.ts';

const operations: { readonly [Kind in Layer['kind']]: Operation<LayerOfKind<Kind>> } = {
  convolution: convolutionOperation,
  batchNorm: batchNormOperation,
  relu: reluOperation,
  add: addOperation,
  maxPool: maxPoolOperation,
  globalAveragePool: globalAveragePoolOperation,
  flatten: flattenOperation,
  dropout: dropoutOperation,
  dropBlock: dropBlockOperation,
  linear: linearOperation,
};

/** The operation of a layer's kind; the table pairs them, so the one cast here is safe. */
export const operationOf = (layer: Layer): Operation<Layer> =>
  operations[layer.kind] as unknown as Operation<Layer>;
