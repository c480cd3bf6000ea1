import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { configText, parseConfigText } from '../config/config-file.ts';
import { type RunConfig, runConfigSchema } from '../config/schema.ts';
import { writeFolderAtomic } from '../files/atomic.ts';
import { canonicalJson } from '../files/canonical-json.ts';
import { formatVersion, refuseNewer } from '../files/format-version.ts';
import { readBytes } from '../files/open-file.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  float32Tensor,
  int64Scalar,
  type StoredTensor,
} from '../formats/safetensors.ts';
import { InputError } from '../input-error.ts';
import { makeNetwork } from '../models/models.ts';
import type { Network } from '../models/network.ts';
import { batchNormNames, firstNotFinite, isTrained, type StateDict, weightSpecs } from '../models/weights.ts';
import { checkpointPaths } from '../runs/paths.ts';
import { matchWeights } from './match-weights.ts';

/** A sum that a version before 2026-11-25 did not make: absent or null. */
const sumOrUnknown = z.number().nullable().optional();

/** Not complete where some of the classes have no names, as those of imported weights. */
const earlierSchema = z.strictObject({ classNames: z.array(z.string()), complete: z.boolean() });
export type EarlierClasses = z.infer<typeof earlierSchema>;

const stateSchema = z.strictObject({
  /** Absent before format 1. */
  format: z.int().optional(),
  /** Whole epochs behind it. */
  epoch: z.int().nonnegative(),
  step: z.int().nonnegative(),
  /** Sums over the steps of the epoch that is under way. */
  running: z.object({
    loss: z.number(),
    correct: z.int(),
    examples: z.int(),
    gradientSquaredNorm: sumOrUnknown,
  }),
  pathSquaredNorm: sumOrUnknown,
  /** False where it was made only because the run was stopped. */
  scheduled: z.boolean(),
  final: z.boolean(),
  /** metrics.jsonl as it was before this checkpoint's own record. */
  metrics: z.object({ bytes: z.int().nonnegative(), sha256: z.string() }),
  imageShape: z.tuple([z.int(), z.int(), z.int()]),
  normalization: z.object({ mean: z.array(z.number()), std: z.array(z.number().positive()) }),
  classNames: z.array(z.string()).min(1),
  /** False where the classes are numbers that nobody gave; absent before 2026-11-26, and after training on classes that have names. */
  classNamesGiven: z.boolean().optional(),
  /** Those that the weights were trained on before this run, where it began with a checkpoint's; absent before 2026-11-26. */
  earlierClasses: earlierSchema.optional(),
  dataChecksum: z.string().nullable(),
  /** SHA-256 of the other files. */
  files: z.object({ weights: z.string(), optimizer: z.string().nullable(), config: z.string().optional() }),
  /** SHA-256 of all the above as canonical JSON; checkpoints of before 2026-11-25 have none. */
  checksum: z.string().optional(),
});
export type CheckpointState = z.infer<typeof stateSchema>;

/** Whether the network's classes have names that somebody gave. Imports did not record it before 2026-11-26: numbers from 0 then count as none. */
export const hasClassNames = ({ classNamesGiven, dataChecksum, classNames }: CheckpointState): boolean =>
  classNamesGiven ??
  (dataChecksum !== null || !classNames.every((name, at) => name === String(at) || name === noClassifier));

/** The one class of a network without a classifier. */
export const noClassifier = 'no classifier';

/** A trained network with all that is needed to use it on its own, or to go on training it. */
export interface Checkpoint {
  readonly folder: string;
  readonly config: RunConfig;
  readonly state: CheckpointState;
  readonly network: Network;
  readonly weights: StateDict;
}

/**
 * Writes a checkpoint's folder in one piece: config.yaml, state.json, and weights and momenta under torchvision's names, so
 * that `load_state_dict(strict=True)` takes weights.safetensors. Throws Error, and writes nothing, where a value is not finite.
 */
export const writeCheckpoint = async (
  folder: string,
  {
    config,
    state,
    network,
    weights,
  }: Pick<Checkpoint, 'config' | 'network' | 'weights'> & {
    readonly state: Omit<CheckpointState, 'files' | 'checksum'>;
  },
  momenta: StateDict | null,
): Promise<void> => {
  for (const [what, values] of [['weights', weights] as const, ['momenta', momenta ?? new Map()] as const]) {
    const wrong = firstNotFinite(values);
    if (wrong !== null)
      throw new Error(
        `no checkpoint of step ${state.step}: ${wrong.name} of its ${what} is not finite (${wrong.value})`,
      );
  }
  const stored = new Map<string, StoredTensor>(encoded(weights));
  for (const name of batchNormNames(network))
    stored.set(`${name}.num_batches_tracked`, int64Scalar(state.step));
  mkdirSync(dirname(folder), { recursive: true });
  await writeFolderAtomic(folder, (temporary) => {
    const paths = checkpointPaths(temporary);
    const configFile = configText(config);
    writeFileSync(paths.config, configFile);
    const weightsFile = encodeSafetensors(stored, { format: 'pt' });
    const optimizerFile = momenta && encodeSafetensors(new Map(encoded(momenta)));
    const files = {
      weights: sha256(weightsFile),
      optimizer: optimizerFile && sha256(optimizerFile),
      config: sha256(configFile),
    };
    const whole = { ...state, format: formatVersion, files };
    const checksum = sha256(canonicalJson(whole));
    writeFileSync(paths.state, `${JSON.stringify({ ...whole, checksum }, null, 2)}\n`);
    writeFileSync(paths.weights, weightsFile);
    if (optimizerFile) writeFileSync(paths.optimizer, optimizerFile);
  });
};

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

const encoded = (state: StateDict): [string, StoredTensor][] =>
  [...state].map(([name, { shape, values }]) => [name, float32Tensor(shape, values)]);

/** Reads and checks a checkpoint's folder. Throws InputError of one line. */
export const readCheckpoint = (folder: string): Checkpoint => {
  const paths = checkpointPaths(folder);
  const { config, state } = readAbout(folder);
  const network = makeNetwork(config.model, state.imageShape, state.classNames.length);
  const stored = decodeSafetensors(readUnchanged(paths.weights, state.files.weights), paths.weights);
  const weights = matchWeights(weightSpecs(network), stored, paths.weights);
  // Last: a network that does not fit the weights is told by its tensors.
  if (state.files.config !== undefined) readUnchanged(paths.config, state.files.config);
  return { folder, config, state, network, weights };
};

/** What a checkpoint says of itself, without its weights. Throws InputError of one line. */
export const readAbout = (folder: string): Pick<Checkpoint, 'config' | 'state'> => {
  const paths = checkpointPaths(folder);
  return {
    config: readPart(paths.config, (text) => runConfigSchema.parse(parseConfigText(text))),
    state: readPart(paths.state, (text) => checkedState(JSON.parse(text))),
  };
};

const checkedState = (read: unknown): CheckpointState => {
  refuseNewer(read);
  const { checksum, ...state } = stateSchema.parse(read);
  if (checksum !== undefined && checksum !== sha256(canonicalJson(state)))
    throw new Error('changed since it was written');
  return state;
};

/** Momentum of each trained weight, for going on with training. */
export const readMomenta = ({ folder, network, state }: Checkpoint): StateDict => {
  const { optimizer } = checkpointPaths(folder);
  const trained = weightSpecs(network).filter(isTrained);
  return matchWeights(
    trained,
    decodeSafetensors(readUnchanged(optimizer, state.files.optimizer), optimizer),
    optimizer,
  );
};

const readStored = (path: string): Uint8Array =>
  readBytes(path, {
    ifMissing: 'a checkpoint is a folder such as runs/<sweep>/<run>/checkpoints/<step>',
  });

const readUnchanged = (path: string, expected: string | null): Uint8Array => {
  const bytes = readStored(path);
  if (sha256(bytes) !== expected)
    throw new InputError(
      `${path}: changed since it was written; 'gcnc import' makes a checkpoint of other weights`,
    );
  return bytes;
};

const readPart = <T>(path: string, read: (text: string) => T): T => {
  const text = Buffer.from(readStored(path)).toString('utf8');
  try {
    return read(text);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${path}: ${error.message}`);
    const said = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new InputError(`${path}: damaged (${said.split('\n')[0]})`);
  }
};
