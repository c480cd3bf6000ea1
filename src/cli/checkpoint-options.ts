import { type Command, Option } from 'commander';
import type { AskedPrecision } from '../backend/precision.ts';
import { dataKinds } from '../config/data-kinds.ts';
import { type Pooling, poolings } from '../models/pooled-outputs.ts';

/** What `measure`, `eval` and `embed` take of a checkpoint: the images, and the output of the network. */
export interface CheckpointFlags {
  readonly data?: string;
  readonly split?: string;
  readonly layer: string;
  readonly pooling: Pooling;
  readonly precision: AskedPrecision;
}

export const checkpointOptionNames = ['data', 'split', 'layer', 'pooling', 'precision'] as const;

/** What `--split` takes, in words. */
export const splitNames =
  'sourceTrain, sourceTest, validation, target; train, test or all of a whole data set';

/** Adds them. `precision` says what is computed in that type. */
export const addCheckpointOptions = (
  command: Command,
  { split, precision }: { readonly split: string; readonly precision: string },
): Command =>
  command
    .option('--data <name>', `a name of gcnc data list, ${dataKinds}; the checkpoint's own where absent`)
    .option('--split <name>', split)
    .option('--layer <name>', 'embedding, logits, or a stage such as layer3', 'embedding')
    .addOption(
      new Option('--pooling <how>', "of a stage's feature map: its mean over positions, or the map as it is")
        .choices(poolings)
        .default('none'),
    )
    .addOption(
      new Option('--precision <type>', precision).choices(['float32', 'bfloat16', 'auto']).default('float32'),
    );
