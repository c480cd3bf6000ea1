import type { StoredTensor } from '../formats/safetensors.ts';

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
  return { weights, renamed };
}
