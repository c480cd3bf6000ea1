import type { StoredTensor } from '../formats/safetensors.ts';
import { InputError } from '../input-error.ts';

/** What wrappers put before every name: DataParallel, Lightning, torch.compile, and common attribute names. */
const prefixes = ['module.', 'model.', '_orig_mod.', 'backbone.', 'net.', 'network.', 'encoder.'];

/** Names of other public implementations, and torchvision's: kuangliu/pytorch-cifar's ResNets. */
const otherNames: readonly (readonly [pattern: RegExp, torchvision: string])[] = [
  [/\.shortcut\.(\d)/, '.downsample.$1'],
  [/^linear\./, 'fc.'],
];

/**
 * Weights under torchvision's names: prefixes that all names share are cut, and other implementations' names replaced. `renamed` says
 * what was done, in words; empty where nothing was.
 */
export function torchvisionNames(stored: ReadonlyMap<string, StoredTensor>): {
  readonly weights: ReadonlyMap<string, StoredTensor>;
  readonly renamed: readonly string[];
} {
  const renamed: string[] = [];
  let weights = stored;
  const rename = (change: (name: string) => string): boolean => {
    const changed = new Map([...weights].map(([name, tensor]) => [change(name), tensor]));
    if (changed.size !== weights.size || [...changed.keys()].every((name) => weights.has(name))) return false;
    weights = changed;
    return true;
  };
  for (let cut = true; cut; ) {
    const first: string = [...weights.keys()][0] ?? '';
    const prefix = prefixes.find(
      (each) => first.startsWith(each) && [...weights.keys()].every((name) => name.startsWith(each)),
    );
    cut = prefix !== undefined && rename((name) => name.slice(prefix.length));
    if (cut) renamed.push(`the prefix ${prefix} was cut`);
  }
  for (const [pattern, name] of otherNames)
    if (rename((each) => each.replace(pattern, name)))
      renamed.push(
        `${pattern.source.replaceAll('\\', '').replaceAll(/[.^]|\(d\)/g, '')} was renamed to ${name.replaceAll(/[.$\d]/g, '')}`,
      );
  const numbered = classifiersNumbers(weights);
  if (rename((name) => name.replace(/^classifier\.\d+(?=\.)/, (layer) => numbered.get(layer) ?? layer)))
    renamed.push(
      `${[...numbered.keys()].join(', ')} ${numbered.size === 1 ? 'was' : 'were'} renamed to ${[...numbered.values()].join(', ')}`,
    );
  return { weights, renamed };
}

/**
 * A VGG's linear layers, and torchvision's names of them: `classifier.0`, `classifier.3`, ... or `classifier` for one alone. Other
 * implementations number them otherwise, as dropout stands before or after them. Throws InputError where two have no ReLU between them.
 */
const classifiersNumbers = (stored: ReadonlyMap<string, StoredTensor>): ReadonlyMap<string, string> => {
  if (!stored.has('features.0.weight')) return new Map();
  const numbers = [...stored]
    .flatMap(([name, { shape }]) => {
      const [, number] = /^classifier\.(\d+)\.weight$/.exec(name) ?? [];
      return number === undefined || shape.length !== 2 ? [] : [Number(number)];
    })
    .sort((a, b) => a - b);
  const bare = numbers.find((number) => numbers.includes(number + 1));
  if (bare !== undefined)
    throw new InputError(
      `classifier.${bare} and classifier.${bare + 1} are linear layers without a ReLU between them, which no VGG here has`,
    );
  const name = (index: number): string => (numbers.length === 1 ? 'classifier' : `classifier.${3 * index}`);
  return new Map(numbers.map((number, index) => [`classifier.${number}`, name(index)]));
};
