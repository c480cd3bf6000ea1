/** Names of the readouts: what they do stands in src/fewshot/readouts.ts. */
export const readoutNames = ['logistic', 'nearest-mean', 'cosine', 'ridge', 'knn'] as const;
/** Readouts that need images and the network: embeddings in a file have none. */
export const imageReadoutNames = ['fine-tune'] as const;
export type ImageReadoutName = (typeof imageReadoutNames)[number];
export type ReadoutName = (typeof readoutNames)[number];
