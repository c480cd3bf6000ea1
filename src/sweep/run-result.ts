/** How a run of this sweep ended: interrupted ones go on when the sweep is started again. */
export type RunResult = 'done' | 'failed' | 'interrupted';
