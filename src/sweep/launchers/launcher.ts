import type { SlurmConfig } from '../../config/schema.ts';
import type { Display } from '../display.ts';
import type { PlannedRun, RunResult, SweepPlan } from '../plan.ts';

export interface LaunchRequest {
  readonly plan: SweepPlan;
  /** Those of the plan that are to do. */
  readonly runs: readonly PlannedRun[];
  readonly slots: readonly NodeJS.ProcessEnv[];
  readonly retries: number;
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
  readonly failFast: boolean;
  readonly display: Display;
  readonly slurm: SlurmConfig;
  /** Writes sweep.yaml: a launcher calls it once it is sure that the runs will start. */
  readonly recordPlan: () => void;
}

/** One result a run, by its folder; null where the runs were handed over and go on without us. */
export type Launcher = (request: LaunchRequest) => Promise<ReadonlyMap<string, RunResult> | null>;
