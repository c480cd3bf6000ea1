import { dropoutMask } from '../../backend/kernels/dropout.ts';
import { add, maskByPositive, relu } from '../../backend/kernels/pointwise.ts';
import { alias } from '../../backend/tensor.ts';
import type { LayerOfKind } from '../network.ts';
import { masked } from './drop-block.ts';
import { maskSeed } from './mask-seed.ts';
import type { Operation } from './operation.ts';

export const reluOperation: Operation<LayerOfKind<'relu'>> = {
  keeps: () => ({ inputs: [], output: true }),
  forward: ({ slope }, [x]) => ({ output: relu(x!, slope) }),
  backward: ({ slope }, gradient, { output }) => [maskByPositive(gradient, output!, slope)],
  tangent: ({ slope }, [tangent], { output }) => maskByPositive(tangent!, output, slope),
  tangentBackward: ({ slope }, gradient, _tangents, { output }) => [maskByPositive(gradient, output, slope)],
};

export const addOperation: Operation<LayerOfKind<'add'>> = {
  keeps: () => ({ inputs: [], output: false }),
  forward: (_layer, [a, b]) => ({ output: add(a!, b!) }),
  backward: (_layer, gradient) => [alias(gradient), alias(gradient)],
  tangent: (_layer, [a, b]) => add(a!, b!),
  tangentBackward: (_layer, gradient) => [alias(gradient), alias(gradient)],
};

export const dropoutOperation: Operation<LayerOfKind<'dropout'>> = {
  keeps: () => ({ inputs: [], output: false }),
  forward: (layer, [x], { training, seed }) => {
    if (!training) return { output: alias(x!) };
    const mask = dropoutMask(x!.shape, layer.share, maskSeed(seed, layer));
    return { output: masked(x!, mask), saved: [mask] };
  },
  backward: (_layer, gradient, { saved: [mask] }) => [mask ? masked(gradient, mask) : alias(gradient)],
  tangent: (_layer, [tangent]) => alias(tangent!),
  tangentBackward: (_layer, gradient) => [alias(gradient)],
};
