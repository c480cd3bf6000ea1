import { dispose, fromArray, readFloats, sizeOf, type Tensor } from '../../src/backend/tensor.ts';
import { backward } from '../../src/models/backward.ts';
import { downloadWeight, inferenceWeights } from '../../src/models/device-weights.ts';
import { forwardWithTape } from '../../src/models/forward.ts';
import type { Pass } from '../../src/models/layers/operation.ts';
import type { Network } from '../../src/models/network.ts';
import { forwardWithTangent, tangentGradient } from '../../src/models/tangent.ts';
import { type StateDict, weightSpecs } from '../../src/models/weights.ts';
import { formulaImages, uniform } from './formula.ts';

export type Values = Map<string, Float32Array>;

const uniformTensor = (name: string, shape: readonly number[]): Tensor =>
  fromArray(uniform(name, sizeOf(shape)), shape);

/** Copies a tensor's values under a name, and disposes of it. */
const take = (values: Values, name: string, tensor: Tensor): void => {
  values.set(name, readFloats(tensor).slice());
  dispose(tensor);
};

const weightTaker =
  (network: Network, values: Values, what: string) =>
  (name: string, gradient: Tensor): void => {
    const spec = weightSpecs(network).find((each) => each.name === name)!;
    values.set(`${what} of ${name}`, downloadWeight(spec, gradient).slice());
    dispose(gradient);
  };

/** Named outputs, and gradients of the weights and the image of a linear function of `from`. */
const valuesOfPass = (network: Network, image: Tensor, pass: Pass, from: string, values: Values): void => {
  const mode = pass.training ? 'training' : 'inference';
  const names = Object.keys(network.outputs);
  const { outputs, tape } = forwardWithTape(network, image, pass, names);
  const gradient = uniformTensor('cotangent', outputs[names.indexOf(from)]!.shape);
  for (const [i, name] of names.entries()) take(values, `${mode}: ${name}`, outputs[i]!);
  const imageGradient = backward(tape, from, gradient, pass, {
    trains: () => true,
    setGradient: weightTaker(network, values, `${mode}: gradient`),
    wantsImage: true,
  });
  take(values, `${mode}: gradient of the image`, imageGradient!);
};

/** Tangent of `to`, and the weights' gradients of a linear function of it. */
const valuesOfTangent = (network: Network, image: Tensor, pass: Pass, to: string, values: Values): void => {
  const direction = uniformTensor('direction', image.shape);
  const { output, tangent } = forwardWithTangent(network, image, direction, pass, to);
  const gradientOf = ({ shape }: Tensor): Tensor => uniformTensor('cotangent', shape);
  tangentGradient(network, image, direction, pass, to, gradientOf, {
    trains: () => true,
    setGradient: weightTaker(network, values, "tangent's gradient"),
  });
  dispose(direction, output);
  take(values, 'tangent', tangent);
};

/** Everything that is asked of a network anywhere: outputs, running statistics, gradients in both modes, tangents and theirs. */
export const derivatives = (network: Network, state: StateDict, examples: number, last: string): Values => {
  const values: Values = new Map();
  const weights = inferenceWeights(weightSpecs(network), state, 'float32');
  const image = fromArray(formulaImages(examples, network.imageShape), [examples, ...network.imageShape]);
  const training: Pass = {
    ...weights.pass,
    training: true,
    setStatistic: (name, value) => take(values, `training: ${name}`, value),
  };
  for (const pass of [training, weights.pass]) valuesOfPass(network, image, pass, last, values);
  valuesOfTangent(network, image, weights.pass, last, values);
  dispose(image);
  weights.dispose();
  return values;
};
