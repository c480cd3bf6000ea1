import type { InputError } from '../input-error.ts';
import { dotted, quoted, shown, type Wrong } from './explain-issue.ts';
import { type Path, type Plain, wholeKey } from './located.ts';
import { suggestion } from './nearest.ts';
import { runLimit } from './number-schemas.ts';
import { combinationCount, drawCombinations, emptyRange } from './random-draws.ts';
import { runKeys } from './schema-node.ts';
import type { RandomBlock, SweepBlock } from './sweep-block-schema.ts';

/** One key given one value, and where in the file the sweep says so. */
export interface Assignment {
  readonly key: string;
  readonly value: Plain;
  readonly path: Path;
}
export type Combination = readonly Assignment[];

/** `training.l2=0 seed=1`. */
export const combinationText = (combination: Combination): string =>
  combination.map(({ key, value }) => `${key}=${shown(value)}`).join(' ');

/** All combinations of grid, zip, list, random and seeds, the first key slowest and the seeds fastest. */
export function combinationsOf(
  sweep: SweepBlock,
  fail: (wrong: Wrong) => InputError,
): readonly Combination[] {
  checkKeys(sweep, fail);
  const factors: (readonly Combination[])[] = [];
  for (const [key, values] of Object.entries(sweep.grid ?? {}))
    factors.push(values.map((value, index) => [{ key, value, path: ['sweep', 'grid', key, index] }]));
  if (sweep.zip !== undefined) factors.push(zipped(sweep.zip, fail));
  if (sweep.list !== undefined) factors.push(sweep.list.map(listed));
  if (sweep.random !== undefined) factors.push(drawn(sweep.random, fail));
  if (sweep.seeds !== undefined)
    factors.push(
      sweep.seeds.map((seed, index) => [{ key: 'seed', value: seed, path: ['sweep', 'seeds', index] }]),
    );
  const count = factors.reduce((product, factor) => product * factor.length, 1);
  if (count > runLimit)
    throw fail(at(['sweep'], `the sweep has ${count} runs; at most ${runLimit} are allowed`));
  return factors.reduce<readonly Combination[]>(
    (all, factor) => all.flatMap((left) => factor.map((right) => [...left, ...right])),
    [[]],
  );
}

function zipped(
  zip: NonNullable<SweepBlock['zip']>,
  fail: (wrong: Wrong) => InputError,
): readonly Combination[] {
  const entries = Object.entries(zip);
  const length = entries[0]?.[1].length ?? 0;
  const other = entries.find(([, values]) => values.length !== length);
  if (entries.length === 0)
    throw fail(at(['sweep', 'zip'], 'sweep.zip is empty; give keys, each with its values'));
  if (other !== undefined)
    throw fail(
      at(
        ['sweep', 'zip', other[0]],
        `sweep.zip: ${entries[0]![0]} has ${length} values and ${other[0]} ${other[1].length}; they go together one by one`,
      ),
    );
  return Array.from({ length }, (_, index) =>
    entries.map(([key, values]) => ({ key, value: values[index]!, path: ['sweep', 'zip', key, index] })),
  );
}

const listed = (values: Readonly<Record<string, Plain>>, index: number): Combination =>
  Object.entries(values).map(([key, value]) => ({ key, value, path: ['sweep', 'list', index, key] }));

function drawn(random: RandomBlock, fail: (wrong: Wrong) => InputError): readonly Combination[] {
  const { n, keys } = random;
  const entries = Object.entries(keys).map(([key, distribution]) => ({
    key,
    distribution,
    path: ['sweep', 'random', 'keys', key],
  }));
  if (entries.length === 0) throw fail(at(['sweep', 'random', 'keys'], 'sweep.random.keys is empty'));
  for (const { distribution, path } of entries) {
    const wrong = emptyRange(distribution);
    if (wrong !== null) throw fail(at(path, `${dotted(path)}: ${wrong}`));
  }
  const tooFew = (count: number): InputError => {
    const have = `${count} different ${count === 1 ? 'combination' : 'combinations'}`;
    return fail(
      at(
        ['sweep', 'random', 'n'],
        `sweep.random.n is ${n}, and its keys have only ${have}; give at most ${count}`,
      ),
    );
  };
  const count = combinationCount(keys);
  if (count < n) throw tooFew(count);
  const draws = drawCombinations(random);
  if (draws.length < n) throw tooFew(draws.length);
  return draws.map((values) => entries.map(({ key, path }, index) => ({ key, value: values[index]!, path })));
}

/** Every key is a run's, and no two blocks set the same one or a part of it. */
function checkKeys(sweep: SweepBlock, fail: (wrong: Wrong) => InputError): void {
  const places: { readonly key: string; readonly block: string; readonly path: Path }[] = [];
  const add = (block: string, path: Path, keys: object): void => {
    for (const key of Object.keys(keys)) places.push({ key, block, path: [...path, key] });
  };
  add('grid', ['sweep', 'grid'], sweep.grid ?? {});
  add('zip', ['sweep', 'zip'], sweep.zip ?? {});
  for (const [index, each] of (sweep.list ?? []).entries()) add(`list`, ['sweep', 'list', index], each);
  add('random', ['sweep', 'random', 'keys'], sweep.random?.keys ?? {});
  for (const [index, each] of (sweep.exclude ?? []).entries())
    add('exclude', ['sweep', 'exclude', index], each);
  const known = runKeys();
  for (const { key, block, path } of places)
    if (!known.includes(key)) {
      const meant = suggestion(key, known, known);
      const text = `unknown key ${quoted(key)} in sweep.${block}${meant}`;
      throw fail({ path, isKey: true, message: text });
    }
  if (sweep.seeds !== undefined) places.push({ key: 'seed', block: 'seeds', path: ['sweep', 'seeds'] });
  const setting = places.filter(({ block }) => block !== 'exclude');
  for (const one of setting)
    for (const other of setting) {
      const sameList = one.block === 'list' && other.block === 'list';
      const overlaps = wholeKey(one.key) === wholeKey(other.key) || other.key.startsWith(`${one.key}.`);
      if (
        one !== other &&
        overlaps &&
        !(sameList && (one.key === other.key || one.path[2] !== other.path[2]))
      )
        throw fail({
          path: other.path,
          isKey: true,
          message: `sweep.${one.block} sets ${one.key} and sweep.${other.block} ${other.key}: a key is set in one place`,
        });
    }
}

const at = (path: Path, message: string): Wrong => ({ path, isKey: false, message });
