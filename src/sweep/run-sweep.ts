import type { SlurmConfig } from '../config/schema.ts';
import { InputError } from '../input-error.ts';
import type { Display, DisplayStream } from './display.ts';
import { watchInterrupts } from './interrupts.ts';
import type { Launcher } from './launchers/launcher.ts';
import { openDisplay } from './open-display.ts';
import {
  type PlannedRun,
  planSweep,
  type RunResult,
  type SweepInput,
  type SweepPlan,
  writeSweepFile,
} from './plan.ts';
import { slotsOf } from './scheduler.ts';

export interface SweepOptions {
  /** Folder of all sweeps. */
  readonly out: string;
  readonly retryFailed: boolean;
  readonly force: boolean;
  readonly retries: number;
  /** Stop all at the first run that fails. */
  readonly failFast: boolean;
  readonly jobs: number;
  readonly gpus: readonly string[];
  readonly perGpu: number;
  readonly cores: number;
  readonly slurm: SlurmConfig;
  readonly launcher: Launcher;
  readonly stream: DisplayStream;
  readonly environment: NodeJS.ProcessEnv;
  /** Called after each run that ended here. */
  readonly onRunEnd?: (plan: SweepPlan) => void;
}

export interface SweepEnd {
  readonly plan: SweepPlan;
  /** 0 all done or handed over, 1 a run failed, 128 + the signal's number where it was interrupted. */
  readonly exitCode: number;
  readonly handedOver: boolean;
  /** The run whose failure stopped the others, where `failFast` asked for it and runs were left. */
  readonly stoppedAfter: string | null;
}

/** Plans the sweep, runs what is to do, says how it ended. Another sweep may be at work in the same folder. */
export async function runSweep(input: SweepInput, options: SweepOptions): Promise<SweepEnd> {
  if (input.runs.length === 0) throw new InputError(`${input.given.file}: the sweep has no runs`);
  const plan = planSweep(input, options);
  const recordPlan = (): void => writeSweepFile(plan, input);
  const runs = plan.runs.filter((run) => run.toDo);
  const skipped = plan.runs.filter((run) => !run.toDo);
  const failedBefore = skipped.some((run) => run.found.state === 'failed');
  const doneBefore = skipped.filter((run) => run.found.state === 'done').length;
  if (runs.length === 0) {
    recordPlan();
    for (const text of plan.notes) options.stream.write(`${text}\n`);
    options.stream.write(`nothing to do: ${doneBefore} of ${plan.runs.length} runs are done\n`);
    return { plan, exitCode: failedBefore ? 1 : 0, handedOver: false, stoppedAfter: null };
  }
  const opened = openDisplay({
    stream: options.stream,
    toDo: runs.length,
    doneBefore,
    now: () => performance.now(),
    environment: options.environment,
  });
  const display: Display = {
    ...opened,
    ended: (...run) => {
      opened.ended(...run);
      options.onRunEnd?.(plan);
    },
  };
  const interrupts = watchInterrupts(display.note);
  try {
    for (const text of plan.notes) display.note(text);
    if (doneBefore > 0) display.note(`${doneBefore} of ${plan.runs.length} runs are done already`);
    const { launcher, retries, slurm, failFast } = options;
    const slots = slotsOf(options).slice(0, Math.max(runs.length, 1));
    const { stop, kill } = interrupts;
    const given = { plan, recordPlan, runs, slots, retries, failFast, slurm, stop, kill, display };
    const results = await launcher(given);
    if (results === null) return { plan, exitCode: 0, handedOver: true, stoppedAfter: null };
    const failed = failedBefore || [...results.values()].includes('failed');
    const signal = interrupts.received();
    const exitCode = signal ? signalExitCode(signal) : failed ? 1 : 0;
    const stoppedAfter = failFast && signal === null ? stoppedAfterOf(runs, results) : null;
    return { plan, exitCode, handedOver: false, stoppedAfter };
  } finally {
    interrupts.close();
    display.close();
  }
}

/** The first run that failed, where that left others undone; results are in the order in which runs ended. */
function stoppedAfterOf(runs: readonly PlannedRun[], results: ReadonlyMap<string, RunResult>): string | null {
  const [first] = [...results].find(([, result]) => result === 'failed') ?? [];
  const isLeft = [...results.values()].includes('interrupted');
  return isLeft ? (runs.find(({ folder }) => folder === first)?.name ?? null) : null;
}

const signalExitCode = (signal: NodeJS.Signals): number =>
  ({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })[signal as string] ?? 1;
