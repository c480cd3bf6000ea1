import type { Command } from 'commander';
import { InputError } from '../input-error.ts';

/** An option that has an effect only together with others. */
export interface DependentOption<Flags> {
  readonly option: keyof Flags & string;
  /** Why it has none, as words after the option's name; null where it has one. */
  readonly unusedWhere: (flags: Flags) => string | null;
}

/** Throws InputError for an option that the user gave, and that the command does nothing with. */
export function refuseUnused<Flags extends object>(
  command: Command,
  options: readonly DependentOption<Flags>[],
): void {
  const flags = command.opts<Flags>();
  for (const { option, unusedWhere } of options) {
    if (command.getOptionValueSource(option) !== 'cli') continue;
    const because = unusedWhere(flags);
    if (because === null) continue;
    const name = command.options.find((each) => each.attributeName() === option)!.long;
    throw new InputError(`${name}: ${because}`);
  }
}
