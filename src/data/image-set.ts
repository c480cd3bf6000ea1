/** A labelled set of images, as bytes. */
export interface ImageSet {
  /** Name for records, for example `cifar-100/test`. */
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** [examples, height, width, channels], row-major, 0 to 255. */
  readonly images: Uint8Array;
  /** Index into `classNames`, one per example. */
  readonly labels: Int32Array;
  readonly classNames: readonly string[];
  /** Where nobody named the classes: each is called by its label. */
  readonly hasNumberedClasses?: boolean | undefined;
}

/** Per-channel constants of pixels scaled to [0,1]: the network is fed (pixel / 255 - mean) / std. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * What a study needs of a data set. `sourceTrain` and `sourceTest` share classes and label numbers; `validation` and
 * `target` hold the held-out classes (null where the split is `none`), each numbered from 0.
 */
export interface StudyData {
  readonly name: string;
  readonly split: string;
  readonly normalization: Normalization;
  readonly sourceTrain: ImageSet;
  readonly sourceTest: ImageSet;
  readonly validation: ImageSet | null;
  readonly target: ImageSet | null;
  /** SHA-256 over the images and labels used, hex. */
  readonly checksum: string;
}

export const exampleCount = (set: ImageSet): number => set.labels.length;
export const pixelsPerImage = (set: ImageSet): number => set.height * set.width * set.channels;
