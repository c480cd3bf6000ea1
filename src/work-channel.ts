import { channel } from 'node:diagnostics_channel';

/** How far a long piece of work has come: published by whoever does it, read by whoever shows it, and nobody need do either. */
export interface WorkDone {
  /** Such as `embedding`. */
  readonly what: string;
  /** Such as `images`. */
  readonly unit: string;
  readonly done: number;
  readonly of: number;
}

const work = channel('gcnc:work');

export const publishWork = (done: WorkDone): void => {
  if (work.hasSubscribers) work.publish(done);
};

/** Calls `seen` for each piece of work until the returned function is called. */
export const watchWork = (seen: (done: WorkDone) => void): (() => void) => {
  const listener = (message: unknown): void => seen(message as WorkDone);
  work.subscribe(listener);
  return () => void work.unsubscribe(listener);
};
