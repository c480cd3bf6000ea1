import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededPart } from '../../src/data/holdout.ts';
import { pixelsPerImage } from '../../src/data/image-set.ts';
import { measuredNormalization, normalizationOf, usableDeviation } from '../../src/data/normalization.ts';
import {
  concatenate,
  greyToColour,
  selectClasses,
  subsetPerClass,
  takeExamples,
} from '../../src/data/selection.ts';
import { InputError } from '../../src/input-error.ts';
import { numberedSet } from './small-sets.ts';

const set = numberedSet(60, ['a', 'b', 'c']);
const firstBytes = (of: typeof set) => Array.from(of.labels, (_, i) => of.images[i * pixelsPerImage(of)]!);

test('selected classes keep their order of images and are numbered by the order of the names', () => {
  const selected = selectClasses(set, ['c', 'a']);
  assert.deepEqual(selected.classNames, ['c', 'a']);
  assert.deepEqual(
    [...selected.labels],
    Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 1 : 0)),
  );
  const kept = Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 3 !== 1);
  assert.deepEqual(firstBytes(selected), firstBytes(takeExamples(set, kept)));
  assert.throws(
    () => selectClasses(set, ['aa']),
    new InputError('numbered has no class aa; did you mean a?'),
  );
});

test('a subset has perClass different images of each class, in order, and the seed decides which', () => {
  const subset = subsetPerClass(set, 5, 0);
  assert.deepEqual(
    [0, 1, 2].map((label) => subset.labels.filter((each) => each === label).length),
    [5, 5, 5],
  );
  const positions = firstBytes(subset).map((byte) => firstBytes(set).indexOf(byte));
  assert.deepEqual(
    positions,
    [...new Set(positions)].sort((x, y) => x - y),
  );
  assert.deepEqual(subsetPerClass(set, 5, 0), subset);
  assert.notDeepEqual(subsetPerClass(set, 5, 1).images, subset.images);
  assert.deepEqual(subsetPerClass(set, 20, 0), set);
});

test("a class's draw does not depend on the other classes", () => {
  const drawnThenSelected = selectClasses(subsetPerClass(set, 5, 0), ['b']);
  assert.deepEqual(subsetPerClass(selectClasses(set, ['b']), 5, 0), drawnThenSelected);
});

test('too few images of a class is an error that names it', () => {
  assert.throws(
    () => subsetPerClass(set, 21, 0),
    new InputError('data.perClass is 21, but class a of numbered has 20 images'),
  );
});

test('concatenation puts one after the other, and refuses what does not fit', () => {
  const both = concatenate(takeExamples(set, [0, 1]), takeExamples(set, [7]), 'both');
  assert.deepEqual(both, { ...takeExamples(set, [0, 1, 7]), name: 'both' });
  assert.throws(() => concatenate(set, numberedSet(3, ['a', 'b', 'd']), 'x'), InputError);
  assert.throws(
    () => concatenate(set, greyToColour(numberedSet(3, ['a', 'b', 'c'], { channels: 1, height: 5 })), 'x'),
    InputError,
  );
});

test('parts that are drawn are disjoint, complete and a sixth of each class', () => {
  const train = seededPart(set, 'train');
  const test = seededPart(set, 'test');
  assert.equal(train.labels.length + test.labels.length, 60);
  assert.deepEqual(
    [0, 1, 2].map((label) => test.labels.filter((each) => each === label).length),
    [3, 3, 3],
  );
  assert.deepEqual([...firstBytes(train), ...firstBytes(test)].sort(), [...firstBytes(set)].sort());
  assert.equal(seededPart(set, 'whole'), set);
});

test('grey becomes three equal channels', () => {
  const grey = numberedSet(2, ['a'], { channels: 1 });
  const colour = greyToColour(grey);
  assert.equal(colour.channels, 3);
  assert.deepEqual(
    [...colour.images],
    [...grey.images].flatMap((byte) => [byte, byte, byte]),
  );
  assert.equal(greyToColour(set), set);
});

test('normalisation is mean and population deviation of each channel', () => {
  const { mean, std } = measuredNormalization(set);
  for (let c = 0; c < 3; c++) {
    const values = [...set.images].filter((_, at) => at % 3 === c).map((byte) => byte / 255);
    const expectedMean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - expectedMean) ** 2, 0) / values.length;
    // Rounding of a thousand float64 terms.
    assert.ok(Math.abs(mean[c]! - expectedMean) < 1e-13);
    assert.ok(Math.abs(std[c]! - Math.sqrt(variance)) < 1e-13);
  }
  const flat = { ...set, images: new Uint8Array(set.images.length).fill(9) };
  assert.deepEqual(measuredNormalization(flat).std, [1, 1, 1]);
});

test('a channel that hardly varies is not blown up, and no black border lies further than 20 deviations away', () => {
  assert.equal(usableDeviation(0, 0.8, 0.3), 1);
  assert.equal(usableDeviation(0.004, 0.8, 0.3), 0.3);
  assert.equal(usableDeviation(0.02, 0.9, 0.021), 0.045);
  for (const own of [0.03, 0.1, 0.25]) assert.equal(usableDeviation(own, 0.4, 0.1), own);
});

test('known data sets have their official constants, repeated where grey became colour', () => {
  assert.deepEqual(normalizationOf('mnist', set), {
    mean: [0.1306605, 0.1306605, 0.1306605],
    std: [0.3081078, 0.3081078, 0.3081078],
  });
  // Folders may be called so.
  for (const name of ['numbered', 'imagenet', 'constructor'])
    assert.deepEqual(normalizationOf(name, set), measuredNormalization(set), name);
});
