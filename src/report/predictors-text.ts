import { fewestConfigurations, isBeyondChance } from '../statistics/association.ts';
import { associationText, correlationText, counted } from './number-text.ts';
import { leadersOf, type Predictor, type PredictorKind, type PredictorTable } from './predictors.ts';
import { drawTable, wrapped } from './terminal-table.ts';

const kinds: Readonly<Record<PredictorKind, string>> = {
  source: 'of the source',
  target: 'of the target classes',
  elsewhere: 'of other classes and data sets',
  control: 'of the fit',
};

/** What the table says in words: who ranks accuracy best among the source's measures, and among the target's. */
export function predictorSentences(table: PredictorTable): readonly string[] {
  if (table.configurations < fewestConfigurations)
    return [
      `${counted(table.configurations, 'configuration')}: too few to say which measure ranks accuracy best; ${fewestConfigurations} are needed.`,
    ];
  return (['source', 'target'] as const).flatMap((kind) => {
    const [best, ...others] = leadersOf(table, kind);
    if (best === undefined) return [];
    const ranksAny = table.predictors.some(
      ({ kind: own, rho }) => own === kind && rho !== null && rho.p !== null && isBeyondChance(rho.p),
    );
    const rest =
      others.length === 0
        ? restText(table, kind)
        : `${others.length} others are not shown to rank worse: ${others
            .slice(0, 5)
            .map(({ label }) => label)
            .join(', ')}${others.length > 5 ? ', ...' : ''}.`;
    const lead = `Of the measures ${kinds[kind]}, ${best.label} ranks accuracy best over ${counted(best.configurations, 'configuration')}, ${associationText(best.rho)}`;
    return [ranksAny ? `${lead}. ${rest}` : `${lead}: none of them is shown to rank it at all.`];
  });
}

/** That the best one stands alone; measures of too few configurations were not compared with it. */
const restText = ({ predictors }: PredictorTable, kind: PredictorKind): string => {
  const known = predictors.flatMap((each) => (each.kind === kind && each.rho !== null ? [each.rho] : []));
  const compared = known.filter(({ p }) => p !== null);
  const of = compared.length < known.length ? ` of ${fewestConfigurations} configurations or more` : '';
  return compared.length === 1 ? `It is the only one${of}.` : `It ranks better than every other one${of}.`;
};

/** An estimate's text, with its number of configurations where it is not the measure's own. */
export const ownCount = (
  text: string,
  found: { readonly n: number } | null,
  { configurations }: Predictor,
): string => (found === null || found.n === configurations ? text : `${text}, n ${found.n}`);

/** What is left of the correlation at a fixed fit. */
export const givenFitText = (each: Predictor): string =>
  ownCount(correlationText(each.givenFit), each.givenFit, each);

/** The table for a terminal, `most` rows of each kind of those to be shown; the sentences are of all. */
export function predictorsText(
  table: PredictorTable,
  most = Number.POSITIVE_INFINITY,
  shown: readonly Predictor[] = table.predictors,
): string {
  const head = wrapped(
    `What ranks ${table.accuracy.label}: rank correlations over ${counted(table.configurations, 'configuration')} (means over ${counted(table.runs, 'run')})`,
  );
  const chosen = (['source', 'target', 'elsewhere', 'control'] as const).flatMap((kind) =>
    shown.filter((each) => each.kind === kind && each.rho !== null).slice(0, most),
  );
  const columns = [
    { head: 'measure', cells: chosen.map(({ label }) => label) },
    ...(chosen.every(({ configurations }) => configurations === table.configurations)
      ? []
      : [{ head: 'n', cells: chosen.map(({ configurations }) => String(configurations)) }]),
    { head: 'Spearman [95 %], p', cells: chosen.map(({ rho }) => associationText(rho)) },
    { head: 'given the fit', cells: chosen.map(givenFitText) },
    { head: 'behind best', cells: chosen.map(behindText) },
  ];
  return [
    head,
    ...(chosen.length === 0 ? [] : [drawTable(columns, 1), uncorrected]),
    ...predictorSentences(table).map(wrapped),
  ].join('\n');
}

const uncorrected = 'no value is corrected for the number of measures: the table finds what to test next';

/** `0.12 [-0.05, 0.40]`: how much larger the best one's |rho| is. */
export const behindText = (each: Predictor): string => {
  const { rho, behindBest, because } = each;
  if (behindBest !== null) return ownCount(correlationText(behindBest).replace(/^\+/, ''), behindBest, each);
  return rho === null ? (because ?? '–') : '–';
};
