import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expandSweep } from '../src/config/expand.ts';
import { loadSweepFile } from '../src/config/load.ts';
import type { RunConfig } from '../src/config/schema.ts';
import { headerOf } from './header.ts';

/** A study at the scale that two cores finish: what `<folder>/<name>.small.yaml` and its header say. */
export interface Study {
  /** `<folder>/<name>`: of the config `<folder>/<name>.small.yaml` and the results `<folder>/results/<name>.csv`. */
  readonly id: string;
  /** `Overview`: what is varied and on what, in few words. */
  readonly title: string;
  /** `Question`. */
  readonly question: string;
  /** The swept key, dotted, the first that varies; `seed` where nothing else varies and training itself is the question. */
  readonly key: string;
  /** `Reported`: sign of the effect of the key on GC and collapse that the paper reports; null where it has none. */
  readonly reported: 1 | -1 | null;
  /** `At loss`: training loss (nat, inference mode) at which the runs are compared besides their ends; null where they are not. */
  readonly equalLoss: number | null;
  /** Whether the runs end at a training loss (`training.stopAtLoss`) instead of an epoch. */
  readonly stopsAtLoss: boolean;
  /** `Figures`: those of the sweep's report that are kept, by their names there; none where the header names a `Plan`. */
  readonly figures: readonly string[];
  /** Whether target classes are held out, so that there is few-shot accuracy. */
  readonly transfer: boolean;
}

const transferFigures = ({ ways, shots, readouts }: RunConfig['fewshot']): readonly string[] => [
  'sourceGc-by-loss',
  'targetCdnv-by-sourceGc',
  `fewshot_target_${ways}way_${shots.at(-1)}shot_${readouts[0]}-by-sourceGc`,
];
const trainingFigures = ['sourceGc-by-loss', 'sourceGeometricCollapse-by-step', 'sourceCdnv-by-step'];

const ending = '.small.yaml';

/** Reads a study from its config, whose path `id` stands for. Throws RangeError for a header that does not say what it must. */
export function readStudy(root: string, id: string): Study {
  const path = join(root, `${id}${ending}`);
  const header = headerOf(readFileSync(path, 'utf8'));
  const runs = expandSweep(loadSweepFile(path).file);
  const key = Object.keys(runs[0]!.parameters).find((each) => each !== 'seed') ?? 'seed';
  const transfer = runs[0]!.config.data.split !== 'none';
  const wanted = (word: string): string => {
    const text = header.get(word);
    if (text === undefined) throw new RangeError(`${path}: the header has no line "# ${word}: ..."`);
    return text;
  };
  const match = <T>(word: string, pattern: RegExp, read: (found: string) => T): T | null => {
    const text = header.get(word);
    if (text === undefined) return null;
    const [, found] = pattern.exec(text) ?? [];
    if (found === undefined) throw new RangeError(`${path}: "# ${word}: ${text}" does not match ${pattern}`);
    return read(found);
  };
  if (key !== 'seed') wanted('Reported');
  return {
    id,
    title: wanted('Overview'),
    question: wanted('Question'),
    key,
    reported: match('Reported', /^GC (falls|rises)\b/, (verb) => (verb === 'rises' ? 1 : -1)),
    equalLoss: match('At loss', /^(\d+(?:\.\d+)?) nat$/, Number),
    stopsAtLoss: runs.every(({ config }) => config.training.stopAtLoss !== undefined),
    // A plan has figures of its own, over all of its sweeps.
    figures: header.has('Plan')
      ? []
      : (header.get('Figures')?.split(/,\s*/) ??
        (transfer ? transferFigures(runs[0]!.config.fewshot) : trainingFigures)),
    transfer,
  };
}

/**
 * The studies of a folder such as experiments/: one per `*.small.yaml` that no script of its own runs. In a folder, those whose runs
 * others take over come first.
 */
export function studiesIn(root: string): readonly Study[] {
  const configs = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => ({
      path,
      id: path.slice(0, -ending.length),
      text: readFileSync(join(root, path), 'utf8'),
    }))
    .filter(({ text }) => !headerOf(text).has('Script'));
  const extending = ({ text }: { readonly text: string }): string =>
    /^extends: .*\.small\.yaml/m.test(text) ? '1' : '0';
  const place = (config: { readonly id: string; readonly text: string }): string =>
    config.id.replace('/', `/${extending(config)}`);
  return configs.toSorted((a, b) => (place(a) < place(b) ? -1 : 1)).map(({ id }) => readStudy(root, id));
}

export const studies: readonly Study[] = studiesIn(import.meta.dirname);

/** Studies around one base configuration, whose runs the confound check takes together: those of a folder with few-shot accuracy. */
export const pools: readonly { readonly readme: string; readonly studies: readonly string[] }[] = [
  ...new Set(studies.map(({ id }) => split(id)[0])),
].flatMap((folder) => {
  const pooled = studies.filter(
    ({ id, transfer, equalLoss }) => split(id)[0] === folder && transfer && equalLoss !== null,
  );
  return pooled.length < 2 ? [] : [{ readme: `${folder}/README.md`, studies: pooled.map(({ id }) => id) }];
});

function split(id: string): readonly [string, string] {
  const [folder = '', name = ''] = id.split('/');
  return [folder, name];
}

/** A study's files, relative to experiments/. */
export const studyPaths = ({ id }: Study) => {
  const [folder, name] = split(id);
  return {
    config: `${id}${ending}`,
    results: `${folder}/results/${name}.csv`,
    provenance: `${folder}/results/${name}.json`,
    figure: (figure: string): string => `${folder}/results/${name}-${figure}.svg`,
    readme: `${folder}/README.md`,
  };
};
