import Table from 'cli-table3';
import { fineTuneText, sumOfCosts } from '../fewshot/fine-tune/cost.ts';
import type { StudySizes } from './check-inputs.ts';
import { estimateRun, type RunEstimate } from './estimate-run.ts';
import type { SweepPlan } from './plan.ts';

/** The table of `--dry-run`: what is done, what is to do, and what that takes. */
export function dryRunTable(plan: SweepPlan, sizes: StudySizes): string {
  const table = new Table({
    head: ['run', 'state', 'to do', 'steps', 'disk'],
    colAligns: ['left', 'left', 'left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  const estimates: RunEstimate[] = [];
  for (const run of plan.runs) {
    const each = estimateRun(run.spec.config, sizes);
    if (run.toDo) estimates.push(each);
    const { state } = run.found;
    table.push([run.name, state, run.toDo ? 'yes' : 'no', count(each.steps), bytes(each.diskBytes)]);
  }
  const steps = sum(estimates.map((each) => each.steps));
  const disk = sum(estimates.map((each) => each.diskBytes));
  const total = `${estimates.length} of ${plan.runs.length} runs to do: ${count(steps)} steps, ${bytes(disk)} on disk`;
  const tuned = sumOfCosts(estimates.map((each) => each.fineTune));
  const tuning = tuned === null ? [] : [fineTuneText(tuned)];
  return [...plan.notes, table.toString(), `${total}, in ${plan.folder}`, ...tuning, ''].join('\n');
}

const sum = (values: readonly (number | null)[]): number | null =>
  values.reduce<number | null>((total, each) => (total === null || each === null ? null : total + each), 0);

const count = (value: number | null): string => (value === null ? '?' : value.toLocaleString('en'));

function bytes(value: number | null): string {
  if (value === null) return '?';
  if (value < 1e6) return `${(value / 1e3).toFixed(0)} kB`;
  return value < 1e9 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e9).toFixed(1)} GB`;
}
