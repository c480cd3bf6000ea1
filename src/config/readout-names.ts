/** Names of the readouts: what they do stands in src/fewshot/readouts.ts. */
export const readoutNames = ['logistic', 'nearest-mean', 'cosine', 'ridge', 'knn'] as const;
export type ReadoutName = (typeof readoutNames)[number];
