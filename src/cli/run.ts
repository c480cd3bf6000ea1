import { Command } from 'commander';
import { runProcess } from '../pipeline/run-process.ts';

/** `gcnc run FOLDER`: what a sweep starts for each run. */
export const runCommand = (): Command =>
  new Command('run')
    .description("A run's own process, in the folder that a sweep made")
    .argument('<folder>')
    .action(async (folder: string) => {
      process.exitCode = await runProcess(
        folder,
        async () => (await import('../pipeline/run-one.ts')).runOne,
      );
    });
