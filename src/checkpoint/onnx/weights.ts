import type { OnnxGraph } from '../../formats/onnx.ts';
import type { StoredTensor } from '../../formats/safetensors.ts';
import { InputError } from '../../input-error.ts';
import type { ModelOptions } from '../../models/model.ts';
import { type ModelName, makeNetwork, modelNamed } from '../../models/models.ts';
import type { Network } from '../../models/network.ts';
import { type Match, matchNetwork } from './match.ts';

export interface OnnxWeights {
  /** Under the network's names. */
  readonly weights: ReadonlyMap<string, StoredTensor>;
  /** What was done, in words. */
  readonly notes: readonly string[];
  /** Pixels per side that the graph is fed with, where they are fixed. */
  readonly side: number | null;
  readonly strides: 'v1' | 'v1.5';
}

interface Attempt {
  readonly options: ModelOptions;
  readonly network: Network;
  readonly match: Match;
  /** Whether the classifier, too, is the network's. */
  readonly isWhole: boolean;
}

/**
 * The weights of a network out of an ONNX graph, by the order of its operations (see match.ts). A head that is not the network's is
 * left out, and said to be. Throws InputError where the features are not the network's, or could be those of two of its forms.
 */
export function onnxWeights(
  graph: OnnxGraph,
  name: ModelName,
  imageSize: number | undefined,
  path: string,
): OnnxWeights {
  if (graph.inputs.length !== 1)
    throw new InputError(
      `${path}: its graph has ${graph.inputs.length} inputs; a classifier has one, the image`,
    );
  const first = graph.nodes.find(({ op }) => op === 'Conv');
  const filters = graph.tensors.get(first?.inputs[1] ?? '')?.shape;
  if (filters?.length !== 4)
    throw new InputError(
      `${path}: its graph has no convolution whose filters are constants of floats${unreadReason(graph, first?.inputs[1])}`,
    );
  const [height = null, width = null] = sidesOf(graph, filters[1]!);
  if (height !== null && width !== null && height !== width && imageSize === undefined)
    throw new InputError(
      `${path}: its graph takes images of ${height}x${width}, and gcnc's are square; give --image-size`,
    );
  const side = height === width ? height : null;
  const model = modelNamed(name);
  const base = model.readOff(new Map([[model.firstConvolution, { shape: filters }]]), filters);
  const pixels = imageSize ?? side ?? (base.stem === 'imagenet' ? 224 : 32);
  const imageShape = [pixels, pixels, filters[1]!];
  const attempts = formsOf(name, base).map((options) => attempt(graph, name, options, imageShape));
  const right = attempts.filter(({ match, network }) => match.found >= featuresOf(network));
  if (right.length > 1) throw new InputError(`${path}: its graph could be more than one form of ${name}`);
  if (right.length === 0) {
    const { match, network } = attempts.reduce((a, b) => (b.match.found > a.match.found ? b : a));
    const { layer } = network.nodes[match.found]!;
    const where = 'name' in layer ? layer.name : `${layer.kind} (operation ${match.found + 1})`;
    throw new InputError(
      `${path}: its graph is not ${name}'s; at ${where}, ${match.missing}${unreadReason(graph, undefined)}`,
    );
  }
  const [{ match, network, isWhole, options }] = right as [Attempt];
  const features = namesUpTo(network, featuresOf(network));
  const weights = isWhole
    ? match.weights
    : new Map([...match.weights].filter(([each]) => features.has(each.slice(0, each.lastIndexOf('.')))));
  return {
    weights,
    side,
    strides: options.strides ?? 'v1.5',
    notes: [
      'layers were found by the order of the operations in the ONNX graph',
      ...(isWhole || match.missing?.endsWith('nothing is there')
        ? []
        : [`what follows the features is not the classifier of ${name}, and was left out`]),
    ],
  };
}

/** The forms of a network that ONNX graphs tell apart by their operations. */
const formsOf = (name: ModelName, base: ModelOptions): ModelOptions[] => {
  const { takes } = modelNamed(name);
  if (takes.batchNorm !== undefined) return [true, false].map((batchNorm) => ({ ...base, batchNorm }));
  return takes.strides === undefined ? [base] : [base, { ...base, strides: 'v1' }];
};

/** What may follow logits that are the network's: it changes neither their order nor their softmax. */
const afterLogits: ReadonlySet<string> = new Set(['Softmax', 'LogSoftmax', 'ArgMax', 'Identity']);

/** Most hidden layers before a classifier. */
const mostHidden = 4;

/** Matches a form; hidden layers are added as long as a ReLU follows what could be the classifier. */
function attempt(
  graph: OnnxGraph,
  name: ModelName,
  options: ModelOptions,
  imageShape: readonly number[],
): Attempt {
  const { takes } = modelNamed(name);
  const hidden: number[] = [];
  const matchOf = (form: ModelOptions) => {
    const network = makeNetwork({ name, ...form }, imageShape, 1);
    return { network, match: matchNetwork(network, graph, takes.batchNorm === undefined) };
  };
  let { network, match } = matchOf(options);
  let isWhole = match.missing === null;
  while (
    takes.hidden !== undefined &&
    match.missing === null &&
    match.next.includes('Relu') &&
    hidden.length < mostHidden
  ) {
    hidden.push(classesIn(network, match));
    ({ network, match } = matchOf({ ...options, hidden: [...hidden] }));
    isWhole = match.missing === null;
  }
  isWhole &&= match.next.every((op) => afterLogits.has(op));
  return { options, network, match, isWhole };
}

const classesIn = (network: Network, { weights }: Match): number => {
  const { layer } = network.nodes[network.outputs.logits!]!;
  return weights.get(`${'name' in layer ? layer.name : ''}.bias`)!.shape[0]!;
};

/** Number of layers up to the features: the flattened ones where hidden layers may follow. */
const featuresOf = ({ outputs }: Network): number => (outputs.flatten ?? outputs.embedding!) + 1;

const namesUpTo = ({ nodes }: Network, end: number): ReadonlySet<string> =>
  new Set(nodes.slice(0, end).flatMap(({ layer }) => ('name' in layer ? [layer.name] : [])));

/** Height and width, where they are fixed: images are [n, channels, height, width], or channels last. */
function sidesOf({ inputs }: OnnxGraph, channels: number): readonly (number | null)[] {
  const [first, ...rest] = inputs[0]!.shape.slice(1);
  return first === channels ? rest : [first ?? null, rest[0] ?? null];
}

const unreadReason = ({ unread }: OnnxGraph, name: string | undefined): string => {
  const [first] = unread.has(name ?? '')
    ? [unread.get(name!)]
    : [...unread.values()].filter((why) => why.includes('type'));
  return first === undefined ? '' : ` (of a constant, ${first})`;
};
