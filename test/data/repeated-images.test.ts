import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ImageSet } from '../../src/data/image-set.ts';
import { warnOfRepeatedImages } from '../../src/data/repeated-images.ts';
import { concatenate, takeExamples } from '../../src/data/selection.ts';
import { diagnostics } from '../../src/diagnostics.ts';

/** Images of 4x4, each of its own bytes. */
const made = (count: number, from: number): ImageSet => ({
  ...{ name: 'made', height: 4, width: 4, channels: 1, classNames: ['a'] },
  images: Uint8Array.from({ length: 16 * count }, (_, i) =>
    i % 16 < 2 ? (from + Math.floor(i / 16)) >> (8 * (i % 16)) : 7,
  ),
  labels: new Int32Array(count),
});
const said = (context: TestContext, training: ImageSet, other: ImageSet | null): readonly unknown[] => {
  const warned = context.mock.method(diagnostics, 'warn', () => {});
  warnOfRepeatedImages(training, { other });
  const lines = warned.mock.calls.map(({ arguments: [line] }) => line);
  warned.mock.restore();
  return lines;
};

describe('images of a set that are among the training images', () => {
  const training = made(300, 0);

  it('are counted where they are a hundredth or more', (context) => {
    const line = (of: string) =>
      `other: ${of} images are byte for byte among the training images; results on these are no test`;
    assert.deepEqual(said(context, training, training), [line('300 of 300')]);
    const three = concatenate(made(297, 1000), takeExamples(training, [5, 7, 9]), 'some');
    assert.deepEqual(said(context, training, three), [line('3 of 300')]);
    const two = concatenate(made(298, 1000), takeExamples(training, [5, 7]), 'few');
    assert.deepEqual(said(context, training, two), []);
  });

  it('are none where sets share none, have another shape, or are not there', (context) => {
    assert.deepEqual(said(context, training, made(300, 1000)), []);
    assert.deepEqual(said(context, training, { ...training, height: 2, width: 8 }), []);
    assert.deepEqual(said(context, training, null), []);
  });
});
