import type { FewshotElsewhere } from '../fewshot/record.ts';
import type { ElsewhereLine } from '../measures/record.ts';
import type { CheckpointLine } from '../pipeline/records.ts';

/** A set of images and an output of the network. */
export interface Place {
  readonly set: string;
  readonly layer: string;
}

/** The study's own records are of its splits' embeddings. */
const ownPlace = <Record extends { readonly split: string }>(record: Record) => ({
  ...record,
  ...{ set: record.split, layer: 'embedding', pooling: 'none' as const, isOwn: true },
});
const otherPlace = <Record extends Place>(record: Record) => ({ ...record, isOwn: false });

/** What was measured at one place. `isOwn`: of the embedding of one of the study's own splits. */
export type MeasuredPlace = ElsewhereLine & { readonly isOwn: boolean };
export type FewshotPlace = FewshotElsewhere & { readonly isOwn: boolean };

/** All that was measured at a checkpoint in one shape: the study's own splits first, then further layers and targets. */
export const measuredPlaces = ({ measures, elsewhere }: CheckpointLine): readonly MeasuredPlace[] => [
  ...measures.map(ownPlace),
  ...(elsewhere?.measures ?? []).map(otherPlace),
];

/** The same of few-shot transfer. */
export const fewshotPlaces = ({ fewshot, elsewhere }: CheckpointLine): readonly FewshotPlace[] => [
  ...(fewshot === null ? [] : [ownPlace(fewshot)]),
  ...(elsewhere?.fewshot ?? []).map(otherPlace),
];
