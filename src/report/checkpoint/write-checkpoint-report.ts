import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../../files/atomic.ts';
import { principalPlane } from '../../measures/principal-plane.ts';
import type { CheckpointSet } from '../../on-request/checkpoint-set.ts';
import { type MeasuredRequest, pairRows } from '../../on-request/measure-on-request.ts';
import { drawFigures } from '../figures/draw.ts';
import { checkpointFigures } from './checkpoint-figures.ts';
import { checkpointPage } from './checkpoint-page.ts';
import { type ExtremeImage, extremeImages } from './extreme-images.ts';

const imagesPerEnd = 12;

/** What the page shows beside the record of `gcnc measure`. */
export interface CheckpointReport {
  /** Shares of the variance that the first two principal components hold. */
  readonly principalShares: readonly [number, number];
  readonly most: readonly ExtremeImage[];
  readonly least: readonly ExtremeImage[];
}

/** Writes the page of one measured checkpoint. */
export async function writeCheckpointReport(
  path: string,
  found: MeasuredRequest,
  { set }: CheckpointSet,
  note: string,
): Promise<CheckpointReport> {
  const plane = principalPlane(found.embeddings);
  const figures = checkpointFigures(pairRows(found), plane, set);
  const drawings = await drawFigures(figures);
  const extremes = await extremeImages(found.complexity.perExample, set, imagesPerEnd);
  mkdirSync(dirname(path), { recursive: true });
  writeFileAtomic(path, checkpointPage({ record: found.record, figures, drawings, ...extremes, note }));
  return { principalShares: plane.shares, ...extremes };
}
