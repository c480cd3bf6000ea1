import type { StoredTensor } from '../formats/safetensors.ts';
import { InputError } from '../input-error.ts';

/**
 * A VGG's linear layers, and torchvision's names of them: `classifier.0`, `classifier.3`, ... or `classifier` for one alone. Other
 * implementations number them otherwise, as dropout stands before or after them. Throws InputError where two have no ReLU between them.
 */
const torchvisionsNumbers = (
  stored: ReadonlyMap<string, StoredTensor>,
  path: string,
): ReadonlyMap<string, string> => {
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
      `${path}: classifier.${bare} and classifier.${bare + 1} are linear layers without a ReLU between them, which no VGG here has`,
    );
  const name = (index: number): string => (numbers.length === 1 ? 'classifier' : `classifier.${3 * index}`);
  return new Map(numbers.map((number, index) => [`classifier.${number}`, name(index)]));
};

/** The weights with those numbers, and what was renamed in words; null where nothing is, or where a name would stand twice. */
export const withTorchvisionsNumbers = (
  stored: ReadonlyMap<string, StoredTensor>,
  path: string,
): { readonly weights: ReadonlyMap<string, StoredTensor>; readonly said: string } | null => {
  const numbers = [...torchvisionsNumbers(stored, path)].filter(([from, to]) => from !== to);
  const changes = new Map(numbers);
  const weights = new Map(
    [...stored].map(([name, tensor]) => [
      name.replace(/^classifier\.\d+(?=\.)/, (layer) => changes.get(layer) ?? layer),
      tensor,
    ]),
  );
  if (numbers.length === 0 || weights.size !== stored.size) return null;
  const [from, to] = [[...changes.keys()], [...changes.values()]].map((names) => names.join(', '));
  return { weights, said: `${from} ${numbers.length === 1 ? 'was' : 'were'} renamed to ${to}` };
};
