import type { Precision } from '../backend/precision.ts';
import type { RunConfig } from '../config/schema.ts';
import type { Layer } from '../models/network.ts';

/** How one step of training is made. */
export interface StepOptions {
  readonly training: RunConfig['training'];
  readonly precision: Precision;
  readonly learningRate: number;
  /** Batch norm by the batch's statistics, which it also adds to the running ones; else by the running ones. */
  readonly batchStatistics: boolean;
  readonly trains: (layer: Layer) => boolean;
  readonly seed: number;
  readonly step: number;
}
