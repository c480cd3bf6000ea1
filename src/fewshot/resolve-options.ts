import { choosesPenalty } from '../config/fewshot-schema.ts';
import { InputError } from '../input-error.ts';
import {
  defaultReadoutOptions,
  type ReadoutOptions,
  type RequestedOptions,
} from '../readouts/readout-options.ts';
import { type ReadoutName, readouts as readoutTable } from '../readouts/readouts.ts';
import { chooseC, type PenaltyChoice } from './choose-penalty.ts';
import type { SupportEmbeddings } from './features.ts';

/** The options for each number of shots. Throws InputError where C is to be chosen and there is nothing to choose it on. */
export function resolveOptions(
  requested: RequestedOptions,
  readouts: readonly ReadoutName[],
  validation: SupportEmbeddings | undefined,
  choice: PenaltyChoice,
): (shots: number | 'all') => ReadoutOptions {
  const { C = defaultReadoutOptions.C, ...others } = requested;
  const isChosen = choosesPenalty({ C, readouts });
  if (isChosen && validation === undefined)
    throw new InputError('C auto: there are no validation classes to choose it on; give a number');
  const chosen = new Map<number | 'all', number>();
  return (shots) => {
    if (isChosen && !chosen.has(shots)) chosen.set(shots, chooseC(validation!, shots, choice));
    return {
      ...defaultReadoutOptions,
      ...others,
      C: C === 'auto' ? (chosen.get(shots) ?? defaultReadoutOptions.C) : C,
    };
  };
}

/** The options that a readout read, for records; absent where it has none. */
export function optionsRead(
  readout: ReadoutName,
  options: ReadoutOptions,
): { readonly regularization?: Record<string, number | string> } {
  const { options: names } = readoutTable[readout];
  return names.length === 0
    ? {}
    : { regularization: Object.fromEntries(names.map((name) => [name, options[name]])) };
}
