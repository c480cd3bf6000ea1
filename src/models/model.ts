import type { DropBlockLayer, Network, Shape } from './network.ts';

/** What a config says of a network besides its name: its `model` block, where these keys mean the same. */
export interface ModelOptions {
  /** Channels of the first stage. */
  readonly width: number;
  readonly stem: 'cifar' | 'imagenet';
  readonly batchNorm: boolean;
  /** Which convolution of a bottleneck has the stride: the 3x3 (v1.5, where absent) or the first 1x1 (v1). */
  readonly strides?: 'v1' | 'v1.5' | undefined;
  /** Sizes of linear layers with ReLU between the features and the classifier. */
  readonly hidden?: readonly number[] | undefined;
  /** Share of each hidden layer's values that training sets to 0. */
  readonly dropout?: number | undefined;
  readonly dropBlock?: DropBlockOptions | undefined;
}

/** Blocks of feature maps that training sets to 0: src/models/layers/drop-block.ts. */
export type DropBlockOptions = Pick<DropBlockLayer, 'rate' | 'size' | 'rampSteps'>;

/** What networks are that do not take these keys. */
export const standard = { stem: 'cifar', batchNorm: true } as const satisfies Partial<ModelOptions>;

/** Keys that only some networks take; those without a standard value are left out elsewhere. */
export const ownKeys = [
  'stem',
  'batchNorm',
  'strides',
  'hidden',
  'dropout',
  'dropBlock',
] as const satisfies readonly (keyof ModelOptions)[];
export type OwnKey = (typeof ownKeys)[number];

/** Tensors' shapes by name, of a file of weights. */
export type StoredShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** A row of src/models/models.ts: all that the program knows of one network. */
export interface Model {
  /** Its family's name, as people write it. */
  readonly family: string;
  /** Keys that it takes, and what they mean for its family. */
  readonly takes: Readonly<Partial<Record<OwnKey, string>>>;
  /** The layers, under the names of a public implementation. Throws InputError for options and images that do not fit. */
  readonly build: (options: ModelOptions, imageShape: Shape, classes: number) => Network;
  /** Name of the first convolution's filters. */
  readonly firstConvolution: string;
  /** The options that weights were made with; `first` is the first convolution's shape [out, in, height, width]. */
  readonly readOff: (stored: StoredShapes, first: readonly number[]) => ModelOptions;
  /** What shapes do not tell of the options read off, in words; null for nothing. */
  readonly assumed?: (options: ModelOptions) => string | null;
  /** Pixels per side that the weights were made for, where their shapes tell; null where not. */
  readonly sideOf?: (stored: StoredShapes, options: ModelOptions) => number | null;
  /** A change of what a network is, and how a config of before is known. */
  readonly changed?: {
    /** Keys that a run's config has written out since; empty where it has them. */
    readonly writtenOut: (options: ModelOptions) => Partial<ModelOptions>;
    /** What the network was where they are not. */
    readonly before: string;
  };
}
