import type { RunConfig } from '../config/schema.ts';

/** What a run tells whoever watches it; `epochs` and `steps` are the run's totals. */
export interface Progress {
  readonly kind: 'epoch' | 'step' | 'measure';
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number | null;
  readonly accuracy: number | null;
  readonly imagesPerSecond: number | null;
  readonly message?: string;
}

export interface RunOptions {
  /** Asked after each step: true ends the run after a checkpoint. */
  readonly stopRequested: () => boolean;
  readonly onProgress: (progress: Progress) => void;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * The whole pipeline of one run, in the run's folder: goes on from the last complete checkpoint there, after truncating
 * metrics.jsonl to what that checkpoint had. The caller holds the folder's lock. Throws where the run failed.
 * A checkpoint made only because of a stop is deleted once the run went on: what is left is what an undisturbed run leaves.
 */
export type RunOne = (folder: string, config: RunConfig, options: RunOptions) => Promise<'done' | 'stopped'>;
