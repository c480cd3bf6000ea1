import Table from 'cli-table3';
import { slurmTasks } from './launchers/slurm-queue.ts';
import type { SweepPlan } from './plan.ts';

/** The table of `--status`: each run's state by its folder, joined with what Slurm says of it. */
export function statusTable(plan: SweepPlan): string {
  const tasks = slurmTasks(plan.folder);
  const head = ['run', 'state', 'attempts', 'host', ...(tasks.size > 0 ? ['slurm', ''] : []), 'reason'];
  const table = new Table({ head, style: { head: [], border: [] } });
  const counts = new Map<string, number>();
  for (const { name, folder, found } of plan.runs) {
    const { state, status, reason } = found;
    counts.set(state, (counts.get(state) ?? 0) + 1);
    const task = tasks.get(folder);
    const slurm =
      tasks.size === 0 ? [] : [task?.task ?? '', task ? `${task.state} ${task.detail}`.trim() : ''];
    table.push([name, state, status?.attempt ?? 0, status?.host ?? '', ...slurm, reason ?? '']);
  }
  const total = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  return `${table.toString()}\n${total}, in ${plan.folder}\n`;
}
