import type { RunConfig } from '../../config/schema.ts';
import { classifierName } from '../../models/classifier.ts';
import { makeNetwork } from '../../models/models.ts';
import type { Network, Shape } from '../../models/network.ts';
import { type StateDict, weightSpecs } from '../../models/weights.ts';

/**
 * A network whose classifier tells `ways` classes apart: weights of zero there, which no seed decides, and the source's everywhere
 * before it.
 */
export const withNewClassifier = (
  model: RunConfig['model'],
  imageShape: Shape,
  weights: StateDict,
  ways: number,
): { readonly network: Network; readonly weights: StateDict } => {
  const network = makeNetwork(model, imageShape, ways);
  const head = classifierName(network);
  const own = weightSpecs(network).map(({ name, shape }) => {
    if (name !== `${head}.weight` && name !== `${head}.bias`) return [name, weights.get(name)!] as const;
    return [name, { shape, values: new Float32Array(shape.reduce((all, side) => all * side, 1)) }] as const;
  });
  return { network, weights: new Map(own) };
};
