import { mkdirSync } from 'node:fs';
import { runConfigSchema } from '../../src/config/schema.ts';
import { runOne } from '../../src/pipeline/run-one.ts';

/** Makes the run's folder and trains a narrow network for one epoch on all classes of the data. */
export async function trainSmall(run: string, data: string): Promise<void> {
  mkdirSync(run);
  const config = runConfigSchema.parse({
    data: { name: data, split: 'none' },
    model: { name: 'resnet10', width: 4 },
    training: { epochs: 1, batchSize: 20 },
    measure: { examples: 6 },
  });
  await runOne(run, config, { stopRequested: () => false, onProgress: () => {}, environment: {} });
}
