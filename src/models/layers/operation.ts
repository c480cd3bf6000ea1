import type { Tensor } from '../../backend/tensor.ts';
import type { Layer, Shape } from '../network.ts';

/** What the layers of one pass share. Tensors that it hands out stay their owner's. */
export interface Pass {
  /** A weight in the type and layout that kernels take; float32 for batch norm and linear layers. */
  readonly weight: (name: string) => Tensor;
  /** Batch norm with the statistics of the batch, and dropout; else with the running statistics, and none. */
  readonly training: boolean;
  /** Takes the new running statistic of a batch norm layer. */
  readonly setStatistic: (name: string, value: Tensor) => void;
  /** Training seed and step: dropout's mask is a function of them and of its layer. */
  readonly seed: readonly [number, number];
}

/** What a layer's forward pass left for its backward pass. */
export interface Trace {
  /** Null where `keeps` says that the backward pass does not need them. */
  readonly inputs: readonly (Tensor | null)[];
  readonly output: Tensor | null;
  readonly saved: readonly Tensor[];
  /** Of each input, batch included. */
  readonly inputShapes: readonly Shape[];
  readonly inputTypes: readonly Tensor['dtype'][];
}

/** What is wanted of a backward pass. */
export interface BackwardPass extends Pass {
  /** Whether the incoming gradient is zero already where the layer's own ReLU is. */
  readonly isMasked: boolean;
  /** What an operation that `finishesInput` does to its first input's gradient before it stores it. */
  readonly finishing: Finishing;
  /** Whether anything before this layer needs a gradient. */
  readonly wantsInput: boolean;
  readonly wantsWeights: boolean;
  /** Takes the gradient of a weight, in its kernel's layout. */
  readonly setGradient: (name: string, gradient: Tensor) => void;
}

/** What else reaches an input's gradient: a term from another reader, and the mask of the ReLU whose output the input is. */
export interface Finishing {
  readonly addend: Tensor | null;
  readonly mask: Tensor | null;
  /** Of that ReLU. */
  readonly slope: number;
}

export const unfinished: Finishing = { addend: null, mask: null, slope: 0 };

/**
 * A kind of layer: its forward pass, its vector-Jacobian product (`backward`) and, in inference mode, its Jacobian-vector
 * product (`tangent`) with that one's own gradient. Outputs are new tensors, owned by the caller.
 */
export interface Operation<L extends Layer> {
  /** What `backward` reads of the forward pass: positions of inputs, and whether the output; the rest is freed early. */
  readonly keeps: (layer: L) => { readonly inputs: readonly number[]; readonly output: boolean };
  /** Whether `backward` takes up `finishing`, so that its first input's gradient is whole. */
  readonly finishesInput?: true;
  readonly forward: (layer: L, inputs: readonly Tensor[], pass: Pass) => Forward;
  /** Gradients of the inputs, null where not wanted. */
  readonly backward: (layer: L, gradient: Tensor, trace: Trace, pass: BackwardPass) => (Tensor | null)[];
  /** Directional derivative of the output along the inputs' tangents; `inputs` and `output` are the forward pass's. */
  readonly tangent: (layer: L, tangents: readonly Tensor[], primal: Primal, pass: Pass) => Tensor;
  /**
   * Gradients of a function of the output's tangent with respect to the inputs' tangents and, through `setGradient`, the
   * weights. The values themselves get none: these layers are linear between the kinks of ReLU and max-pool.
   */
  readonly tangentBackward: (
    layer: L,
    gradient: Tensor,
    tangents: readonly Tensor[],
    primal: Primal,
    pass: BackwardPass,
  ) => (Tensor | null)[];
}

export interface Forward {
  readonly output: Tensor;
  readonly saved?: readonly Tensor[];
}

/** A layer's inputs and output at the point around which a tangent is taken; their type may be wider than the tangents'. */
export interface Primal {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
}
