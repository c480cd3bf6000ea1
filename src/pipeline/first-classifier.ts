import { type CheckpointState, hasClassNames, noClassifier } from '../checkpoint/checkpoint.ts';

/**
 * Whether a run keeps the classifier of its first weights, as it does for the same classes in the same order, and why in words.
 * Classes without names are called by their numbers: those of data without names are called so too.
 */
export const classifierTaken = (
  state: CheckpointState,
  classNames: readonly string[],
): { readonly isKept: boolean; readonly said: string } => {
  const its = state.classNames;
  if (its.length === classNames.length && its.every((name, at) => name === classNames[at]))
    return {
      isKept: true,
      said: hasClassNames(state)
        ? `kept: its ${its.length} classes are the run's`
        : `kept: its ${its.length} classes have no names, and are taken for the run's by number alone; --class-names of gcnc import names them`,
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
