import type { ConvolutionGeometry } from '../backend/kernels/convolution-contract.ts';
import type { PoolingGeometry } from '../backend/kernels/pooling.ts';
import { sizeOf } from '../backend/tensor.ts';
import { InputError } from '../input-error.ts';

/** One operation of a network. Layers with a `name` own weights, called `<name>.weight` and so on as in torchvision. */
export type Layer =
  | ConvolutionLayer
  | BatchNormLayer
  | ReluLayer
  | { readonly kind: 'add' }
  | { readonly kind: 'maxPool'; readonly geometry: PoolingGeometry }
  | { readonly kind: 'globalAveragePool' }
  | { readonly kind: 'flatten' }
  | { readonly kind: 'dropout'; readonly share: number; readonly index: number }
  | DropBlockLayer
  | LinearLayer;

/** x where it is positive, `slope` x elsewhere: 0, plain ReLU, where absent. */
export interface ReluLayer {
  readonly kind: 'relu';
  readonly slope?: number;
}

/** Blocks of a feature map's channels that training sets to 0: src/models/layers/drop-block.ts. */
export interface DropBlockLayer {
  readonly kind: 'dropBlock';
  /** Share of values that are left out, at the end of the ramp. */
  readonly rate: number;
  /** Side of a block. */
  readonly size: number;
  /** Steps over which the share rises from 0. */
  readonly rampSteps: number;
  /** Tells layers of one network apart. */
  readonly index: number;
}

/** What a layer does to its output before it stores it: relu(output + its second input), each where it is set. */
export interface Finish {
  readonly shortcut: boolean;
  readonly relu: boolean;
  /** Of the ReLU; 0 where absent. */
  readonly slope?: number;
}

export interface ConvolutionLayer {
  readonly kind: 'convolution';
  readonly name: string;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly geometry: ConvolutionGeometry;
  readonly bias: boolean;
  readonly finish?: Finish;
}

export interface BatchNormLayer {
  readonly kind: 'batchNorm';
  readonly name: string;
  readonly channels: number;
  readonly finish?: Finish;
}

export interface LinearLayer {
  readonly kind: 'linear';
  readonly name: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Before training: uniform within 1/sqrt(in), PyTorch's default, where absent; normal has deviation 0.01 and biases 0. */
  readonly initial?: 'normal';
}

export type LayerOfKind<Kind extends Layer['kind']> = Extract<Layer, { readonly kind: Kind }>;

/** A layer and where its inputs come from: indices of earlier nodes, or -1 for the image. */
export interface Node {
  readonly layer: Layer;
  readonly inputs: readonly number[];
}

/** [height, width, channels] of an image or feature map, or [features]. */
export type Shape = readonly number[];

/** A directed acyclic graph in an order in which it can be computed. */
export interface Network {
  readonly nodes: readonly Node[];
  readonly imageShape: Shape;
  /** Shape of each node's output, for one example. */
  readonly shapes: readonly Shape[];
  /** Nodes that can be asked for by name: `embedding` (what the classifier sees), `logits`, and each stage. */
  readonly outputs: Readonly<Record<string, number>>;
}

/** Throws InputError for an output that the network lacks. */
export const requireOutput = ({ outputs }: Network, name: string): void => {
  if (!Object.hasOwn(outputs, name))
    throw new InputError(`layer ${name} is not one of this network's: ${Object.keys(outputs).join(', ')}`);
};

/** Number of features of a named output of one example. */
export const outputSize = (network: Network, name: string): number =>
  sizeOf(network.shapes[network.outputs[name]!]!);

/** The part of the network that a named output depends on; the node of that output is its last. */
export const upTo = (network: Network, name: string): Network => {
  const last = network.outputs[name];
  if (last === undefined) throw new Error(`the network has no output ${name}`);
  const outputs = Object.entries(network.outputs).filter(([, node]) => node <= last);
  return {
    ...network,
    nodes: network.nodes.slice(0, last + 1),
    shapes: network.shapes.slice(0, last + 1),
    outputs: Object.fromEntries(outputs),
  };
};
