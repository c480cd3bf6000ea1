import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDisjoint } from '../../src/fewshot/disjoint-episodes.ts';
import { episodeDigest } from '../../src/fewshot/episode-digest.ts';
import { formatEpisodes, parseEpisodes } from '../../src/fewshot/episode-file.ts';
import { drawEpisodes } from '../../src/fewshot/episodes.ts';
import { evaluateEpisodes } from '../../src/fewshot/evaluate.ts';
import type { Embeddings } from '../../src/measures/embeddings.ts';
import { randomStream } from '../../src/random/random.ts';
import { inputErrorOf } from '../config/scratch.ts';

const options = { ways: 5, shots: 2, queries: 3, episodes: 1000, seed: 4, disjoint: true };

test('no example is in two episodes, and every class is used until too few are left', () => {
  const sizes = new Array<number>(10).fill(25);
  const list = drawEpisodes(options, sizes);
  // 5 episodes' worth of images per class, 10 classes, 5 ways.
  assert.equal(list.episodes, 10);
  assert.equal(isDisjoint(list), true);
  const used = sizes.map((_, c) => list.classes.filter((each) => each === c).length);
  assert.deepEqual(used, new Array(10).fill(5));
  for (let episode = 0; episode < 10; episode++)
    assert.equal(new Set(list.classes.subarray(5 * episode, 5 * episode + 5)).size, 5);
  list.members.forEach((position) => {
    assert.ok(position >= 0 && position < 25);
  });
  assert.equal(isDisjoint(drawEpisodes({ ...options, disjoint: false, episodes: 10 }, sizes)), false);
});

test('fewer episodes are the first ones, and another seed deals others', () => {
  const sizes = [30, 25, 40, 26, 25, 60];
  const all = drawEpisodes(options, sizes);
  const first = drawEpisodes({ ...options, episodes: 3 }, sizes);
  assert.deepEqual(first.members, all.members.subarray(0, first.members.length));
  assert.notDeepEqual(drawEpisodes({ ...options, seed: 5 }, sizes).members, all.members);
});

test('images for fewer than two episodes are refused', () => {
  assert.equal(
    inputErrorOf(() => drawEpisodes(options, new Array(9).fill(9))),
    'few-shot: disjoint episodes: the classes have images for 1; at least 2 are needed: give fewer shots, queries or ways',
  );
});

/** Images of ten fixed classes: normal noise of deviation 1 around fixed means in four dimensions. */
function sampleOf(seed: number, perClass: number): Embeddings {
  const classes = 10;
  const dimension = 4;
  const means = randomStream(1, 2, 3);
  const centres = Float64Array.from({ length: classes * dimension }, () => means.between(-1.5, 1.5));
  const noise = randomStream(77, seed);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - noise.uniform())) * Math.cos(2 * Math.PI * noise.uniform());
  const labels = Int32Array.from({ length: classes * perClass }, (_, i) => i % classes);
  const values = new Float64Array(labels.length * dimension);
  labels.forEach((label, i) => {
    for (let k = 0; k < dimension; k++)
      values[i * dimension + k] = centres[label * dimension + k]! + normal();
  });
  return { values, dimension, labels, classNames: Array.from({ length: classes }, (_, c) => `c${c}`) };
}

test('over new images of the classes, the interval of disjoint episodes covers the truth; that of 1,000 others does not', () => {
  const asked = {
    ...{ ways: 5, shots: [1], queries: 4, seed: 0, readouts: ['nearest-mean'] as const },
  };
  // So many images that they are the classes: 20,000 episodes hardly share any.
  const truth = evaluateEpisodes(sampleOf(0, 20_000), { ...asked, episodes: 20_000 }).results[0]!.accuracy;
  const covered = { disjoint: 0, others: 0 };
  const trials = 300;
  for (let trial = 1; trial <= trials; trial++) {
    const images = sampleOf(trial, 40);
    const inside = ({ ci95: [low, high] }: { ci95: readonly [number, number] }) =>
      low <= truth && truth <= high;
    const disjoint = evaluateEpisodes(images, { ...asked, seed: trial, episodes: 1000, disjoint: true });
    assert.equal(disjoint.list.episodes, 16);
    assert.equal(disjoint.disjoint, true);
    if (inside(disjoint.results[0]!)) covered.disjoint += 1;
    if (inside(evaluateEpisodes(images, { ...asked, seed: trial, episodes: 1000 }).results[0]!))
      covered.others += 1;
  }
  // At 95 %: 285 with standard deviation 3.8; classes dealt evenly make the interval a little wide.
  assert.ok(covered.disjoint >= 274, `disjoint: ${covered.disjoint} of ${trials}`);
  assert.ok(covered.others < 240, `with replacement: ${covered.others} of ${trials}`);
});

test('a list that is saved and read again keeps its name', () => {
  for (const disjoint of [true, false]) {
    const list = drawEpisodes({ ...options, episodes: 3, disjoint }, [30, 25, 40, 26, 25, 60]);
    assert.equal(episodeDigest(parseEpisodes(formatEpisodes(list), 'l.json')), episodeDigest(list));
  }
});
