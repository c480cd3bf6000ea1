import {
  globalAveragePool,
  globalAveragePoolGradient,
  maxPool,
  maxPoolGradient,
  maxPoolTangent,
} from '../../backend/kernels/pooling.ts';
import type { LayerOfKind } from '../network.ts';
import type { Operation } from './operation.ts';

export const maxPoolOperation: Operation<LayerOfKind<'maxPool'>> = {
  keeps: { inputs: true, output: true },
  forward: ({ geometry }, [x]) => ({ output: maxPool(x!, geometry) }),
  backward: ({ geometry }, gradient, { inputs, output }) => [
    maxPoolGradient(gradient, inputs[0]!, output!, geometry),
  ],
  tangent: ({ geometry }, [tangent], { inputs, output }) =>
    maxPoolTangent(tangent!, inputs[0]!, output, geometry),
  tangentBackward: ({ geometry }, gradient, _tangents, { inputs, output }) => [
    maxPoolGradient(gradient, inputs[0]!, output, geometry),
  ],
};

export const globalAveragePoolOperation: Operation<LayerOfKind<'globalAveragePool'>> = {
  keeps: { inputs: false, output: false },
  forward: (_layer, [x]) => ({ output: globalAveragePool(x!) }),
  backward: (_layer, gradient, { inputShapes, inputTypes }) => [
    globalAveragePoolGradient(gradient, { shape: inputShapes[0]!, dtype: inputTypes[0]! }),
  ],
  tangent: (_layer, [tangent]) => globalAveragePool(tangent!),
  tangentBackward: (_layer, gradient, [tangent]) => [globalAveragePoolGradient(gradient, tangent!)],
};
