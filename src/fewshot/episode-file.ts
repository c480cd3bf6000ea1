import { z } from 'zod';
import { InputError } from '../input-error.ts';
import type { EpisodeList } from './episodes.ts';

const whole = z.int().nonnegative();
const positive = z.int().positive();
const fileSchema = z.strictObject({
  ways: positive,
  shots: positive,
  queries: positive,
  episodes: positive,
  seed: whole,
  classSizes: z.array(whole),
  classes: z.array(z.array(whole)).describe('Classes of each episode'),
  members: z
    .array(z.array(z.array(whole)))
    .describe('By episode and class: positions among its examples, queries first'),
});

/** The list as JSON, to save beside results. */
export function formatEpisodes({ classes, members, ...options }: EpisodeList): string {
  const { ways, shots, queries, episodes, seed, classSizes } = options;
  const chunks = (values: ArrayLike<number>, size: number): number[][] =>
    Array.from({ length: values.length / size }, (_, i) =>
      Array.from({ length: size }, (_, k) => values[i * size + k]!),
    );
  const byClass = chunks(members, queries + shots);
  // One order, whoever made the list: its digest is of this text.
  return `${JSON.stringify({
    ...{ ways, shots, queries, episodes, seed, classSizes },
    classes: chunks(classes, ways),
    members: Array.from({ length: episodes }, (_, e) => byClass.slice(e * ways, (e + 1) * ways)),
  })}\n`;
}

/** Reads what `formatEpisodes` wrote. Throws InputError of one line: not JSON, other keys, numbers out of range. */
export function parseEpisodes(text: string, where: string): EpisodeList {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InputError(`${where}: is no JSON`);
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new InputError(`${where}: ${path.join('.') || 'episode list'}: ${message}`);
  }
  const { classes, members, ...options } = parsed.data;
  const { ways, shots, queries, episodes, classSizes } = options;
  const fits =
    classes.length === episodes &&
    members.length === episodes &&
    classes.every((list) => distinctBelow(list, ways, classSizes.length)) &&
    members.every(
      (lists, episode) =>
        lists.length === ways &&
        lists.every((list, way) =>
          distinctBelow(list, queries + shots, classSizes[classes[episode]![way]!]!),
        ),
    );
  if (!fits)
    throw new InputError(
      `${where}: expected ${episodes} episodes of ${ways} classes with ${queries + shots} different examples each, within classSizes`,
    );
  return { ...options, classes: Int32Array.from(classes.flat()), members: Int32Array.from(members.flat(2)) };
}

const distinctBelow = (list: readonly number[], count: number, bound: number): boolean =>
  list.length === count && new Set(list).size === count && list.every((value) => value < bound);
