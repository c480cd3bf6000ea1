import { meanWithInterval } from '../../src/statistics/student-interval.ts';
import { logistic, nearestMean } from '../claims.ts';
import { markdownTable, short } from '../tables.ts';
import { type Group, groupsOf, known, meanOf, meansOf, rangeText } from './configuration-means.ts';
import { hasTargets, wasRun } from './per-regime.ts';
import { fitsBelow, knobLabel, type Regime, regimeTitle } from './regimes.ts';
import { type RegimeRuns, type StudyRuns, sampleOf } from './study-runs.ts';

/** Whether a regime's mean training loss at the end, over the means of configurations, says that it fits. */
export function fitText({ mustFit }: Regime, losses: readonly number[]): string {
  if (losses.length === 0) return 'not run';
  const fits = meanOf(losses) < fitsBelow ? 'yes' : 'no';
  const share = `${losses.filter((loss) => loss < fitsBelow).length} of ${losses.length} configurations do`;
  return `${fits} (${share}${mustFit ? '' : '; the plan does not ask it'})`;
}

function regimeRow(runs: RegimeRuns): readonly string[] {
  const title = regimeTitle(runs.regime);
  if (!runs.studies.some(wasRun)) return [title, 'not run', '-', '-', '-', '-', '-', '-'];
  const sample = sampleOf(runs.studies);
  const groups = groupsOf(sample);
  const losses = meansOf(groups, 'sourceTrainLoss');
  const accuracies = [logistic, nearestMean].map((id) => meansOf(groups, id));
  return [
    title,
    String(new Set(sample.rows.map(({ hash }) => hash)).size),
    String(groups.length),
    losses.length === 0 ? '-' : short(meanOf(losses)),
    rangeText(losses),
    fitText(runs.regime, losses),
    ...accuracies.map((means) => rangeText(means, 100)),
  ];
}

/** `71.2 [69.9, 72.5]`: mean over seeds with Student's 95 % interval. */
export function percentText(values: readonly number[]): string {
  if (values.length === 0) return '-';
  const { value, ci95 } = meanWithInterval(values);
  const percent = (share: number): string => (100 * share).toFixed(1);
  return ci95 === null ? percent(value) : `${percent(value)} [${percent(ci95[0])}, ${percent(ci95[1])}]`;
}

/** What the sweeps that hold a configuration call it; the base has several names. */
function nameOf(group: Group, studies: readonly StudyRuns[]): string {
  const names = studies.flatMap(({ study, rows }) => {
    const row = rows.find(({ hash }) => hash === group[0]!.hash);
    return row === undefined ? [] : [`${knobLabel(study)} ${row.parameter}`];
  });
  return names.join(' = ');
}

/** 5-shot accuracy of each configuration of a regime whose purpose is to transfer. */
function accuracyTable({ regime, studies }: RegimeRuns): string {
  const groups = groupsOf(sampleOf(studies));
  const aim = regime.transferAim!;
  const reached = meansOf(groups, logistic).filter((mean) => mean >= aim).length;
  return [
    `5-shot accuracy in ${regimeTitle(regime).replace('Regime', 'regime')}, in %: mean over seeds with Student's 95 % interval. ${reached} of ${groups.length} configurations reach ${100 * aim} % by logistic.`,
    markdownTable(
      ['configuration', 'seeds', 'logistic', 'nearest mean'],
      groups.map((group) => [
        nameOf(group, studies),
        String(group.length),
        percentText(known(group, logistic)),
        percentText(known(group, nearestMean)),
      ]),
    ),
  ].join('\n\n');
}

/** Whether each regime fits, and what 5-shot accuracy its configurations reach. */
export const regimesText = (all: readonly RegimeRuns[]): string =>
  [
    `A regime fits where the mean training loss at the end, over configurations' means, is below ${fitsBelow}. Ranges are over configurations' means.`,
    markdownTable(
      [
        'regime',
        'runs',
        'configurations',
        'training loss at the end',
        'from lowest to highest',
        'fits',
        '5-shot logistic %',
        '5-shot nearest mean %',
      ],
      all.map(regimeRow),
    ),
    ...all
      .filter((each) => each.regime.transferAim !== null && hasTargets(each) && each.studies.some(wasRun))
      .map(accuracyTable),
  ].join('\n\n');
