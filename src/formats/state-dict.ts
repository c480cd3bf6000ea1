import { InputError } from '../input-error.ts';
import { printable } from './printable.ts';
import type { StoredTensor } from './safetensors.ts';
import { isTensor } from './torch-tensors.ts';

/** Tensors of one state dict may share storages; together they are at most this many times the file. */
const mostSharing = 2;

/** How deep state dicts are looked for. */
const deepest = 3;

/**
 * The state dict in what torch.save stored: a dict with convolution filters, at the top or within dicts, under whatever key. `key` such
 * as `model_ema` or `ema.model` chooses one of several. Throws InputError where there is none, or several and no choice.
 */
export function stateDictIn(
  value: unknown,
  fileBytes: number,
  path: string,
  key?: string,
): ReadonlyMap<string, StoredTensor> {
  if (!(value instanceof Map)) throw new InputError(`${path}: expected a state dict, found another value`);
  const found = candidates(value, [], new Set());
  const names = found.map(({ at }) => (at === '' ? 'the top' : at));
  const chosen = key === undefined ? found : found.filter(({ at }) => at === key);
  if (key !== undefined && chosen.length === 0)
    throw new InputError(`${path}: --state-dict ${key}: it holds ${names.join(', ') || 'none'}`);
  if (chosen.length > 1)
    throw new InputError(
      `${path}: holds several state dicts: ${names.slice(0, 8).join(', ')}; choose one with --state-dict`,
    );
  if (chosen.length === 0)
    throw new InputError(
      `${path}: no state dict with convolutions at the top or within dicts; found ${keysOf(value).join(', ') || 'nothing'}`,
    );
  const { tensors } = chosen[0]!;
  const bytes = [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes.length, 0);
  if (bytes > mostSharing * fileBytes)
    throw new InputError(`${path}: its tensors are ${bytes} bytes in a file of ${fileBytes}`);
  return tensors;
}

interface Candidate {
  /** Keys with dots between; '' is the top. */
  readonly at: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

function candidates(
  map: ReadonlyMap<unknown, unknown>,
  keys: readonly string[],
  seen: Set<unknown>,
): Candidate[] {
  if (seen.has(map)) return [];
  seen.add(map);
  const entries = [...map];
  const tensors = entries.flatMap(([name, each]) =>
    typeof name === 'string' && isTensor(each) ? [[name, each.tensor] as const] : [],
  );
  if (tensors.some(([name, { shape }]) => shape.length === 4 && name.endsWith('weight')))
    return [{ at: keys.join('.'), tensors: new Map(tensors) }];
  if (keys.length === deepest) return [];
  return entries.flatMap(([name, each]) =>
    typeof name === 'string' && each instanceof Map && !/optim/i.test(name)
      ? candidates(each, [...keys, name], seen)
      : [],
  );
}

const keysOf = (map: ReadonlyMap<unknown, unknown>): string[] =>
  [...map.keys()].slice(0, 6).map((key) => (typeof key === 'string' ? printable(key, 40) : typeof key));
