import { InputError } from './input-error.ts';

/** The variables that take one of a few words. GCNC_LOG, GCNC_KERNELS and GCNC_GPU are checked where they are read, for their words vary. */
const words = {
  GCNC_DEVICE: ['cpu', 'gpu'],
  GCNC_DETERMINISTIC: ['0', '1'],
  GCNC_DEBUG: ['0', '1'],
} as const;

/** Throws InputError for a variable that is set to another word, which would do nothing; an empty one is as one that is not set. */
export function checkEnvironmentWords(environment: NodeJS.ProcessEnv): void {
  for (const [name, allowed] of Object.entries(words)) {
    const asked = environment[name];
    if (asked && !(allowed as readonly string[]).includes(asked))
      throw new InputError(`${name} is ${asked}; allowed are ${allowed.join(', ')}`);
  }
}
