import type { RunConfig } from '../config/schema.ts';
import { type CheckpointState, type EarlierClasses, hasClassNames } from './checkpoint.ts';

interface About {
  readonly config: Pick<RunConfig, 'model'>;
  readonly state: CheckpointState;
}

/** The classes that a checkpoint's weights were trained on before its own run. Runs did not record them before 2026-11-26. */
export const earlierClassesOf = ({ config, state }: About): EarlierClasses =>
  state.earlierClasses ?? { classNames: [], complete: config.model.weights === undefined };

/**
 * The classes that a run's weights were trained on before it, where they are this checkpoint's: its own, and those before. `isNamed`: what
 * its own are called tells which they are.
 */
export const classesBehind = (first: About, isNamed = hasClassNames(first.state)): EarlierClasses => {
  const { classNames, complete } = earlierClassesOf(first);
  return {
    classNames: [...new Set([...classNames, ...(isNamed ? first.state.classNames : [])])],
    complete: complete && isNamed,
  };
};
