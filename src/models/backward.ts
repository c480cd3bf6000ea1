import { add } from '../backend/kernels/pointwise.ts';
import { dispose, type Tensor } from '../backend/tensor.ts';
import { consumersOf, releaseTape, type Tape } from './forward.ts';
import { type Finishing, type Pass, unfinished } from './layers/operation.ts';
import { operationOf } from './layers/table.ts';
import type { Layer, Network } from './network.ts';

export interface BackwardOptions {
  /** Layers whose weights get gradients. */
  readonly trains: (layer: Layer) => boolean;
  /** Takes each weight's gradient, in its kernel's layout and type; its owner then. */
  readonly setGradient: (name: string, gradient: Tensor) => void;
  /** Whether the gradient of the image is wanted. */
  readonly wantsImage: boolean;
  /** Keeps the tape for another backward pass, instead of freeing each part after its last use. */
  readonly keepTape?: boolean;
}

/** Whether a gradient has to reach each node: it is trained, or something before it is. */
export const reached = (
  network: Network,
  { trains, wantsImage }: Pick<BackwardOptions, 'trains' | 'wantsImage'>,
): readonly boolean[] => {
  const result: boolean[] = [];
  for (const { layer, inputs } of network.nodes)
    result.push(trains(layer) || inputs.some((input) => (input < 0 ? wantsImage : result[input]!)));
  return result;
};

/**
 * Vector-Jacobian product: from the gradient of the tape's output `from` (disposed of here) to the weights' gradients and,
 * where wanted, the image's, which is returned. In inference mode the gradient may be of several outputs at once, [k n, ...] over a tape of n
 * images: row r n + i belongs to image i, and there is a gradient of the image for each.
 */
export const backward = (
  tape: Tape,
  from: string,
  gradient: Tensor,
  pass: Pass,
  options: BackwardOptions,
): Tensor | null => {
  const { network, image, outputs, saved, forms } = tape;
  const needs = reached(network, options);
  const readers = consumersOf(network);
  const gradients: (Tensor | null)[] = network.nodes.map(() => null);
  const isMasked: boolean[] = [];
  let imageGradient: Tensor | null = null;
  const last = network.outputs[from]!;
  gradients[last] = gradient;
  for (let index = last; index >= 0; index--) {
    const { layer, inputs } = network.nodes[index]!;
    const incoming = gradients[index];
    gradients[index] = null;
    if (incoming && needs[index]) {
      const trace = {
        inputs: inputs.map((input) => (input < 0 ? image : outputs[input]!)),
        output: outputs[index]!,
        saved: saved[index]!,
        inputShapes: inputs.map((input) => (input < 0 ? image : forms[input]!).shape),
        inputTypes: inputs.map((input) => (input < 0 ? image : forms[input]!).dtype),
      };
      const operation = operationOf(layer);
      const first = inputs[0]!;
      const finishes = operation.finishesInput === true && first >= 0 && needs[first]!;
      const finishing = finishes
        ? finishingOf(tape, gradients[first]!, first, isLastTerm(readers[first]!, index))
        : unfinished;
      const made = operation.backward(layer, incoming, trace, {
        ...pass,
        wantsInput: inputs.some((input) => (input < 0 ? options.wantsImage : needs[input]!)),
        wantsWeights: options.trains(layer),
        setGradient: options.setGradient,
        isMasked: isMasked[index] ?? false,
        finishing,
      });
      if (finishes) {
        dispose(finishing.addend);
        gradients[first] = null;
        isMasked[first] = finishing.mask !== null;
      }
      for (const [position, input] of inputs.entries())
        if (input < 0) imageGradient = sum(imageGradient, made[position]!);
        else if (needs[input]) gradients[input] = sum(gradients[input]!, made[position]!);
        else dispose(made[position]);
    }
    dispose(incoming);
    if (!options.keepTape) releaseNode(tape, index);
  }
  if (!options.keepTape) releaseTape(tape);
  return imageGradient;
};

/** Whether nothing is added to a node's gradient after what this reader finishes: no earlier reader's term, nor its own as a shortcut. */
const isLastTerm = (readers: readonly number[], reader: number): boolean =>
  readers[0] === reader && readers[1] !== reader;

/** What is known already of a node's gradient when one of its readers is at work; its mask, if that reader is the last to come. */
const finishingOf = (
  { network, outputs }: Tape,
  addend: Tensor | null,
  node: number,
  isWhole: boolean,
): Finishing => {
  const { layer } = network.nodes[node]!;
  const masks = isWhole && layer.kind === 'convolution' && layer.finish?.relu;
  return masks ? { addend, mask: outputs[node]!, slope: layer.finish.slope ?? 0 } : { ...unfinished, addend };
};

/** The sum of two gradients of one tensor, each disposed of; either may be missing. */
export const sum = (a: Tensor | null, b: Tensor | null): Tensor | null => {
  if (!a || !b) return a ?? b;
  const total = add(a, b);
  dispose(a, b);
  return total;
};

/** No node before this one reads its output. */
const releaseNode = ({ outputs, saved }: Tape, index: number): void => {
  dispose(outputs[index], ...saved[index]!);
  outputs[index] = null;
  saved[index] = [];
};
