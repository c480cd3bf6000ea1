import { type Checkpoint, type EarlierClasses, readCheckpoint } from '../checkpoint/checkpoint.ts';
import { classesBehind } from '../checkpoint/earlier-classes.ts';
import { someOf } from '../checkpoint/match-weights.ts';
import type { RunConfig } from '../config/schema.ts';
import type { Normalization, StudyData } from '../data/image-set.ts';
import { diagnostics } from '../diagnostics.ts';
import { InputError } from '../input-error.ts';
import { classifierName } from '../models/classifier.ts';
import { initialWeights } from '../models/initialise.ts';
import type { Network } from '../models/network.ts';
import type { StateDict } from '../models/weights.ts';
import { classifierTaken, type OwnClasses } from './first-classifier.ts';
import { firstNormalization } from './first-normalization.ts';

/** What a run begins with. */
export interface FirstWeights {
  readonly weights: StateDict;
  readonly normalization: Normalization;
  /** Null for weights of a seed. */
  readonly earlierClasses: EarlierClasses | null;
}

/** Initial weights of the seed; where `model.weights` names a checkpoint, its weights instead, but for another number of classes. */
export const firstWeights = (
  config: RunConfig,
  network: Network,
  { sourceTrain, normalization, checksum }: StudyData,
): FirstWeights => {
  const { model, seed } = config;
  const initial = initialWeights(network, seed);
  if (model.weights === undefined) return { weights: initial, normalization, earlierClasses: null };
  const given = readCheckpoint(model.weights);
  const found = takenOver(config, given, { ...sourceTrain, normalization, checksum });
  const weights = taken(model, given, network, initial, found.classifier.isKept);
  for (const line of found.lines) diagnostics.warn(line);
  return { weights, normalization: found.normalization, earlierClasses: found.earlierClasses };
};

/** What a run takes over from its first weights beside the tensors before the classifier, and what a user should know of it. */
export const takenOver = (
  config: RunConfig,
  given: Pick<Checkpoint, 'config' | 'state'>,
  own: OwnClasses & { readonly normalization: Normalization },
) => {
  const { normalization, lines } = firstNormalization(config, given.state.normalization, own.normalization);
  const classifier = classifierTaken(given.state, own);
  const said = `model.weights: the classifier of ${config.model.weights} is ${classifier.said}`;
  return { normalization, classifier, earlierClasses: classesBehind(given), lines: [...lines, said] };
};

/** The checkpoint's tensors in place of the initial ones, its classifier where it is kept. Throws InputError where one has no place or is lacking. */
const taken = (
  model: RunConfig['model'],
  given: Checkpoint,
  network: Network,
  initial: StateDict,
  keepsClassifier: boolean,
): StateDict => {
  // A shallower network's tensors are all in a deeper one of its family: the rest would be left out.
  if (given.config.model.name !== model.name)
    throw new InputError(
      `model.weights: ${model.weights} is a ${describe(given)}, and the run's model.name is ${model.name}; they must be the same`,
    );
  const [own, its] = [model, given.config.model].map(({ strides = 'v1.5' }) => strides);
  if (own !== its)
    throw new InputError(`model.weights: ${model.weights} has model.strides ${its}, and the run has ${own}`);
  const [ownHead, itsHead] = [network, given.network].map((each) => `${classifierName(each)}.`);
  const left = [...given.weights.keys()].filter(
    (name) => !name.startsWith(itsHead!) && (!initial.has(name) || name.startsWith(ownHead!)),
  );
  if (left.length > 0)
    throw new InputError(
      `model.weights: ${model.weights} is a ${describe(given)}, whose ${someOf(left)} the run has no place for; model.hidden and the rest of model must be the same`,
    );
  const weights = new Map(initial);
  for (const [name, { shape }] of initial) {
    const isHead = name.startsWith(ownHead!);
    if (!keepsClassifier && isHead) continue;
    // A classifier is no hidden layer, whatever their sizes.
    const held = isHead === name.startsWith(itsHead!) ? given.weights.get(name) : undefined;
    if (!held || String(held.shape) !== String(shape))
      throw new InputError(
        `model.weights: ${model.weights} is a ${describe(given)}, which has no ${name} of [${shape}]; model.name, width, stem, batchNorm and hidden must be the same`,
      );
    weights.set(name, held);
  }
  return weights;
};

const describe = ({ config: { model } }: Checkpoint): string =>
  `${model.name} of width ${model.width} with ${model.stem} stem`;
