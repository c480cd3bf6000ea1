import { pText } from '../../src/report/number-text.ts';
import { permutationTest } from '../../src/statistics/permutation-test.ts';
import { meanWithInterval } from '../../src/statistics/student-interval.ts';
import { markdownTable, short } from '../tables.ts';
import { groupsOf, known, meanOf } from './configuration-means.ts';
import { wasRun } from './per-regime.ts';
import { knobOf } from './regimes.ts';
import { type RegimeRuns, sampleOf } from './study-runs.ts';

/** One configuration of regime (b'): its recipe, its learning rate, and its means over seeds. */
interface Configuration {
  readonly recipe: Readonly<Record<Choice, boolean>>;
  readonly rate: number;
  readonly mean: (id: string) => number | null;
}

type Choice = 'cosine' | 'l2';

/** The two choices of a recipe, and the one that each compares with. */
const choices: readonly { readonly choice: Choice; readonly label: string }[] = [
  { choice: 'cosine', label: 'cosine against a constant rate' },
  { choice: 'l2', label: 'L2 0.0005 against none' },
];

/** What a choice may change: an accuracy by points of a percent, anything else by its quotient. */
const quantities: readonly { readonly id: string; readonly label: string; readonly points?: boolean }[] = [
  { id: 'sourceTrainLoss', label: 'source training loss' },
  { id: 'sourceTestAccuracy', label: 'source test accuracy', points: true },
  { id: 'sourceGc', label: 'source GC' },
  { id: 'sourceGcPerNorm', label: 'source GC per squared feature norm' },
  { id: 'targetCdnv', label: 'target CDNV' },
  { id: 'targetCdnvDirectional', label: 'directional target CDNV' },
  { id: '5way_5shot_logistic', label: '5-shot logistic', points: true },
  { id: '5way_5shot_nearest-mean', label: '5-shot nearest mean', points: true },
];

function configurationsOf({ studies }: RegimeRuns): readonly Configuration[] {
  return studies.filter(wasRun).flatMap((runs) => {
    const [, schedule, l2] = /^(constant|cosine)-(with|without)-l2$/.exec(knobOf(runs.study)) ?? [];
    if (schedule === undefined) return [];
    const recipe = { cosine: schedule === 'cosine', l2: l2 === 'with' };
    return groupsOf(sampleOf([runs])).map((group): Configuration => {
      const mean = (id: string): number | null => {
        const values = known(group, id);
        return values.length === 0 ? null : meanOf(values);
      };
      return { recipe, rate: group[0]!.parameter, mean };
    });
  });
}

/** Configurations with and without a choice that share all else. */
const pairsOf = (all: readonly Configuration[], choice: Choice): readonly (readonly Configuration[])[] =>
  all
    .filter(({ recipe }) => recipe[choice])
    .flatMap((one) => {
      const rest = { ...one.recipe, [choice]: false };
      const other = all.find(
        ({ recipe, rate }) => rate === one.rate && recipe.cosine === rest.cosine && recipe.l2 === rest.l2,
      );
      return other === undefined ? [] : [[one, other]];
    });

/** Mean change over pairs with Student's 95 % interval, and the exact p of exchanging the two within each pair. */
function changeText(pairs: readonly (readonly Configuration[])[], id: string, points = false): string {
  const scale = points ? (value: number) => 100 * value : Math.log;
  const changes = pairs.flatMap((pair) => {
    const [one, other] = pair.map(({ mean }) => mean(id));
    return one == null || other == null ? [] : [scale(one) - scale(other)];
  });
  if (changes.length < 2) return '-';
  const { value, ci95 } = meanWithInterval(changes);
  const shown = points
    ? (change: number) =>
        `${Math.abs(change) < 0.05 ? '' : change < 0 ? '−' : '+'}${Math.abs(change).toFixed(1)}`
    : (change: number) => short(Math.exp(change));
  const [low, high] = ci95!.map(shown);
  const { p } = permutationTest(
    changes.flatMap(() => [0.5, -0.5]),
    changes.flatMap((change) => [change / 2, -change / 2]),
    changes.map((_, at) => [2 * at, 2 * at + 1]),
  );
  return `${points ? '' : 'times '}${shown(value)} [${low}, ${high}], ${pText(p)}, n = ${changes.length}`;
}

/** What the schedule and L2 change over regime (b')'s configurations, which share everything else pair by pair. */
export function recipeEffectsText(all: readonly RegimeRuns[]): string {
  const configurations = all.filter(({ regime }) => regime.prefix === 'recipe').flatMap(configurationsOf);
  if (configurations.length === 0) return 'Not run.';
  const compared = choices.map(({ choice, label }) => ({ label, pairs: pairsOf(configurations, choice) }));
  return [
    'At equal steps, over n pairs of configurations that differ in the choice alone. A change is of points of a percent for accuracies and a quotient for the rest: the mean over pairs (of logarithms for quotients) with its 95 % t-interval, and the exact permutation p value of exchanging the two of each pair.',
    markdownTable(
      ['quantity', ...compared.map(({ label }) => label)],
      quantities.map(({ id, label, points }) => [
        label,
        ...compared.map(({ pairs }) => changeText(pairs, id, points)),
      ]),
    ),
  ].join('\n\n');
}
