import { printable } from '../formats/printable.ts';
import type { StoredTensor } from '../formats/safetensors.ts';
import { InputError } from '../input-error.ts';
import { withTorchvisionsNumbers } from './classifier-numbers.ts';
import { refuseSegmentation } from './other-functions.ts';

/** Names of a public implementation, where they are not torchvision's. */
interface Naming {
  /** Whose names, for the message. */
  readonly of: string;
  /** The first convolution's, where it is not torchvision's. */
  readonly first?: string;
  /** A name under which only this implementation has its first convolution or another tensor. */
  readonly known: RegExp;
  readonly rename: (name: string) => string;
  /** The shape that a renamed tensor has at torchvision, of the same values in the same order. */
  readonly reshape?: (name: string, shape: readonly number[]) => readonly number[];
  /** Throws InputError where the names tell of another network than one with this first filter. */
  readonly check?: (filter: number | undefined, path: string) => void;
}

const oneMore = (index: string): number => Number(index) + 1;

const transformersFirst = 'embedder.embedder.convolution.weight';

/** The children of torchvision's ResNet in an nn.Sequential, by number; without max-pool there is one less before the stages. */
const numbered = (offset: 3 | 4): Naming => ({
  of: "a Sequential's numbers",
  first: '0.weight',
  known: offset === 4 ? /^7\.0\.conv1\.weight$/ : /^3\.0\.conv1\.weight$/,
  rename: (name) =>
    name
      .replace(/^0\./, 'conv1.')
      .replace(/^1\./, 'bn1.')
      .replace(
        /^(\d)\.(\d+)\./,
        (_, stage: string, block: string) => `layer${Number(stage) - offset + 1}.${block}.`,
      ),
  check: (filter, path) => {
    if (offset === 3 && filter === 7)
      throw new InputError(
        `${path}: its Sequential has stages from 3 on, which leaves no place for the max-pool that follows a 7x7 convolution in every ResNet here`,
      );
  },
});

const namings: readonly Naming[] = [
  numbered(4),
  numbered(3),
  {
    of: "weiaicunzai's ResNet",
    first: 'conv1.0.weight',
    known: /^conv5_x\.0\.residual_function\.0\.weight$/,
    rename: (name) =>
      name
        .replace(/^conv1\.0\./, 'conv1.')
        .replace(/^conv1\.1\./, 'bn1.')
        .replace(/^conv([2-5])_x\./, (_, stage: string) => `layer${Number(stage) - 1}.`)
        .replace('.shortcut.', '.downsample.')
        .replace(/\.residual_function\.(\d)\./, (_, index: string) => {
          const at = Number(index);
          return at % 3 === 0 ? `.conv${at / 3 + 1}.` : `.bn${(at - 1) / 3 + 1}.`;
        }),
  },
  {
    of: "kuangliu's shortcut",
    known: /^layer\d\.\d+\.shortcut\.\d\./,
    rename: (name) => name.replace(/\.shortcut\.(\d)/, '.downsample.$1'),
  },
  {
    of: "kuangliu's linear",
    known: /^linear\.(weight|bias)$/,
    rename: (name) => name.replace(/^linear\./, 'fc.'),
  },
  {
    of: "transformers' ResNet",
    first: transformersFirst,
    known: /^(resnet\.)?embedder\.embedder\.convolution\.weight$/,
    rename: (name) =>
      name
        .replace(/^resnet\./, '')
        .replace(/^embedder\.embedder\.convolution\./, 'conv1.')
        .replace(/^embedder\.embedder\.normalization\./, 'bn1.')
        .replace(/^classifier\.1\./, 'fc.')
        .replace(
          /^encoder\.stages\.(\d)\.layers\.(\d+)\./,
          (_, stage: string, layer: string) => `layer${oneMore(stage)}.${layer}.`,
        )
        .replace('.shortcut.convolution.', '.downsample.0.')
        .replace('.shortcut.normalization.', '.downsample.1.')
        .replace(/\.layer\.(\d)\.convolution\./, (_, index: string) => `.conv${oneMore(index)}.`)
        .replace(/\.layer\.(\d)\.normalization\./, (_, index: string) => `.bn${oneMore(index)}.`),
  },
  {
    of: "timm's VGG",
    known: /^(pre_logits\.fc[12]|head\.fc)\.(weight|bias)$/,
    rename: (name) =>
      name
        .replace(/^pre_logits\.fc1\./, 'classifier.0.')
        .replace(/^pre_logits\.fc2\./, 'classifier.3.')
        .replace(/^head\.fc\./, 'classifier.6.'),
    // Its hidden layers are convolutions of the 7x7 features.
    reshape: (name, shape) =>
      /^classifier\.[03]\.weight$/.test(name) && shape.length === 4
        ? [shape[0]!, shape[1]! * shape[2]! * shape[3]!]
        : shape,
  },
];

/** Stems of other networks that share their blocks' names with these. */
const otherStems: readonly (readonly [known: RegExp, what: string])[] = [
  [/^conv1\.[03]\.weight$/, 'a ResNet with a deep stem of three convolutions (ResNet-C or -D)'],
  [/^layer\d\.\d+\.se\./, 'a ResNet with squeeze and excitation'],
  [/^layer\d\.\d+\.downsample\.2\.weight$/, 'a ResNet whose shortcuts average first (ResNet-D)'],
];

export interface NamedWeights {
  readonly weights: ReadonlyMap<string, StoredTensor>;
  /** What was done, in words; empty where nothing was. */
  readonly renamed: readonly string[];
}

/**
 * Weights under torchvision's names. What wrappers put before the names of one network (DataParallel's `module.`, `_orig_mod.`,
 * `backbone.`, in any order and number) is cut, and what stands outside is left out; other implementations' names are replaced. Throws
 * InputError where several networks with the convolution `first` are there and `prefix` chooses none, and for networks that are known not to be these.
 */
export function torchvisionNames(
  stored: ReadonlyMap<string, StoredTensor>,
  path: string,
  first: string,
  prefix?: string,
): NamedWeights {
  refuseSegmentation(stored, path);
  const found = prefixesOf([...stored.keys()], first);
  const given = prefix === undefined || prefix === '' || prefix.endsWith('.') ? prefix : `${prefix}.`;
  if (given !== undefined && ![...stored.keys()].some((name) => name.startsWith(given)))
    throw new InputError(`${path}: --prefix ${given}: no name starts so; it holds ${listed(found)}`);
  if (given === undefined && found.length > 1)
    throw new InputError(`${path}: holds several networks: ${listed(found)}; choose one with --prefix`);
  const cut = given ?? found[0] ?? '';
  const inside = [...stored].filter(([name]) => name.startsWith(cut));
  const outside = [...stored.keys()].filter((name) => !name.startsWith(cut));
  const renamed = [
    ...(cut === '' ? [] : [`the prefix ${printable(cut)} was cut`]),
    ...(outside.length === 0 ? [] : [`left out, as outside of ${printable(cut)}: ${listed(outside)}`]),
  ];
  let weights: ReadonlyMap<string, StoredTensor> = new Map(
    inside.map(([name, tensor]) => [name.slice(cut.length), tensor]),
  );
  for (const naming of namings) {
    if (![...weights.keys()].some((name) => naming.known.test(name))) continue;
    const { of, rename, reshape = (_, shape) => shape, check } = naming;
    const changed = [...weights].map(([name, tensor]): [string, StoredTensor] => {
      const to = rename(name);
      return [to, { ...tensor, shape: reshape(to, tensor.shape) }];
    });
    const whole = new Map(changed);
    if (whole.size !== weights.size)
      throw new InputError(`${path}: ${of} names and torchvision's stand side by side, and mean the same`);
    weights = whole;
    renamed.push(`${of} became torchvision's names`);
    check?.(weights.get('conv1.weight')?.shape[2], path);
  }
  const other = otherStems.find(([known]) => [...weights.keys()].some((name) => known.test(name)));
  if (other !== undefined) throw new InputError(`${path}: is ${other[1]}, which is no model here`);
  const renumbered = withTorchvisionsNumbers(weights, path);
  return renumbered === null
    ? { weights, renamed }
    : { weights: renumbered.weights, renamed: [...renamed, renumbered.said] };
}

const listed = (names: readonly string[]): string =>
  names.length === 0
    ? 'none'
    : `${names
        .slice(0, 4)
        .map((name) => printable(name) || 'the top')
        .join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`;

/** What stands before the first convolution of each network among the names; those within another network are its own layers. */
function prefixesOf(names: readonly string[], first: string): string[] {
  const before = (end: string): string[] =>
    names.flatMap((name) =>
      name === end || name.endsWith(`.${end}`) ? [name.slice(0, name.length - end.length)] : [],
    );
  const renamed = first !== 'conv1.weight' ? [] : namings.flatMap((naming) => (naming.first ? [naming] : []));
  const all = [
    ...before(first),
    ...before(`resnet.${transformersFirst}`),
    ...renamed.flatMap(({ first: end, known }) =>
      before(end!).filter((each) =>
        names.some((name) => name.startsWith(each) && known.test(name.slice(each.length))),
      ),
    ),
  ];
  const unique = [...new Set(all)].filter((each) => !/(^|\.)(layer\d|block\d\.layer)\.\d+\.$/.test(each));
  return unique.filter((each) => !unique.some((other) => other !== each && each.startsWith(other)));
}
