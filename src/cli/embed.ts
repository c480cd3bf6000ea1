import { Command } from 'commander';
import { resolvePrecision } from '../backend/precision.ts';
import { writeNpz } from '../formats/npz.ts';
import { InputError } from '../input-error.ts';
import { readerOf } from '../models/classifier.ts';
import { poolingFor } from '../models/pooled-outputs.ts';
import { changedDataNote } from '../on-request/changed-data.ts';
import { openCheckpoint, openCheckpointSet } from '../on-request/checkpoint-set.ts';
import { embedCheckpoint } from '../on-request/embed-checkpoint.ts';
import { warnOfSharedClasses } from '../on-request/shared-classes.ts';
import { addCheckpointOptions, type CheckpointFlags, splitNames } from './checkpoint-options.ts';
import { checkOutputFiles, writingTo } from './outputs.ts';
import { withProgress } from './progress.ts';

interface Flags extends CheckpointFlags {
  readonly out: string;
  readonly json?: boolean;
}

/** `gcnc embed CHECKPOINT --out FILE.npz`. */
export const embedCommand = (): Command =>
  addCheckpointOptions(
    new Command('embed')
      .description('Embeddings and labels of a split, as .npz for NumPy')
      .argument('<checkpoint>', "a checkpoint's folder, or a run's for its last one")
      .requiredOption('--out <file>', 'arrays embeddings [n, d], labels [n] and class_names'),
    { split: `${splitNames}; default: target`, precision: 'of the convolutions' },
  )
    .option('--json', 'one JSON object on standard output')
    .action(async (folder: string, flags: Flags) => {
      if (!flags.out.endsWith('.npz'))
        throw new InputError(`--out ${flags.out}: expected a name that ends in .npz`);
      checkOutputFiles([{ option: '--out', path: flags.out }]);
      const checkpoint = openCheckpoint(folder);
      // Before TensorFlow is loaded, which takes a second.
      const pooling = poolingFor(checkpoint.network, flags.layer, flags.pooling);
      const asked = await openCheckpointSet(checkpoint, flags, process.env, 'target');
      const precision = resolvePrecision(flags.precision);
      const { values, dimension, labels, classNames } = await withProgress({ stream: process.stderr }, () =>
        embedCheckpoint(checkpoint, asked, { layer: flags.layer, pooling, precision }),
      );
      warnOfSharedClasses(asked);
      writingTo('--out', flags.out, () =>
        writeNpz(flags.out, {
          embeddings: { shape: [labels.length, dimension], values },
          labels: { shape: [labels.length], values: labels },
          class_names: { shape: [classNames.length], values: classNames },
        }),
      );
      const reader = readerOf(checkpoint.network, flags.layer);
      const record = {
        checkpoint: checkpoint.folder,
        data: asked.data,
        split: asked.split,
        layer: flags.layer,
        pooling,
        ...(reader === null ? {} : { readBy: reader }),
        precision,
        examples: labels.length,
        dimension,
        file: flags.out,
        dataMatchesTraining: asked.dataMatchesTraining,
        sharedClasses: asked.sharedClasses,
      };
      const text = `${flags.out}: ${labels.length} examples of ${asked.data}, ${asked.split}; ${flags.layer}${reader === null ? '' : `, read by ${reader}`} (${dimension}), pooling ${pooling}, inference mode, ${precision}\n${changedDataNote(asked.dataMatchesTraining, asked.data)}`;
      process.stdout.write(flags.json ? `${JSON.stringify(record)}\n` : text);
    });
