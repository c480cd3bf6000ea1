import type { Progress } from '../pipeline/run-one-contract.ts';
import type { PlannedRun, RunResult } from './plan.ts';

/** What a sweep shows while it runs. */
export interface Display {
  readonly started: (run: PlannedRun) => void;
  readonly progress: (run: PlannedRun, progress: Progress) => void;
  readonly ended: (run: PlannedRun, result: RunResult, reason: string | null) => void;
  readonly note: (text: string) => void;
  /** All that is left is with another sweep. */
  readonly waiting: (runs: number) => void;
  readonly close: () => void;
}

/** Standard error, or what stands for it; `isTTY` where it can be rewritten in place. */
export type DisplayStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

export interface DisplayOptions {
  readonly stream: DisplayStream;
  /** Runs of the sweep that are to do, and those that were done before. */
  readonly toDo: number;
  readonly doneBefore: number;
  readonly now: () => number;
  readonly environment: NodeJS.ProcessEnv;
}
