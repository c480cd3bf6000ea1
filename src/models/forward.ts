import { alias, dispose, type Tensor } from '../backend/tensor.ts';
import type { Pass } from './layers/operation.ts';
import { operationOf } from './layers/table.ts';
import type { Layer, Network } from './network.ts';

/** What a forward pass leaves for backward passes: by node, null where it was freed. `image` stays its owner's. */
export interface Tape {
  readonly network: Network;
  readonly image: Tensor;
  readonly outputs: (Tensor | null)[];
  readonly saved: (readonly Tensor[])[];
  /** Shape and type of each output, also where it was freed. */
  readonly forms: readonly Pick<Tensor, 'shape' | 'dtype'>[];
}

/** Nodes that read each node's output. */
export const consumersOf = ({ nodes }: Network): readonly (readonly number[])[] => {
  const consumers: number[][] = nodes.map(() => []);
  for (const [index, { inputs }] of nodes.entries())
    for (const input of inputs) if (input >= 0) consumers[input]!.push(index);
  return consumers;
};

const keptOf = (layer: Layer) => operationOf(layer).keeps(layer);

/** Nodes whose outputs a backward pass reads. */
const keptNodes = (network: Network): readonly boolean[] =>
  consumersOf(network).map(
    (consumers, index) =>
      keptOf(network.nodes[index]!.layer).output ||
      consumers.some((consumer) => {
        const { layer, inputs } = network.nodes[consumer]!;
        return keptOf(layer).inputs.some((position) => inputs[position] === index);
      }),
  );

/**
 * Computes a network on images [n, h, w, c] in the type of its convolutions. Returns the named outputs, the caller's to
 * dispose of, and a tape for `backward`. Everything else is freed as soon as its last reader has run.
 */
export const forwardWithTape = (
  network: Network,
  image: Tensor,
  pass: Pass,
  wanted: readonly string[],
): { readonly outputs: readonly Tensor[]; readonly tape: Tape } => {
  const { outputs, tape } = compute(network, image, pass, wanted, keptNodes(network));
  return { outputs, tape };
};

/** As `forwardWithTape`, for inference: no tape. */
export const forward = (
  network: Network,
  image: Tensor,
  pass: Pass,
  wanted: readonly string[],
): readonly Tensor[] => {
  const { outputs, tape } = compute(network, image, pass, wanted, []);
  releaseTape(tape);
  return outputs;
};

const compute = (
  network: Network,
  image: Tensor,
  pass: Pass,
  wanted: readonly string[],
  kept: readonly boolean[],
) => {
  const lastReader = consumersOf(network).map((consumers) => consumers.at(-1) ?? -1);
  const values: (Tensor | null)[] = [];
  const saved: (readonly Tensor[])[] = [];
  const forms: Pick<Tensor, 'shape' | 'dtype'>[] = [];
  const results = new Map<string, Tensor>();
  for (const [index, { layer, inputs }] of network.nodes.entries()) {
    const given = inputs.map((input) => (input < 0 ? image : values[input]!));
    const made = operationOf(layer).forward(layer, given, pass);
    values.push(made.output);
    saved.push(made.saved ?? []);
    forms.push({ shape: made.output.shape, dtype: made.output.dtype });
    for (const name of wanted) if (network.outputs[name] === index) results.set(name, alias(made.output));
    for (const input of new Set([...inputs, index])) {
      if (input < 0 || kept[input] || Math.max(lastReader[input]!, input) !== index) continue;
      dispose(values[input]);
      values[input] = null;
    }
  }
  const tape: Tape = { network, image, outputs: values, saved, forms };
  return { outputs: wanted.map((name) => results.get(name)!), tape };
};

/** The same tape for backward passes whose gradients of feature maps are of another type. */
export const forGradientsOf = (tape: Tape, dtype: Tensor['dtype']): Tape => ({
  ...tape,
  forms: tape.forms.map((form) => (form.shape.length === 4 ? { ...form, dtype } : form)),
});

/** Frees what is left of a tape. */
export const releaseTape = ({ outputs, saved }: Tape): void => {
  dispose(...outputs);
  for (const tensors of saved) dispose(...tensors);
};
