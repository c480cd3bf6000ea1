import { join } from 'node:path';

/** Every file name of a run, in one place. */
export const runPaths = (folder: string) => ({
  folder,
  config: join(folder, 'config.yaml'),
  environment: join(folder, 'env.json'),
  status: join(folder, 'status.json'),
  log: join(folder, 'log.jsonl'),
  metrics: join(folder, 'metrics.jsonl'),
  checkpoints: join(folder, 'checkpoints'),
  checkpoint: (step: number) => checkpointPaths(join(folder, 'checkpoints', String(step))),
});

export const checkpointPaths = (folder: string) => ({
  folder,
  config: join(folder, 'config.yaml'),
  weights: join(folder, 'weights.safetensors'),
  optimizer: join(folder, 'optimizer.safetensors'),
  state: join(folder, 'state.json'),
});

export type RunPaths = ReturnType<typeof runPaths>;
