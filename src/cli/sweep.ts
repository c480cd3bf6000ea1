import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { expandSweep } from '../config/expand.ts';
import { type LoadedSweep, loadSweepFile, placeOf } from '../config/load.ts';
import type { Path } from '../config/located.ts';
import { dataCacheFolder } from '../data/data-folder.ts';
import { contentsReader, formerContentsReader } from '../pipeline/given-contents.ts';
import { type RunState, stateOf } from '../runs/status.ts';
import { inProcessLauncher } from '../sweep/launchers/in-process.ts';
import type { Launcher } from '../sweep/launchers/launcher.ts';
import { localLauncher } from '../sweep/launchers/local.ts';
import { slurmLauncher } from '../sweep/launchers/slurm.ts';
import { planSweep, type SweepInput, type SweepPlan } from '../sweep/plan.ts';
import { runSweep, type SweepEnd } from '../sweep/run-sweep.ts';
import { refuseUnusedOptions } from './launcher-options.ts';
import { checkOutputFolder, refuseFile } from './outputs.ts';
import { addSweepOptions, jobsOfFlags, type SweepFlags } from './sweep-options.ts';

const launchers: Readonly<Record<SweepFlags['launcher'], () => Launcher>> = {
  local: () => localLauncher(),
  slurm: () => slurmLauncher(),
  'in-process': () => inProcessLauncher(async () => (await import('../pipeline/run-one.ts')).runOne),
};

/** `gcnc sweep FILE [key=value...]`. */
export const sweepCommand = (): Command =>
  addSweepOptions(new Command('sweep'))
    .description('Train and measure all runs of a sweep file, or go on where they stopped')
    .action(async (path: string, overrides: string[], flags: SweepFlags, command: Command) => {
      refuseUnusedOptions(command);
      const loaded = loadSweepFile(path, overrides);
      await sweepWith(loaded, sweepInputOf(loaded), flags);
    });

export function sweepInputOf(loaded: LoadedSweep): SweepInput {
  const place = (at: Path, isKey: boolean): string => placeOf(loaded.located, at, isKey);
  const cacheFolder = dataCacheFolder(process.env);
  const runs = expandSweep(loaded.file, place, contentsReader(cacheFolder));
  return { name: loaded.name, runs, given: loaded.given, formerContents: formerContentsReader(cacheFolder) };
}

/** Checks the whole plan, then shows it (--dry-run, --status) or runs it and prints what came out. */
export async function sweepWith(loaded: LoadedSweep, input: SweepInput, flags: SweepFlags): Promise<void> {
  const { retryFailed = false, force = false, failFast = false, retries, gpus = [], perGpu } = flags;
  const widths = input.runs.map(({ config }) => config.model.width);
  const jobs = jobsOfFlags(flags, widths);
  refuseFile('--out', flags.out);
  // Absolute, so that Slurm's records of run folders hold from any folder.
  for (const note of loaded.notes) process.stderr.write(`${note}\n`);
  const planOptions = { out: resolve(flags.out), retryFailed, force };
  const planned = planSweep(input, planOptions);
  if (flags.status) return show(planned, flags, statusText);
  const { checkInputs } = await import('../sweep/check-inputs.ts');
  const sizes = await checkInputs(input.runs, process.env);
  const { refuseOtherImages } = await import('../sweep/other-images.ts');
  refuseOtherImages(planned.runs, sizes);
  if (flags.dryRun)
    return show(planned, flags, async () => {
      const { dryRunTable } = await import('../sweep/dry-run.ts');
      return dryRunTable(planned, sizes);
    });
  checkOutputFolder('--out', flags.out);
  const end = await runSweep(input, {
    ...planOptions,
    retries,
    failFast,
    jobs,
    gpus,
    perGpu,
    cores: availableParallelism(),
    slurm: loaded.file.slurm ?? {},
    launcher: launchers[flags.launcher](),
    stream: process.stderr,
    environment: process.env,
    onRunEnd: reportAsItGoes(),
  });
  const { plan, exitCode, handedOver, stoppedAfter } = end;
  process.exitCode = exitCode;
  if (exitCode > 1) process.stderr.write('interrupted; the same command goes on from here\n');
  if (handedOver || exitCode > 1) return flags.json ? printJson(plan, end, null) : undefined;
  if (stoppedAfter !== null) process.stderr.write(`${stoppedText(plan, stoppedAfter)}\n`);
  const { writeReport } = await import('../report/write-report.ts');
  if (flags.json) return printJson(plan, end, await writeReport(plan.folder));
  const { printSummary } = await import('../report/summary.ts');
  await printSummary(plan.folder, process.stdout);
  process.stdout.write(`report: ${await writeReport(plan.folder)}\n`);
}

function stoppedText({ runs }: SweepPlan, stoppedAfter: string): string {
  const states = runs.map(({ folder }) => stateOf(folder).state);
  const count = (state: RunState): number => states.filter((each) => each === state).length;
  const left = `${count('interrupted')} stopped at a checkpoint, ${count('pending')} not started`;
  return `--fail-fast: stopped after ${stoppedAfter} failed: ${left}; the same command goes on with these, --retry-failed with those that failed too`;
}

const reportEveryMs = 60_000;

/** Rewrites the report as runs end, at most once a minute; the last one is written after the sweep. */
function reportAsItGoes(): (plan: SweepPlan) => void {
  let last = performance.now();
  let isWriting = false;
  return ({ folder }) => {
    if (isWriting || performance.now() - last < reportEveryMs) return;
    isWriting = true;
    // A report that fails now is written, or complained of, at the end.
    void import('../report/write-report.ts')
      .then(({ writeReport }) => writeReport(folder))
      .catch(() => {})
      .finally(() => {
        isWriting = false;
        last = performance.now();
      });
  };
}

async function show(
  plan: SweepPlan,
  { json }: SweepFlags,
  text: (plan: SweepPlan) => Promise<string>,
): Promise<void> {
  if (json) printJson(plan, { exitCode: 0, stoppedAfter: null }, null);
  else process.stdout.write(await text(plan));
}

const statusText = async (plan: SweepPlan): Promise<string> =>
  (await import('../sweep/status-table.ts')).statusTable(plan);

function printJson(
  plan: SweepPlan,
  { exitCode, stoppedAfter }: Pick<SweepEnd, 'exitCode' | 'stoppedAfter'>,
  report: string | null,
): void {
  const runs = plan.runs.map(({ name, folder, spec, toDo }) => {
    const { state, reason } = stateOf(folder);
    return {
      name,
      folder,
      hash: spec.hash,
      parameters: spec.parameters,
      seed: spec.config.seed,
      state,
      reason,
      toDo,
    };
  });
  process.stdout.write(
    `${JSON.stringify({ sweep: plan.name, folder: plan.folder, exitCode, stoppedAfter, report, runs })}\n`,
  );
}
