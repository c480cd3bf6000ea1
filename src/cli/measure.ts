import { Command, Option } from 'commander';
import { resolvePrecision } from '../backend/precision.ts';
import { estimatorOptions, estimatorsThatRead } from '../config/measure-schema.ts';
import { InputError } from '../input-error.ts';
import { poolingFor } from '../models/pooled-outputs.ts';
import { changedDataNote } from '../on-request/changed-data.ts';
import { openCheckpoint, openCheckpointSet } from '../on-request/checkpoint-set.ts';
import { measureEmbeddings } from '../on-request/measure-embeddings.ts';
import {
  defaultRequest,
  type MeasureRequest,
  measureOnRequest,
  pairRows,
  perExampleRows,
} from '../on-request/measure-on-request.ts';
import { warnOfSharedClasses } from '../on-request/shared-classes.ts';
import { csvText } from '../report/csv.ts';
import { addCheckpointOptions, type CheckpointFlags, splitNames } from './checkpoint-options.ts';
import { embeddingsText, measureText } from './measure-text.ts';
import { positiveNumber, seedNumber, share, wholeNumber } from './numbers.ts';
import { checkOutputFiles, writeOutputs } from './outputs.ts';
import { withProgress } from './progress.ts';
import { type DependentOption, refuseUnused } from './unused-options.ts';

interface MeasureFlags extends Omit<MeasureRequest, keyof CheckpointFlags>, CheckpointFlags {
  readonly perExample?: string;
  readonly pairs?: string;
  readonly json?: boolean;
}

const dependentOptions = estimatorOptions.map((option): DependentOption<MeasureFlags> => {
  const names = estimatorsThatRead[option];
  return {
    option,
    unusedWhere: ({ estimator }) =>
      names.includes(estimator)
        ? null
        : `does nothing with --estimator ${estimator}; it is of ${names.join(' and ')}`,
  };
});

/** `gcnc measure CHECKPOINT|EMBEDDINGS.npz`. */
export const measureCommand = (): Command =>
  addCheckpointOptions(
    new Command('measure')
      .description('Geometric complexity and neural collapse of a checkpoint on a split of a data set')
      .argument(
        '<checkpoint>',
        "a checkpoint's folder, a run's for its last one, or embeddings in a file.npz",
      ),
    {
      split: `${splitNames}; default: sourceTrain`,
      precision: "of geometric complexity's passes; collapse is measured in float32",
    },
  )
    .addOption(
      new Option('--estimator <name>', 'of geometric complexity')
        .choices(['exact', 'hutchinson', 'outputs', 'masked'])
        .default(defaultRequest.estimator),
    )
    .option(
      '--examples <n>',
      'at most so many, balanced over classes (default: 512, with --relative-error all)',
      wholeNumber(1),
    )
    .option(
      '--probes <k>',
      'probes per example; rows per example for outputs (default: 1; with --relative-error what a pilot finds best)',
      wholeNumber(1),
    )
    .addOption(
      new Option(
        '--probe-space <space>',
        "hutchinson: the embedding's space (reverse mode) or the images' (forward mode)",
      )
        .choices(['output', 'input'])
        .default(defaultRequest.probeSpace),
    )
    .addOption(
      new Option('--distribution <name>', 'hutchinson: of the probes')
        .choices(['rademacher', 'gaussian', 'sphere'])
        .default(defaultRequest.distribution),
    )
    .option('--share <p>', "masked: share of the Jacobian's entries", share, defaultRequest.share)
    .option(
      '--relative-error <e>',
      "draw examples until the 95 % interval's half-width is this share of the value",
      positiveNumber,
    )
    .addOption(
      new Option('--input-space <space>', 'units of the images: as the network is fed, or pixels from 0 to 1')
        .choices(['normalized', 'pixel'])
        .default(defaultRequest.inputSpace),
    )
    .option('--seed <n>', 'of the examples and probes', seedNumber, defaultRequest.seed)
    .option(
      '--rho <value>',
      "the classes' Poincare constant, for a bound from geometric collapse",
      positiveNumber,
    )
    .option(
      '--directional-pairs <n>',
      'other classes per example for directional geometric collapse; 2 where absent, all with --estimator exact, 0 for none',
      wholeNumber(0),
    )
    .option('--per-example <file>', 'write ||J||_F^2 of every example as CSV')
    .option(
      '--pairs <file>',
      'write CDNV, directional CDNV and geometric collapse of every pair of classes as CSV',
    )
    .option('--json', 'one JSON object on standard output')
    .action(async (folder: string, flags: MeasureFlags, command: Command) => {
      if (folder.endsWith('.npz')) return measureFile(folder, flags, command);
      refuseUnused(command, dependentOptions);
      const [perExample, pairs] = outputsOf(flags);
      checkOutputFiles([perExample, pairs]);
      const checkpoint = openCheckpoint(folder);
      // Before TensorFlow is loaded, which takes a second.
      poolingFor(checkpoint.network, flags.layer, flags.pooling);
      const asked = await openCheckpointSet(checkpoint, flags, process.env, 'sourceTrain', true);
      const precision = resolvePrecision(flags.precision);
      const found = await withProgress({ stream: process.stderr }, () =>
        measureOnRequest(checkpoint, asked, { ...flags, precision }),
      );
      const unwritten = writeOutputs([
        { ...perExample, text: () => csvText(perExampleRows(found, asked.set)) },
        { ...pairs, text: () => csvText(pairRows(found)) },
      ]);
      warnOfSharedClasses(asked);
      const { data, dataMatchesTraining } = asked;
      const text = `${measureText(found.record)}${changedDataNote(dataMatchesTraining, data)}`;
      process.stdout.write(flags.json ? `${JSON.stringify(found.record)}\n` : text);
      if (unwritten !== null) throw unwritten;
    });

const outputsOf = ({ perExample, pairs }: MeasureFlags) =>
  [
    { option: '--per-example', path: perExample },
    { option: '--pairs', path: pairs },
  ] as const;

/** Embeddings from a file are what they are: nothing of a network can be asked of them, and TensorFlow is not loaded. */
async function measureFile(path: string, flags: MeasureFlags, command: Command): Promise<void> {
  const allowed = ['json', 'pairs'];
  const given = command.options.find((option) => {
    const name = option.attributeName();
    return command.getOptionValueSource(name) === 'cli' && !allowed.includes(name);
  });
  if (given !== undefined)
    throw new InputError(
      `${given.long}: ${path} holds embeddings already; allowed are --json and --pairs, or give a checkpoint`,
    );
  const [, pairs] = outputsOf(flags);
  checkOutputFiles([pairs]);
  const { record, embeddings } = await withProgress({ stream: process.stderr }, () =>
    measureEmbeddings(path),
  );
  const unwritten = writeOutputs([
    { ...pairs, text: () => csvText(pairRows({ embeddings, complexity: null })) },
  ]);
  process.stdout.write(flags.json ? `${JSON.stringify(record)}\n` : embeddingsText(record));
  if (unwritten !== null) throw unwritten;
}
