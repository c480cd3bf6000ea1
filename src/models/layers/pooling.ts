import { add, maskByPositive } from '../../backend/kernels/pointwise.ts';
import {
  globalAveragePool,
  globalAveragePoolGradient,
  maxPool,
  maxPoolGradient,
  maxPoolTangent,
} from '../../backend/kernels/pooling.ts';
import { alias, dispose } from '../../backend/tensor.ts';
import type { LayerOfKind } from '../network.ts';
import type { Operation } from './operation.ts';

export const maxPoolOperation: Operation<LayerOfKind<'maxPool'>> = {
  keeps: () => ({ inputs: [0], output: true }),
  forward: ({ geometry }, [x]) => ({ output: maxPool(x!, geometry) }),
  finishesInput: true,
  backward: ({ geometry }, gradient, { inputs, output }, { finishing: { addend, mask, slope } }) => {
    if (!addend) return [maxPoolGradient(gradient, inputs[0]!, output!, geometry, mask !== null, slope)];
    const dx = maxPoolGradient(gradient, inputs[0]!, output!, geometry);
    const whole = add(dx, addend);
    const finished = mask ? maskByPositive(whole, mask, slope) : alias(whole);
    dispose(dx, whole);
    return [finished];
  },
  tangent: ({ geometry }, [tangent], { inputs, output }) =>
    maxPoolTangent(tangent!, inputs[0]!, output, geometry),
  tangentBackward: ({ geometry }, gradient, _tangents, { inputs, output }) => [
    maxPoolGradient(gradient, inputs[0]!, output, geometry),
  ],
};

export const globalAveragePoolOperation: Operation<LayerOfKind<'globalAveragePool'>> = {
  keeps: () => ({ inputs: [], output: false }),
  forward: (_layer, [x]) => ({ output: globalAveragePool(x!) }),
  backward: (_layer, gradient, { inputShapes, inputTypes }) => [
    globalAveragePoolGradient(gradient, {
      shape: [gradient.shape[0]!, ...inputShapes[0]!.slice(1)],
      dtype: inputTypes[0]!,
    }),
  ],
  tangent: (_layer, [tangent]) => globalAveragePool(tangent!),
  tangentBackward: (_layer, gradient, [tangent]) => [globalAveragePoolGradient(gradient, tangent!)],
};
