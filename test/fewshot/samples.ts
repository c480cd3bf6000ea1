import type { FeatureOptions } from '../../src/fewshot/features.ts';
import type { Embeddings } from '../../src/measures/embeddings.ts';
import { uniform } from '../models/formula.ts';

export interface SampleOptions {
  readonly classes: number;
  readonly perClass: number;
  readonly dimension: number;
  /** Share of the class means against the noise. */
  readonly spread: number;
  readonly scale: number;
}

/** Those of fixtures/scikit_learn.py. */
export const sampleSets = {
  relu64: { classes: 20, perClass: 40, dimension: 64, spread: 0.5, scale: 1 },
  large64: { classes: 20, perClass: 40, dimension: 64, spread: 0.5, scale: 16 },
  narrow6: { classes: 7, perClass: 60, dimension: 6, spread: 0.75, scale: 1 },
} as const satisfies Record<string, SampleOptions>;

export type SampleName = keyof typeof sampleSets;

/** Embeddings as fixtures/scikit_learn.py makes them, the classes taking turns. */
export function sampleEmbeddings(
  name: string,
  { classes, perClass, dimension, spread, scale }: SampleOptions,
): Embeddings {
  const means = uniform(`${name}.means`, classes * dimension);
  const noise = uniform(`${name}.noise`, classes * perClass * dimension);
  const values = new Float64Array(noise.length);
  const labels = Int32Array.from({ length: classes * perClass }, (_, example) => example % classes);
  labels.forEach((label, example) => {
    const row = (label * perClass + Math.floor(example / classes)) * dimension;
    for (let k = 0; k < dimension; k++) {
      const value = 0.25 + spread * means[label * dimension + k]! + noise[row + k]!;
      values[example * dimension + k] = scale * Math.max(0, value);
    }
  });
  return { values, dimension, labels, classNames: Array.from({ length: classes }, (_, c) => `class-${c}`) };
}

/** What `centre` and the last word of a case in scikit-learn.npz mean. */
export const featuresOf = (name: SampleName, centre: string, form: string): FeatureOptions => ({
  centre:
    centre === 'base' ? uniform(`${name}.base`, sampleSets[name].dimension) : (centre as 'none' | 'support'),
  normalize: form === 'unit',
});
