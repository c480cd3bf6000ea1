import type { Decoded } from './decode-image.ts';
import type { ImageSet } from './image-set.ts';

/** Decodes the bytes of one image file; throws Error of one line where they are no image that is read. */
export type DecodeImage = (bytes: Uint8Array) => Promise<Decoded>;

export interface SourceOptions {
  /** Folder that holds the data sets' folders. */
  readonly dataFolder: string;
  /** Pixels per side, for sources that can make any size. */
  readonly imageSize?: number | undefined;
  /** Image folders: shorter side, in pixels, before the middle is cropped; the largest square is averaged where absent. */
  readonly resize?: number | undefined;
  /** Image folders: instead of `decodeImage`, for tests. */
  readonly decode?: DecodeImage | undefined;
  /** Folder for decoded images; none are kept where absent. */
  readonly cacheFolder?: string | undefined;
  /** Image folders: the files are listed, not read, and every image is black; for plans, which need numbers only. */
  readonly listOnly?: boolean | undefined;
}

/** Which classes a network is trained on, and which it never sees. */
export interface ClassSplit {
  readonly name: string;
  readonly source: readonly string[];
  readonly validation: readonly string[];
  readonly target: readonly string[];
}

/** `whole` is every example, in the data set's own order. */
export type Part = 'train' | 'test' | 'whole';

/** One data set, ready to be read; reading throws InputError of one line that names the file. */
export interface DataSource {
  readonly name: string;
  /** The class split that `data.split: auto` means. */
  readonly ownSplit: string;
  /** Instead of `ownSplit`, where the parts as they are stored have no class in common. */
  readonly ownClasses?: () => Promise<ClassSplit | null>;
  /** Folder or file it is read from; null where the program draws it. */
  readonly location: string | null;
  /** Whether the test part is the data set's own, or drawn from what comes without one (see `seededPart`). May throw as `load` does. */
  readonly testPart: () => 'stored' | 'drawn';
  /** Image files of any size, which are decoded and resized. */
  readonly hasImageFiles?: boolean;
  load(part: Part): Promise<ImageSet>;
}
