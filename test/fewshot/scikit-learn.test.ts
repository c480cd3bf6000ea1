import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { drawEpisodes } from '../../src/fewshot/episodes.ts';
import { fullProbe } from '../../src/fewshot/full-probe.ts';
import { predictEpisodes } from '../../src/fewshot/predict.ts';
import { readNpz } from '../../src/formats/npz.ts';
import type { ReadoutName } from '../../src/readouts/readouts.ts';
import { featuresOf, type SampleName, sampleEmbeddings, sampleSets } from './samples.ts';

/** Made by fixtures/scikit_learn.py: 200 episodes a case, each query's class by scikit-learn. */
const references = readNpz(fileURLToPath(new URL('fixtures/scikit-learn.npz', import.meta.url)));

/** Share of queries on which a readout must agree: all, except where the reference is a minimum that was found to a tolerance. */
const shareOf = (readout: ReadoutName): number => (readout === 'logistic' ? 0.998 : 1);

for (const [key, { values }] of references) {
  if (key.includes('/all/')) continue;
  test(`${key}: the same predictions as scikit-learn on ${100 * shareOf(key.split('/').at(-1) as ReadoutName)} % of the queries`, () => {
    const [name, ways, shots, centre, form, readout] = key.split('/') as [
      SampleName,
      ...[string, string, string, string, ReadoutName],
    ];
    const embeddings = sampleEmbeddings(name, sampleSets[name]);
    const { classes, perClass } = sampleSets[name];
    const shotCount = Number.parseInt(shots, 10);
    const list = drawEpisodes(
      { ways: Number.parseInt(ways, 10), shots: shotCount, queries: 15, episodes: 200, seed: 3 },
      new Array<number>(classes).fill(perClass),
    );
    const [result] = predictEpisodes(embeddings, list, {
      shots: [shotCount],
      readouts: [readout],
      features: featuresOf(name, centre, form),
    });
    const { predicted } = result!;
    assert.equal(predicted.length, values.length);
    const agreeing = predicted.filter((value, at) => value === values[at]).length;
    assert.ok(agreeing >= shareOf(readout) * values.length, `${agreeing} of ${values.length} queries agree`);
  });
}

for (const [key, { values }] of references) {
  if (!key.includes('/all/')) continue;
  test(`${key}: trained on all training examples, the same predictions as scikit-learn`, () => {
    const [name, , , centre, form, readout] = key.split('/') as [
      SampleName,
      ...[string, string, string, string, ReadoutName],
    ];
    const embeddings = sampleEmbeddings(name, sampleSets[name]);
    const { classes, perClass } = sampleSets[name];
    const { results, trainExamples, testExamples } = fullProbe(embeddings, {
      readouts: [readout],
      isTest: Uint8Array.from(embeddings.labels, (_, example) => (example >= 30 * classes ? 1 : 0)),
      seed: 0,
      features: featuresOf(name, centre, form),
    });
    assert.deepEqual([trainExamples, testExamples], [30 * classes, (perClass - 30) * classes]);
    const { predicted, converged } = results[0]!;
    assert.ok(converged);
    // The reference goes class by class, ours in turns.
    const inTurns = predicted.map(
      (_, row) => values[(row % classes) * (perClass - 30) + Math.floor(row / classes)] as number,
    );
    assert.deepEqual(predicted, inTurns);
  });
}
