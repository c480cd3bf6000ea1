import { type CheckpointState, hasClassNames, noClassifier } from '../checkpoint/checkpoint.ts';
import type { ImageSet } from '../data/image-set.ts';

/** The classes of a run's own images. */
export interface OwnClasses extends Pick<ImageSet, 'classNames' | 'hasNumberedClasses'> {
  /** The study's, where it is known: numbers tell its classes with certainty where the checkpoint's is the same. */
  readonly checksum: string | null;
}

/**
 * Whether a run keeps the classifier of its first weights, as it does for the same classes in the same order, and why in words.
 * Classes without names are called by their numbers: those of data without names are called so too.
 */
export const classifierTaken = (
  state: CheckpointState,
  { classNames, hasNumberedClasses, checksum }: OwnClasses,
): { readonly isKept: boolean; readonly said: string } => {
  const its = state.classNames;
  const isNamed = hasClassNames(state) && !hasNumberedClasses;
  if (its.length === classNames.length && its.every((name, at) => name === classNames[at]))
    return {
      isKept: true,
      said:
        isNamed || (checksum !== null && state.dataChecksum === checksum)
          ? `kept: its ${its.length} classes are the run's`
          : `kept: its ${its.length} classes are taken for the run's by number alone, as ${hasNumberedClasses ? "the run's have no names; class_names of a .npz name them" : 'they have no names; --class-names of gcnc import names them'}`,
    };
  const anew = (why: string) => ({ isKept: false, said: `drawn anew: ${why}` });
  if (its.length === 1 && its[0] === noClassifier) return anew('the checkpoint has none');
  if (its.length !== classNames.length)
    return anew(`the checkpoint has ${its.length} classes and the run ${classNames.length}`);
  if (its.every((name) => classNames.includes(name)))
    return anew("the checkpoint's classes are the run's in another order");
  const at = its.findIndex((name, index) => name !== classNames[index]);
  return hasClassNames(state)
    ? anew(`class ${at} is ${its[at]} in the checkpoint and ${classNames[at]} in the run`)
    : anew(
        "the checkpoint's classes have no names and the run's have; --class-names of gcnc import names them",
      );
};
