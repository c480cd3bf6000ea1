import { Command } from 'commander';
import { diagnostics } from '../diagnostics.ts';
import { readEmbeddingsFile } from '../fewshot/embeddings-file.ts';
import { formatEpisodes } from '../fewshot/episode-file.ts';
import type { EpisodeList } from '../fewshot/episodes.ts';
import { type EvalInput, type EvalRequest, evaluate } from '../fewshot/eval-record.ts';
import type { FeatureOptions } from '../fewshot/features.ts';
import { perEpisodeRows } from '../fewshot/per-episode-rows.ts';
import { readValidationFile } from '../fewshot/validation-file.ts';
import { InputError } from '../input-error.ts';
import { changedDataNote } from '../on-request/changed-data.ts';
import type { CheckpointInput } from '../on-request/checkpoint-input.ts';
import { warnOfSharedClasses } from '../on-request/shared-classes.ts';
import { requestedOptionsIn } from '../readouts/readout-options.ts';
import { csvText } from '../report/csv.ts';
import { checkpointOptionNames } from './checkpoint-options.ts';
import { checkFineTune, fineTuned, showCost } from './eval-fine-tune.ts';
import { addEvalOptions, dependentOptions, type EvalFlags } from './eval-options.ts';
import { evalText } from './eval-text.ts';
import { episodesIn } from './eval-values.ts';
import { checkOutputFiles, writeOutputs } from './outputs.ts';
import { withProgress } from './progress.ts';
import { refuseUnused } from './unused-options.ts';

/** `gcnc eval CHECKPOINT|FILE.npz`. */
export const evalCommand = (): Command =>
  addEvalOptions(
    new Command('eval')
      .description('Few-shot accuracy on classes that the network never saw')
      .argument(
        '<checkpoint>',
        "a checkpoint's folder, a run's for its last one, or embeddings in a file.npz",
      ),
  ).action(async (path: string, flags: EvalFlags, command: Command) => {
    refuseUnused(command, dependentOptions);
    const list = flags.episodeList === undefined ? undefined : episodesIn(flags.episodeList);
    const saved = { option: '--save-episodes', path: flags.saveEpisodes };
    const perEpisode = { option: '--per-episode', path: flags.perEpisode };
    checkOutputFiles([saved, perEpisode]);
    const ofFile = path.endsWith('.npz');
    checkFineTune(path, flags);
    if (flags.dryRun) return showCost(path, flags, list);
    const input = ofFile
      ? fileInput(path, flags, command)
      : await withProgress({ stream: process.stderr }, () => ofCheckpoint(path, flags));
    const { dataMatchesTraining = null, base = null, sharedClasses, noTransfer = null } = input;
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
    // Where both are the same data, one note is enough.
    const baseNote =
      base === null || dataMatchesTraining !== null
        ? ''
        : changedDataNote(base.dataMatchesTraining, base.data, ', whose mean --centre base takes,');
    const text = `${evalText(record)}${changedDataNote(dataMatchesTraining, input.data)}${baseNote}`;
    process.stdout.write(
      flags.json
        ? `${JSON.stringify(ofFile ? record : { ...record, dataMatchesTraining, baseMatchesTraining: base?.dataMatchesTraining ?? null, sharedClasses })}\n`
        : text,
    );
    if (unwritten !== null) throw unwritten;
  });

type Asked = EvalInput & {
  readonly dataMatchesTraining?: boolean | null;
  readonly base?: CheckpointInput['base'];
  readonly sharedClasses?: number | null;
  readonly noTransfer?: string | null;
};

/** Embeddings from a file are what they are: nothing of a network can be asked of them. */
function fileInput(path: string, flags: EvalFlags, command: Command): Asked {
  const given = checkpointOptionNames.find((name) => command.getOptionValueSource(name) === 'cli');
  if (given !== undefined)
    throw new InputError(`--${given}: ${path} holds embeddings already; leave it out, or give a checkpoint`);
  if (flags.augment !== undefined)
    throw new InputError(`--augment: needs images, and ${path} holds embeddings; give a checkpoint`);
  const labelled = readEmbeddingsFile(path);
  const validation =
    flags.validation === undefined
      ? undefined
      : readValidationFile(flags.validation, { path, file: labelled });
  if (flags.C === 'auto' && validation === undefined)
    throw new InputError(`--C auto: give embeddings of validation classes with --validation FILE.npz`);
  return { ...labelled, validation, checkpoint: null, data: path, split: null, layer: null };
}

async function ofCheckpoint(path: string, flags: EvalFlags): Promise<Asked> {
  const { checkpointInput } = await import('../on-request/checkpoint-input.ts');
  const { data, split, layer, pooling, precision, shots, centre, seed } = flags;
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

function requestOf(
  flags: EvalFlags,
  { baseMean, data }: EvalInput,
  list: EpisodeList | undefined,
): EvalRequest {
  const { shots, ways, queries, episodes, seed, disjoint, readout, centre, normalize = false } = flags;
  if (centre === 'base' && baseMean === null)
    throw new InputError(`--centre base: ${data} has no array base_mean; allowed are none, support`);
  const features: FeatureOptions = { centre: centre === 'base' ? baseMean! : centre, normalize };
  const readouts = readout.filter((name) => name !== 'fine-tune');
  const readoutOptions = requestedOptionsIn(flags);
  return { shots, ways, queries, episodes, seed, disjoint, readouts, features, readoutOptions, list };
}
