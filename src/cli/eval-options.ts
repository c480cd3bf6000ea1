import { type Command, Option } from 'commander';
import { fewshotDefaults, fineTuneDefaults } from '../config/fewshot-schema.ts';
import { type RequestedOptions, readoutOptionNames } from '../readouts/readout-options.ts';
import {
  type ImageReadoutName,
  imageReadoutNames,
  type ReadoutName,
  readoutNames,
  readoutsThatRead,
} from '../readouts/readouts.ts';
import { addCheckpointOptions, type CheckpointFlags, splitNames } from './checkpoint-options.ts';
import { readoutsOf, shotsOf, waysOf } from './eval-values.ts';
import { positiveNumber, seedNumber, wholeNumber } from './numbers.ts';
import { readoutFlags } from './readout-flags.ts';
import type { DependentOption } from './unused-options.ts';

/** Options of `gcnc eval`. */
export interface EvalFlags extends CheckpointFlags, RequestedOptions {
  readonly shots: readonly (number | 'all')[];
  readonly ways: number | 'all';
  readonly queries: number;
  readonly episodes: number;
  readonly readout: readonly (ReadoutName | ImageReadoutName)[];
  readonly seed: number;
  readonly centre: 'none' | 'support' | 'base';
  readonly normalize?: boolean;
  readonly disjoint?: boolean;
  readonly augment?: number;
  readonly validation?: string;
  readonly episodeList?: string;
  readonly saveEpisodes?: string;
  readonly perEpisode?: string;
  readonly json?: boolean;
  readonly fineTuneEpisodes: number;
  readonly steps: number;
  readonly headRate: number;
  readonly bodyRate: number;
  readonly dryRun?: boolean;
}

const ofReadout =
  (...names: readonly string[]): DependentOption<EvalFlags>['unusedWhere'] =>
  ({ readout }) =>
    readout.some((each) => names.includes(each))
      ? null
      : `does nothing with --readout ${readout.join(',')}; it is of ${names.join(' and ')}`;

const ofEpisodes: DependentOption<EvalFlags>['unusedWhere'] = ({ shots }) =>
  shots.every((count) => count === 'all') ? 'does nothing with --shots all, which draws no episodes' : null;

/** Not `--ways`, `--queries` and `--episodes`: what stands in for these is said in the result. */
const episodeOptions = ['disjoint', 'episodeList', 'saveEpisodes', 'perEpisode'] as const;

/** Options of `gcnc eval` that have an effect only together with others. */
export const dependentOptions: readonly DependentOption<EvalFlags>[] = [
  ...readoutOptionNames.map((option) => ({
    option,
    unusedWhere: ofReadout(...readoutsThatRead(option)),
  })),
  ...(['fineTuneEpisodes', 'steps', 'headRate', 'bodyRate'] as const).map((option) => ({
    option,
    unusedWhere: ofReadout('fine-tune'),
  })),
  ...episodeOptions.map((option) => ({
    option,
    unusedWhere: ofEpisodes,
  })),
  {
    option: 'validation',
    unusedWhere: ({ C }) => (C === 'auto' ? null : `does nothing with --C ${C}; it is of --C auto`),
  },
];

export function addEvalOptions(command: Command): Command {
  addCheckpointOptions(command, {
    split: `${splitNames}; default: target`,
    precision: 'of the convolutions',
  })
    .option(
      '--shots <list>',
      'support examples per class, such as 1,5; all: every training example',
      shotsOf,
      fewshotDefaults.shots,
    )
    .option('--ways <n>', 'classes of an episode; all: every class', waysOf, fewshotDefaults.ways)
    .option('--queries <n>', 'queries per class', wholeNumber(1), fewshotDefaults.queries)
    .option('--episodes <n>', 'the same ones for every checkpoint', wholeNumber(2), fewshotDefaults.episodes)
    .option(
      '--readout <list>',
      `of ${[...readoutNames, ...imageReadoutNames].join(', ')}`,
      readoutsOf,
      fewshotDefaults.readouts,
    )
    .option('--disjoint', 'no image in two episodes; --episodes is then the most that are drawn')
    .option(
      '--augment <n>',
      "each support is n copies by the training's augmentation, instead of itself",
      wholeNumber(1),
    )
    .option('--seed <n>', 'of the episodes and augmented copies', seedNumber, fewshotDefaults.seed)
    .addOption(
      new Option('--centre <what>', "subtract the mean of each episode's support, or of the source classes")
        .choices(['none', 'support', 'base'])
        .default('none'),
    )
    .option('--normalize', 'scale features to length 1, after centring')
    .option('--validation <file>', 'for --C auto of a file.npz: embeddings of validation classes')
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
    .option('--json', 'one JSON object on standard output');
  for (const option of readoutFlags()) command.addOption(option);
  return command;
}
