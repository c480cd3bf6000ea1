/**
 * SIGINT, SIGTERM or SIGHUP once: finish the step, checkpoint, stop; twice: stop now. `received` names the first.
 */
export function watchInterrupts(note: (text: string) => void): {
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
  readonly received: () => NodeJS.Signals | null;
  readonly close: () => void;
} {
  const stop = new AbortController();
  const kill = new AbortController();
  let first: NodeJS.Signals | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (first === null) {
      first = signal;
      note(`${signal}: the runs at work checkpoint and stop; once more stops them now`);
      stop.abort();
    } else kill.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    stop: stop.signal,
    kill: kill.signal,
    received: () => first,
    close: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
