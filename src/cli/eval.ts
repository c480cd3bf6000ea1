import { Command, Option } from 'commander';
import { fineTuneDefaults } from '../config/fewshot-schema.ts';
import { diagnostics } from '../diagnostics.ts';
import { readEmbeddingsFile } from '../fewshot/embeddings-file.ts';
import { formatEpisodes } from '../fewshot/episode-file.ts';
import type { EpisodeList } from '../fewshot/episodes.ts';
import { type EvalInput, type EvalRequest, evaluate } from '../fewshot/eval-record.ts';
import { evalText } from '../fewshot/eval-text.ts';
import type { FeatureOptions } from '../fewshot/features.ts';
import { perEpisodeRows } from '../fewshot/per-episode-rows.ts';
import { readValidationFile } from '../fewshot/validation-file.ts';
import { InputError } from '../input-error.ts';
import { type Pooling, poolings } from '../models/pooled-outputs.ts';
import { changedDataNote } from '../on-request/changed-data.ts';
import { warnOfSharedClasses } from '../on-request/shared-classes.ts';
import { defaultReadoutOptions } from '../readouts/readout.ts';
import {
  type ImageReadoutName,
  imageReadoutNames,
  type ReadoutName,
  readoutNames,
} from '../readouts/readouts.ts';
import { csvText } from '../report/csv.ts';
import { checkFineTune, type FineTuneFlags, fineTuned, showCost } from './eval-fine-tune.ts';
import { episodesIn, penaltyOf, readoutsOf, shotsOf, waysOf } from './eval-values.ts';
import { positiveNumber, seedNumber, wholeNumber } from './numbers.ts';
import { checkOutputFiles, writeOutputs } from './outputs.ts';
import { withProgress } from './progress.ts';

interface Flags extends FineTuneFlags {
  readonly shots: readonly (number | 'all')[];
  readonly ways: number | 'all';
  readonly queries: number;
  readonly episodes: number;
  readonly readout: readonly (ReadoutName | ImageReadoutName)[];
  readonly seed: number;
  readonly data?: string;
  readonly split?: string;
  readonly layer?: string;
  readonly pooling?: Pooling;
  readonly precision?: 'float32' | 'bfloat16' | 'auto';
  readonly centre: 'none' | 'support' | 'base';
  readonly normalize?: boolean;
  readonly disjoint?: boolean;
  readonly augment?: number;
  readonly validation?: string;
  readonly C: number | 'auto';
  readonly alpha: number;
  readonly k: number;
  readonly metric: 'euclidean' | 'cosine';
  readonly episodeList?: string;
  readonly saveEpisodes?: string;
  readonly perEpisode?: string;
  readonly json?: boolean;
}

/** `gcnc eval CHECKPOINT|FILE.npz`. */
export const evalCommand = (): Command =>
  new Command('eval')
    .description('Few-shot accuracy on classes that the network never saw')
    .argument('<checkpoint>', "a checkpoint's folder, a run's for its last one, or embeddings in a file.npz")
    .option(
      '--shots <list>',
      'support examples per class, such as 1,5; all: every training example',
      shotsOf,
      [5],
    )
    .option('--ways <n>', 'classes of an episode; all: every class', waysOf, 5)
    .option('--queries <n>', 'queries per class', wholeNumber(1), 15)
    .option('--episodes <n>', 'the same ones for every checkpoint', wholeNumber(2), 1000)
    .option('--readout <list>', `of ${[...readoutNames, ...imageReadoutNames].join(', ')}`, readoutsOf, [
      'logistic',
      'nearest-mean',
    ])
    .option('--disjoint', 'no image in two episodes; --episodes is then the most that are drawn')
    .option(
      '--augment <n>',
      "each support is n copies by the training's augmentation, instead of itself",
      wholeNumber(1),
    )
    .option('--seed <n>', 'of the episodes and augmented copies', seedNumber, 0)
    .option('--data <name>', "data set, file.npz or folder of images; the checkpoint's own where absent")
    .option(
      '--split <name>',
      'target (where absent), validation, sourceTest, sourceTrain; train, test or all of a whole data set',
    )
    .option('--layer <name>', 'embedding (where absent), logits, or a stage such as layer3')
    .addOption(
      new Option(
        '--pooling <how>',
        "of a stage's feature map: its mean over positions, or the map as it is (where absent)",
      ).choices(poolings),
    )
    .addOption(
      new Option('--precision <type>', 'of the convolutions; float32 where absent').choices([
        'float32',
        'bfloat16',
        'auto',
      ]),
    )
    .addOption(
      new Option('--centre <what>', "subtract the mean of each episode's support, or of the source classes")
        .choices(['none', 'support', 'base'])
        .default('none'),
    )
    .option('--normalize', 'scale features to length 1, after centring')
    .option(
      '--C <value>',
      "logistic: scikit-learn's C; auto: chosen on the validation classes",
      penaltyOf,
      defaultReadoutOptions.C,
    )
    .option('--validation <file>', 'for --C auto of a file.npz: embeddings of validation classes')
    .option('--alpha <value>', "ridge: scikit-learn's alpha", positiveNumber, defaultReadoutOptions.alpha)
    .option('--k <n>', 'knn: neighbours that vote', wholeNumber(1), defaultReadoutOptions.k)
    .addOption(
      new Option('--metric <name>', 'knn: what near means')
        .choices(['euclidean', 'cosine'])
        .default(defaultReadoutOptions.metric),
    )
    .addOption(
      new Option('--episode-list <file>', 'episodes saved before, instead of a draw').conflicts([
        'ways',
        'queries',
        'episodes',
        'seed',
        'disjoint',
      ]),
    )
    .option('--save-episodes <file>', 'write the list of episodes as JSON')
    .option('--per-episode <file>', "write every episode's accuracy as CSV, for gcnc compare")
    .option(
      '--fine-tune-episodes <n>',
      'fine-tune: the first n episodes of the list',
      wholeNumber(2),
      fineTuneDefaults.episodes,
    )
    .option('--steps <n>', 'fine-tune: steps of SGD', wholeNumber(1), fineTuneDefaults.steps)
    .option(
      '--head-rate <value>',
      "fine-tune: the new classifier's learning rate",
      positiveNumber,
      fineTuneDefaults.headRate,
    )
    .option(
      '--body-rate <value>',
      'fine-tune: the learning rate of all before it',
      positiveNumber,
      fineTuneDefaults.bodyRate,
    )
    .option('--dry-run', 'fine-tune: say what it costs, and compute nothing')
    .option('--json', 'one JSON object on standard output')
    .action(async (path: string, flags: Flags) => {
      const list = flags.episodeList === undefined ? undefined : episodesIn(flags.episodeList);
      const writes = flags.saveEpisodes ?? flags.perEpisode;
      if (writes !== undefined && flags.shots.every((count) => count === 'all'))
        throw new InputError(`${writes}: --shots all has no episodes to write`);
      const saved = { option: '--save-episodes', path: flags.saveEpisodes };
      const perEpisode = { option: '--per-episode', path: flags.perEpisode };
      checkOutputFiles([saved, perEpisode]);
      const ofFile = path.endsWith('.npz');
      checkFineTune(path, flags);
      if (flags.dryRun) return showCost(path, flags, list);
      const input = ofFile
        ? fileInput(path, flags)
        : await withProgress({ stream: process.stderr }, () => ofCheckpoint(path, flags));
      const { dataMatchesTraining = null, sharedClasses, noTransfer = null } = input;
      const evaluated = await withProgress({ stream: process.stderr }, async () => {
        const frozen = evaluate(input, requestOf(flags, input, list));
        return flags.readout.includes('fine-tune') ? fineTuned(path, flags, input, frozen) : frozen;
      });
      const { record, episodes } = evaluated;
      warnOfSharedClasses({ data: input.data, split: input.split ?? '', noTransfer });
      const unwritten =
        episodes === null
          ? null
          : writeOutputs([
              { ...saved, text: () => formatEpisodes(episodes.list) },
              {
                ...perEpisode,
                text: () => csvText(perEpisodeRows(record.checkpoint ?? path, input, evaluated)),
              },
            ]);
      const text = `${evalText(record)}${changedDataNote(dataMatchesTraining, input.data)}`;
      process.stdout.write(
        flags.json
          ? `${JSON.stringify(ofFile ? record : { ...record, dataMatchesTraining, sharedClasses })}\n`
          : text,
      );
      if (unwritten !== null) throw unwritten;
    });

type Asked = EvalInput & {
  readonly dataMatchesTraining?: boolean | null;
  readonly sharedClasses?: number | null;
  readonly noTransfer?: string | null;
};

/** Embeddings from a file are what they are: nothing of a network can be asked of them. */
function fileInput(path: string, flags: Flags): Asked {
  for (const name of ['data', 'split', 'layer', 'pooling', 'precision'] as const)
    if (flags[name] !== undefined)
      throw new InputError(`--${name}: ${path} holds embeddings already; leave it out, or give a checkpoint`);
  if (flags.augment !== undefined)
    throw new InputError(`--augment: needs images, and ${path} holds embeddings; give a checkpoint`);
  const labelled = readEmbeddingsFile(path);
  const validation =
    flags.validation === undefined
      ? undefined
      : readValidationFile(flags.validation, { path, file: labelled });
  if (flags.C === 'auto' && validation === undefined)
    throw new InputError(`--C auto: give embeddings of validation classes with --validation FILE.npz`);
  const precision = labelled.embeddings.values instanceof Float64Array ? 'float64' : 'float32';
  return { ...labelled, validation, checkpoint: null, data: path, split: null, layer: null, precision };
}

async function ofCheckpoint(path: string, flags: Flags): Promise<Asked> {
  const { checkpointInput } = await import('../on-request/checkpoint-input.ts');
  const { data, split, layer = 'embedding', pooling, precision = 'float32', shots, centre, seed } = flags;
  if (flags.validation !== undefined)
    throw new InputError('--validation: a checkpoint knows its validation classes; leave it out');
  const wants = {
    markTest: shots.includes('all'),
    baseMean: centre === 'base',
    validation: flags.C === 'auto',
    copies: flags.augment ?? 0,
    seed,
  };
  const input = await checkpointInput(
    path,
    { data, split, layer, pooling, precision, ...wants },
    process.env,
  );
  if (input.cache === 'replaced') diagnostics.warn('a damaged embedding cache was replaced');
  if (input.cache === 'not written')
    diagnostics.warn(`embeddings are not kept: ${input.checkpoint} cannot be written`);
  return { ...input, layer };
}

function requestOf(flags: Flags, { baseMean, data }: EvalInput, list: EpisodeList | undefined): EvalRequest {
  const { shots, ways, queries, episodes, seed, disjoint, readout, centre, normalize = false } = flags;
  if (centre === 'base' && baseMean === null)
    throw new InputError(`--centre base: ${data} has no array base_mean; allowed are none, support`);
  const features: FeatureOptions = { centre: centre === 'base' ? baseMean! : centre, normalize };
  const readouts = readout.filter((name) => name !== 'fine-tune');
  const readoutOptions = { C: flags.C, alpha: flags.alpha, k: flags.k, metric: flags.metric };
  return { shots, ways, queries, episodes, seed, disjoint, readouts, features, readoutOptions, list };
}
