import type { Network, Shape } from './network.ts';

/** What a config says of a network besides its name: its `model` block, where these keys mean the same. */
export interface ModelOptions {
  /** Channels of the first stage. */
  readonly width: number;
  readonly stem: 'cifar' | 'imagenet';
  readonly batchNorm: boolean;
}

/** Keys that only some networks take, with the value that all of them take. */
export const standard = { stem: 'cifar', batchNorm: true } as const satisfies Partial<ModelOptions>;
export type OwnKey = keyof typeof standard;

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
}
