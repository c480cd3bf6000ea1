import { heldOut } from '../data/holdout.ts';
import { InputError } from '../input-error.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import { examplesByClass } from './predict.ts';

export interface TestPart {
  /** 1 for the examples that a probe is tested on, 0 for those it is trained on. */
  readonly isTest: Uint8Array;
  /** Whose choice that was, for the output. */
  readonly origin: string;
}

/**
 * Which examples a probe on all training examples is tested on: those that the data set marks as its own test part, else one
 * sixth of each class, drawn with the seed. Throws InputError where a class has no example on one of the two sides.
 */
export function testPart(
  examples: Pick<Embeddings, 'labels' | 'classNames'>,
  marked: Uint8Array | null,
  seed: number,
): TestPart {
  const byClass = examplesByClass(examples);
  const { labels, classNames } = examples;
  const isTest = marked ?? new Uint8Array(labels.length);
  if (marked === null)
    byClass.forEach((members, c) => {
      for (const at of heldOut(members.length, classNames[c]!, seed)) isTest[members[at]!] = 1;
    });
  byClass.forEach((members, c) => {
    const tested = members.filter((example) => isTest[example] === 1).length;
    if (tested === 0 || tested === members.length)
      throw new InputError(
        `--shots all: class ${classNames[c]} has ${members.length - tested} training and ${tested} test examples; at least one of each is needed`,
      );
  });
  const origin =
    marked === null
      ? `one sixth of each class, drawn with the seed ${seed}`
      : "the data set's own test examples";
  return { isTest, origin };
}
