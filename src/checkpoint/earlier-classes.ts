import type { RunConfig } from '../config/schema.ts';
import { type CheckpointState, type EarlierClasses, hasClassNames } from './checkpoint.ts';

interface About {
  readonly config: Pick<RunConfig, 'model'>;
  readonly state: CheckpointState;
}

/** The classes that a checkpoint's weights were trained on before its own run. Runs did not record them before 2026-11-26. */
export const earlierClassesOf = ({ config, state }: About): EarlierClasses =>
  state.earlierClasses ?? { classNames: [], complete: config.model.weights === undefined };

/** The classes that a run's weights were trained on before it, where they are this checkpoint's: its own, and those before. */
export const classesBehind = (first: About): EarlierClasses => {
  const { classNames, complete } = earlierClassesOf(first);
  const isNamed = hasClassNames(first.state);
  return {
    classNames: [...new Set([...classNames, ...(isNamed ? first.state.classNames : [])])],
    complete: complete && isNamed,
  };
};
