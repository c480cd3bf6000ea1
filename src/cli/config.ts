import { Command } from 'commander';
import { Document, isCollection, isMap, isScalar, isSeq, type Node } from 'yaml';
import { type LoadedSweep, loadSweepFile } from '../config/load.ts';
import { nearestAt, originText, type Path, type Plain } from '../config/located.ts';
import { isVariedThroughout } from '../config/pins.ts';
import type { SweepFile } from '../config/schema.ts';
import { sweepInputOf } from './sweep.ts';

interface ConfigValue {
  readonly key: string;
  readonly value: Plain;
  readonly origin: string;
}

/** `gcnc config FILE [key=value...]`: resolved values, each with where it came from. */
export const configCommand = (): Command =>
  new Command('config')
    .description('The resolved config of a sweep file, and where each value came from')
    .argument('<file>', 'sweep file (YAML)')
    .argument('[key=value...]', 'overrides, such as training.learningRate=0.1')
    .option('--json', 'one JSON object on standard output')
    .action((path: string, overrides: string[], { json }: { json?: boolean }) => {
      const loaded = loadSweepFile(path, overrides);
      const { name, runs } = sweepInputOf(loaded);
      const names = runs.map((run) => run.folderName);
      const { notes } = loaded;
      process.stdout.write(
        json
          ? `${JSON.stringify({ file: path, sweep: name, values: valuesOf(loaded), notes, runs: names })}\n`
          : `${yamlWithOrigins(loaded)}\n${notes.map((note) => `# ${note}\n`).join('')}# ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} in ${name}/\n${names.map((each) => `#   ${each}\n`).join('')}`,
      );
    });

/** Where the value came from: the place of what was written, else `default`. */
function originOf({ located }: LoadedSweep, path: Path): string {
  const at = nearestAt(located, path);
  const parent = nearestAt(located, path.slice(0, -1));
  return at === parent && at.content instanceof Map ? 'default' : originText(at.origin);
}

const isLeaf = (value: Plain): boolean =>
  typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0;

function valuesOf(loaded: LoadedSweep): readonly ConfigValue[] {
  const walk = (value: Plain, path: readonly string[]): readonly ConfigValue[] =>
    isLeaf(value)
      ? [{ key: path.join('.'), value, origin: originOf(loaded, path) }]
      : Object.entries(value as object).flatMap(([key, each]) => walk(each as Plain, [...path, key]));
  return walk(resolved(loaded.file), []);
}

/** The resolved config as YAML that can be used as it is, each value's origin in a comment. A key has one source: what the sweep varies is left out. */
function yamlWithOrigins(loaded: LoadedSweep): string {
  const body = withoutVaried(loaded, resolved(loaded.file), []) ?? {};
  const document = new Document(body, { aliasDuplicateObjects: false });
  const comment = (node: Node | null, path: readonly string[]): void => {
    if (isMap<Node, Node | null>(node))
      for (const { key, value } of node.items)
        comment(value, [...path, isScalar(key) ? String(key.value) : '']);
    else if (node !== null) {
      if (isSeq(node)) node.flow = !node.items.some((item) => isCollection(item));
      node.comment = ` ${originOf(loaded, path)}`;
    }
  };
  comment(document.contents as Node, []);
  return document.toString({ lineWidth: 0 });
}

/** Undefined where nothing is left of a mapping. */
function withoutVaried(loaded: LoadedSweep, value: Plain, path: readonly string[]): Plain | undefined {
  if (path[0] === 'sweep') return value;
  if (path.length > 0 && isVariedThroughout(loaded.located, path.join('.'))) return undefined;
  if (isLeaf(value)) return value;
  const left = Object.entries(value as object).flatMap(([key, each]) => {
    const kept = withoutVaried(loaded, each as Plain, [...path, key]);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

const resolved = (file: SweepFile): Plain => {
  const { extends: _, ...rest } = file;
  return JSON.parse(JSON.stringify(rest)) as Plain;
};
