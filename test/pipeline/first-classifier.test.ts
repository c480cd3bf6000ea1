import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CheckpointState, noClassifier } from '../../src/checkpoint/checkpoint.ts';
import { classifierTaken } from '../../src/pipeline/first-classifier.ts';

const of = (classNames: readonly string[], classNamesGiven: boolean) =>
  ({ classNames, classNamesGiven, dataChecksum: null }) as CheckpointState;

describe('the classifier of the checkpoint that a run starts from', () => {
  for (const [what, state, classNames, isKept, said] of [
    ['the same classes', of(['a', 'b'], true), ['a', 'b'], true, /^kept: its 2 classes are the run's$/],
    [
      'numbers that nobody gave',
      of(['0', '1'], false),
      ['0', '1'],
      true,
      /^kept: .* are taken for the run's by number alone, as they have no names; --class-names/,
    ],
    [
      'names in the run alone',
      of(['0', '1'], false),
      ['a', 'b'],
      false,
      /^drawn anew: the checkpoint's classes have no names and the run's have/,
    ],
    ['another number', of(['a', 'b'], true), ['a'], false, /^drawn anew: .* has 2 classes and the run 1$/],
    ['another order', of(['a', 'b'], true), ['b', 'a'], false, /^drawn anew: .* in another order$/],
    [
      'other names',
      of(['a', 'b'], true),
      ['a', 'c'],
      false,
      /^drawn anew: class 1 is b .* and c in the run$/,
    ],
    ['no classifier', of([noClassifier], false), ['a', 'c'], false, /^drawn anew: the checkpoint has none$/],
  ] as const)
    it(`${isKept ? 'is kept' : 'is drawn anew'}, with a reason: ${what}`, () => {
      const taken = classifierTaken(state, { classNames, checksum: 'abc' });
      assert.equal(taken.isKept, isKept);
      assert.match(taken.said, said);
    });

  it("is kept by number alone where the run's data have numbers, but where they are the checkpoint's own data", () => {
    const numbers = { classNames: ['0', '1'], hasNumberedClasses: true, checksum: 'abc' };
    const trained = { ...of(['0', '1'], false), dataChecksum: 'abc' };
    assert.equal(classifierTaken(trained, numbers).said, "kept: its 2 classes are the run's");
    for (const state of [{ ...trained, dataChecksum: 'def' }, of(['0', '1'], true)])
      assert.match(
        classifierTaken(state, numbers).said,
        /^kept: its 2 classes are taken for the run's by number alone, as the run's have no names; class_names of a .npz/,
      );
  });
});
