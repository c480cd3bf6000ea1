import { shortSha256 } from '../files/short-sha256.ts';
import type { Embeddings } from '../measures/embeddings.ts';

/** The images that a network was fed. */
export interface ImagesIdentity {
  /** Digest of their bytes, without the normalisation: networks that normalise differently see the same images. */
  readonly digest: string;
  /** Their size and how they came to it. Images of another form can be the same ones, resized. */
  readonly form: string;
}

/** What examples are, so that it can be seen whether two evaluations had the same ones. */
export interface ExamplesIdentity {
  /** Digest of the class names in their order. */
  readonly classes: string;
  /** Whether the names are numbers only, as those of embeddings without names are. */
  readonly isNumbered: boolean;
  /** Digest of the labels in the order of the examples. */
  readonly labels: string;
}

export const examplesIdentity = ({
  classNames,
  labels,
}: Pick<Embeddings, 'classNames' | 'labels'>): ExamplesIdentity => ({
  classes: shortSha256(JSON.stringify(classNames.map((name) => name.normalize('NFC')))),
  isNumbered: classNames.every((name) => /^\d+$/.test(name)),
  labels: shortSha256(labels.join()),
});
