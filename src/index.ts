/** The library, for programs: what `gcnc measure` and `gcnc eval` compute, and the runs of a sweep that reports read. */
import { type AskedPrecision, resolvePrecision } from './backend/precision.ts';
import { fewshotDefaults } from './config/fewshot-schema.ts';
import { readEmbeddingsFile } from './fewshot/embeddings-file.ts';
import {
  type EvalInput,
  type EvalRecord,
  type EvalRequest,
  evaluate as evaluateInput,
} from './fewshot/eval-record.ts';
import { openCheckpoint, openCheckpointSet } from './on-request/checkpoint-set.ts';
import {
  defaultRequest,
  type MeasureRecord,
  type MeasureRequest,
  measureOnRequest,
} from './on-request/measure-on-request.ts';
import { defaultReadoutOptions } from './readouts/readout-options.ts';
import { type ReadSweep, readSweep } from './report/read-runs.ts';

export { InputError } from './input-error.ts';
export type { EvalRecord, MeasureRecord, ReadSweep };

export interface MeasureOptions extends Partial<Omit<MeasureRequest, 'precision'>> {
  /** A name of `gcnc data list`, a file.npz or file.parquet, or a folder of images or Parquet files; the checkpoint's own where absent. */
  readonly data?: string;
  /** `sourceTrain` where absent. */
  readonly split?: string;
  readonly precision?: AskedPrecision;
}

/**
 * Geometric complexity and neural collapse of a checkpoint's folder, or a run's for its last one: what `gcnc measure --json` prints, with
 * the same defaults. It needs TensorFlow: `gcnc setup` brings it. Throws InputError of one line for wrong input.
 */
export const measure = async (folder: string, options: MeasureOptions = {}): Promise<MeasureRecord> => {
  const { data, split, precision = defaultRequest.precision, ...request } = options;
  const checkpoint = openCheckpoint(folder);
  const asked = await openCheckpointSet(checkpoint, { data, split }, process.env, 'sourceTrain', true);
  const { record } = await measureOnRequest(checkpoint, asked, {
    ...defaultRequest,
    ...request,
    precision: resolvePrecision(precision),
  });
  return record;
};

/**
 * Few-shot accuracy of embeddings in a file.npz: what `gcnc eval FILE.npz --json` prints, with the same defaults. It needs no
 * TensorFlow. Throws InputError of one line for wrong input.
 */
export const evaluate = (file: string, options: Partial<EvalRequest> = {}): EvalRecord => {
  const { shots, ways, queries, episodes, seed } = fewshotDefaults;
  const labelled = readEmbeddingsFile(file);
  const input: EvalInput = { ...labelled, checkpoint: null, data: file, split: null, layer: null };
  return evaluateInput(input, {
    ...{ shots, ways, queries, episodes, seed },
    readouts: ['logistic', 'nearest-mean'],
    features: { centre: 'none', normalize: false },
    readoutOptions: defaultReadoutOptions,
    ...options,
  }).record;
};

/** All runs of a sweep's folder with their epochs and measures: unfinished and failed ones too. Throws InputError where there is no sweep. */
export const readRuns = (folder: string): ReadSweep => readSweep(folder);
