import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { dotted, quoted } from '../config/explain-issue.ts';
import { entries, type Located, nearestAt, originText, plain } from '../config/located.ts';
import { suggestionAmong } from '../config/nearest.ts';
import { parseYaml, readText, type YamlKind } from '../config/read-yaml.ts';
import { InputError } from '../input-error.ts';
import { seedLimit } from '../random/random.ts';

/** What a file of a class split says: the classes of each part, or how many are drawn for it. */
export type SplitFile =
  | {
      readonly kind: 'named';
      readonly source: readonly string[];
      readonly validation: readonly string[];
      readonly target: readonly string[];
    }
  | {
      readonly kind: 'counted';
      readonly seed: number;
      readonly source: number;
      readonly validation: number;
      readonly target: number;
    };

/** The failsafe schema takes every scalar as the text that is written: the class 010 is not the class 10. */
const splitYaml: YamlKind = {
  schema: 'failsafe',
  one: 'a class split',
  wanted: 'source, with validation and target where there are any',
  example: 'source',
};

const namesWords = 'expected class names: [a, b], or {group: [a, b]}';
const countWords = 'with seed, expected a whole number of classes';
const className = z.string().min(1);
const classList = z
  .union([z.array(className), z.record(z.string(), z.array(className))], { error: namesWords })
  .transform((list) => (Array.isArray(list) ? list : Object.values(list).flat()));
const wholeNumber = (error: string) => z.string({ error }).regex(/^\d+$/, error).transform(Number);
const classCount = wholeNumber(countWords).pipe(z.int(countWords));
const namedSplit = z.strictObject({
  source: classList,
  validation: classList.default([]),
  target: classList.default([]),
});
const seedWords = `expected a whole number up to ${seedLimit}`;
const countedSplit = z.strictObject({
  seed: wholeNumber(seedWords).pipe(z.int(seedWords).max(seedLimit, seedWords)),
  source: wholeNumber(countWords).pipe(z.int(countWords).positive(`${countWords} from 1`)),
  validation: classCount.default(0),
  target: classCount.default(0),
});

/** Reads the split `name` of a run from its file. Throws InputError `file:line:column: ...` with what is allowed. */
export function readSplitFile(name: string, file: string | URL): SplitFile {
  const path = typeof file === 'string' ? file : fileURLToPath(file);
  const located = parseYaml(readText(path, 'data.split: '), name, splitYaml);
  const content = plain(located);
  if (entries(located).has('seed')) {
    const parsed = countedSplit.safeParse(content);
    if (parsed.success) return { kind: 'counted', ...parsed.data };
    throw splitError(located, parsed.error.issues);
  }
  const parsed = namedSplit.safeParse(content);
  if (parsed.success) return { kind: 'named', ...parsed.data };
  throw splitError(located, parsed.error.issues);
}

/** The first thing that is wrong, at its place. Unknown keys come first: a typo explains what is missing. */
function splitError(located: Located, issues: readonly z.core.$ZodIssue[]): InputError {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const place = originText(nearestAt(located, [key]).keyOrigin);
    const meant = suggestionAmong(key, Object.keys(countedSplit.shape));
    return new InputError(`${place}: unknown key ${quoted(key)}${meant}`, { code: 'unknown-key', key });
  }
  const at = nearestAt(located, issue.path);
  const isMissing = at === located;
  const key = dotted(issue.path);
  return new InputError(
    `${originText(at.origin)}: ${key}${isMissing ? ' is missing' : ''}: ${issue.message}`,
    { code: isMissing ? 'missing-value' : 'bad-value', key },
  );
}
