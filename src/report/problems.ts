import { groupBy } from '../statistics/group-by.ts';
import { parameterText, type Results } from './aggregate.ts';
import { firstNames } from './first-names.ts';
import { keysTogether } from './keys-together.ts';
import { mixedRuns } from './mixed-runs.ts';
import { isOfTraining } from './same-network.ts';
import { severalEvaluations, severalUnits } from './several-evaluations.ts';
import { unconvergedFits } from './unconverged-fits.ts';

/** What a reader must know before the numbers: one line each, the gravest first. */
export function problemsOf(results: Results): readonly string[] {
  const { sweep, finished } = results;
  const { runs } = sweep;
  const states = groupBy(runs, ({ state }) => state);
  const named = (['failed', 'interrupted'] as const).flatMap((state) =>
    (states.get(state) ?? []).map(({ name, reason }) => `${name}: ${state}, ${reason ?? 'no reason given'}`),
  );
  const open = (['running', 'pending'] as const).flatMap((state) => {
    const count = states.get(state)?.length ?? 0;
    return count === 0 ? [] : [`${count} of ${runs.length} runs ${state}: the numbers are not final`];
  });
  const without = (states.get('done') ?? [])
    .filter((run) => !finished.some((each) => each.run === run))
    .map(({ name }) => `${name}: done, but without a final checkpoint in metrics.jsonl: left out`);
  const damaged = runs.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`));
  const left =
    sweep.leftOut.length === 0
      ? []
      : [`${sweep.leftOut.length} runs of an earlier version of the sweep are in the folder: left out`];
  return [
    ...(finished.length === 0 ? ['no run has finished: there are no final values'] : []),
    ...named,
    ...open,
    ...without,
    ...damaged,
    ...mixedRuns(finished),
    ...undefinedValues(results),
    ...unconvergedFits(
      results.quantities,
      finished.map(({ run: { name }, final: checkpoint }) => ({ name, checkpoint })),
    ),
    ...severalUnits(finished),
    ...keysTogether(results),
    ...severalDataSets(dataSetsOf([results])),
    ...severalNetworks(results),
    ...sameNetworks(results),
    ...underTrained(results),
    ...fewSeeds(results),
    ...sweep.problems,
    ...left,
  ];
}

/** The data sets that finished runs were trained on, each with its class split. */
const dataSetsOf = (pool: readonly Results[]): readonly string[] => {
  const configs = pool.flatMap(({ finished }) => finished.flatMap(({ run }) => run.config?.data ?? []));
  const names = configs.map((data) => {
    const { name, split } = data as { readonly name?: unknown; readonly split?: unknown };
    return split === undefined || split === 'auto' ? String(name) : `${name} (${split})`;
  });
  return [...new Set(names)];
};

/** A correlation over configurations of several data sets may be one between the data sets. */
const severalDataSets = (names: readonly string[]): readonly string[] =>
  names.length < 2
    ? []
    : [
        `runs on ${names.length} data sets (${firstNames(names, 4)}): a correlation over them may be one between the data sets`,
      ];

/** Configurations of several networks in which another key varies too: pooled, they may go another way than in each network. */
function severalNetworks({ configurations, variedKeys, shortNames }: Results): readonly string[] {
  const [ofModel, others] = [true, false].map((model) =>
    variedKeys.filter((key) => isOfTraining(key) && key.startsWith('model.') === model),
  );
  if (ofModel!.length === 0 || others!.length === 0) return [];
  const finished = configurations.filter((each) => each.finished.length > 0);
  const names = finished.map((each) =>
    ofModel!.map((key) => `${shortNames[key]} ${parameterText(each, key)}`).join(', '),
  );
  const distinct = [...new Set(names)];
  return distinct.length < 2
    ? []
    : [
        `runs of ${distinct.length} networks (${distinct.slice(0, 4).join('; ')}${distinct.length > 4 ? '; …' : ''}): a correlation over them may be one between the networks`,
      ];
}

/** Batches of all training images: larger ones train the same network again. */
function sameNetworks({ configurations }: Results): readonly string[] {
  const again = configurations.filter(
    ({ index, trainedAs, parameters, finished }) =>
      trainedAs !== index &&
      finished.length > 0 &&
      parameters['training.batchSize'] !== configurations[trainedAs]!.parameters['training.batchSize'],
  );
  return again.map(
    ({ label, trainedAs }) =>
      `${label}: trains the network of ${configurations[trainedAs]!.label}, as its batch holds all training images; the two count once`,
  );
}

/** The same for sweeps whose runs are ranked as one pool: a line on one of several sweeps begins with its name. */
export function problemsOfPool(pool: readonly Results[]): readonly string[] {
  const all = pool.flatMap(({ finished }) => finished);
  const ofAll = [
    ...mixedRuns(all),
    ...severalUnits(all),
    ...severalEvaluations(all),
    ...severalDataSets(dataSetsOf(pool)),
  ];
  const ofEach = pool.flatMap((results) =>
    problemsOf(results)
      .filter((line) => !ofAll.includes(line))
      .map((line) => (pool.length === 1 ? line : `${nameIn(pool, results)}: ${line}`)),
  );
  return [...new Set([...ofEach, ...ofAll])];
}

/** Its folder where another folder's sweep is called the same. */
const nameIn = (pool: readonly Results[], { sweep: { name, folder } }: Results): string =>
  pool.some(({ sweep }) => sweep.name === name && sweep.folder !== folder) ? folder : name;

/** Values that came out as NaN or undefined, by quantity, with the reason where the record gives one. */
function undefinedValues({ finished, quantities }: Results): readonly string[] {
  return quantities.flatMap((quantity) => {
    const recorded = finished.filter(({ final }) => quantity.isRecorded?.(final) ?? true);
    const missing = recorded.filter(({ final }) => quantity.read(final) === null);
    if (missing.length === 0 || missing.length === recorded.length)
      return allMissing(quantity.label, missing);
    const names = missing.map(({ run }) => run.name);
    const shown = firstNames(names, 3);
    return [`${quantity.label}: NaN or undefined in ${missing.length} of ${recorded.length} runs (${shown})`];
  });

  function allMissing(label: string, missing: readonly unknown[]): readonly string[] {
    return missing.length === 0 ? [] : [`${label}: NaN or undefined in every finished run`];
  }
}

function underTrained({ finished }: Results): readonly string[] {
  const marked = finished.filter((each) => each.underTrained !== null);
  if (marked.length === 0) return [];
  return [
    `${marked.length} of ${finished.length} finished runs under-trained, which lowers geometric complexity too: marked wherever shown`,
  ];
}

function fewSeeds({ configurations }: Results): readonly string[] {
  const finished = configurations.filter((each) => each.finished.length > 0);
  const single = finished.filter((each) => each.finished.length === 1);
  if (single.length === 0) return [];
  const which =
    single.length === finished.length
      ? 'every configuration'
      : `${single.length} of ${finished.length} configurations`;
  return [`one finished seed in ${which}: no interval over seeds`];
}
