import { z } from 'zod';
import { positiveInteger } from './number-schemas.ts';

/** What `--launcher slurm` asks of the cluster; no part of a run's identity. */
export const slurmSchema = z.strictObject({
  partition: z.string().optional().describe("The cluster's default where absent"),
  time: z.string().optional().describe('hh:mm:ss or days-hh:mm:ss'),
  gres: z.string().optional().describe('Such as gpu:1'),
  memory: z.string().optional().describe('Such as 16G'),
  cpus: positiveInteger.optional().describe('Cores per task'),
  concurrent: positiveInteger.optional().describe('At most this many tasks of the array at once'),
  setup: z.array(z.string()).optional().describe('Shell lines before the run, such as `module load python`'),
  extra: z.array(z.string()).optional().describe('Further sbatch options, one each'),
});
