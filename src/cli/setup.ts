import { resolve } from 'node:path';
import { Command } from 'commander';
import { setUp } from '../../scripts/setup/set-up.mjs';

/** `gcnc setup`: what commands that need TensorFlow also do by themselves. */
export const setupCommand = (): Command =>
  new Command('setup')
    .description("TensorFlow's libraries, its addon and gcnc's own kernels; what is there is skipped")
    .option('--gpu', 'the CUDA build; stays chosen until --cpu')
    .option('--cpu', 'the CPU build')
    .option('--force', 'compile the addons again')
    .action(async (flags: { readonly gpu?: true; readonly cpu?: true; readonly force?: true }) => {
      process.exitCode = await setUp({
        root: resolve(import.meta.dirname, '../..'),
        env: process.env,
        flags: Object.keys(flags).map((flag) => `--${flag}`),
      });
    });
