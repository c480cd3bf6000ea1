/** Names of the readouts: what they do stands in src/fewshot/readouts.ts. */
export const readoutNames = ['logistic', 'nearest-mean', 'cosine', 'ridge', 'knn'] as const;
/** Readouts that need images and the network: `gcnc eval` of a checkpoint has them. */
export const imageReadoutNames = ['fine-tune'] as const;
export type ImageReadoutName = (typeof imageReadoutNames)[number];
export type ReadoutName = (typeof readoutNames)[number];
