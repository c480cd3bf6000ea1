import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { drawEpisodes } from '../../src/fewshot/episodes.ts';
import { fullProbe } from '../../src/fewshot/full-probe.ts';
import { predictEpisodes } from '../../src/fewshot/predict.ts';
import { readNpz } from '../../src/formats/npz.ts';
import type { Embeddings } from '../../src/measures/embeddings.ts';
import type { ReadoutOptions } from '../../src/readouts/readout-options.ts';
import type { ReadoutName } from '../../src/readouts/readouts.ts';
import { sampleEmbeddings } from './samples.ts';

/** Kept equal to fixtures/scales.py. */
const sets = {
  flat16: { classes: 8, perClass: 40, dimension: 16, spread: 0.5, scale: 1 },
  wide512: { classes: 8, perClass: 40, dimension: 512, spread: 0.2, scale: 1 },
};
const references = readNpz(fileURLToPath(new URL('fixtures/scales.npz', import.meta.url)));

const scaled = (embeddings: Embeddings, factor: number): Embeddings => ({
  ...embeddings,
  values: embeddings.values.map((value: number) => value * factor) as Float64Array,
});

/** Predictions as scales.py orders them, and how many fits have no solution. */
function predicted(
  name: keyof typeof sets,
  factor: number,
  shots: string,
  readout: ReadoutName,
  readoutOptions: Partial<ReadoutOptions>,
) {
  const { classes, perClass } = sets[name];
  const embeddings = scaled(sampleEmbeddings(name, sets[name]), factor);
  if (shots !== 'all') {
    const list = drawEpisodes(
      { ways: 5, shots: Number(shots), queries: 15, episodes: 20, seed: 3 },
      new Array<number>(classes).fill(perClass),
    );
    const [found] = predictEpisodes(embeddings, list, {
      shots: [Number(shots)],
      readouts: [readout],
      readoutOptions,
    });
    return { values: [...found!.predicted], unconverged: found!.unconverged };
  }
  const isTest = Uint8Array.from(embeddings.labels, (_, example) => (example >= 30 * classes ? 1 : 0));
  const { results } = fullProbe(embeddings, { readouts: [readout], isTest, seed: 0, readoutOptions });
  const { predicted: inTurns, converged } = results[0]!;
  const byClass = Array.from(inTurns, (_, at) => inTurns[(at % 10) * classes + Math.floor(at / 10)]!);
  return { values: byClass, unconverged: converged ? 0 : 1 };
}

const optionsOf = (readout: string, text: string): Partial<ReadoutOptions> => {
  if (readout === 'ridge') return { alpha: Number(text) };
  const [k, metric] = text.split('-') as [string, 'euclidean' | 'cosine'];
  return readout === 'knn' ? { k: Number(k), metric } : { C: 1 };
};

for (const [key, { values }] of references) {
  const [name, scale, shots, readout, option] = key.split('/') as [
    keyof typeof sets,
    string,
    string,
    ReadoutName,
    string,
  ];
  test(`${key}: as scikit-learn`, () => {
    const found = predicted(name, Number(scale), shots, readout, optionsOf(readout, option));
    const agreeing = found.values.filter((value, at) => value === values[at]).length;
    assert.equal(found.unconverged, 0);
    assert.ok(agreeing >= 0.998 * values.length, `${agreeing} of ${values.length}`);
  });
}
