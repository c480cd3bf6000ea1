import { Command } from 'commander';
import { loadSweepFile } from '../config/load.ts';
import { InputError } from '../input-error.ts';
import { refuseUnusedOptions } from './launcher-options.ts';
import { sweepInputOf, sweepWith } from './sweep.ts';
import { addSweepOptions, type SweepFlags } from './sweep-options.ts';

/** `gcnc train FILE [key=value...]`: a sweep of one run. */
export const trainCommand = (): Command =>
  addSweepOptions(new Command('train'))
    .description('A sweep of one run')
    .action(async (path: string, overrides: string[], flags: SweepFlags, command: Command) => {
      refuseUnusedOptions(command);
      const loaded = loadSweepFile(path, overrides);
      const input = sweepInputOf(loaded);
      if (input.runs.length > 1)
        throw new InputError(
          `${path}: train takes one run, and the file's sweep has ${input.runs.length}; use gcnc sweep`,
        );
      await sweepWith(loaded, input, flags);
    });
