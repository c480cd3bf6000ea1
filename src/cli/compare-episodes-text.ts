import type { ComparedReadout, ComparedSetting, EpisodeComparison } from '../fewshot/compare-episodes.ts';
import { columnsOf, plainTable } from '../report/terminal-table.ts';

/** A table for people; the interval is over episodes. */
export function episodeComparisonText({ first, second, list, notes, results }: EpisodeComparison): string {
  const columns = columnsOf(
    ['shots', 'readout', 'first %', 'second %', 'difference', '95 % interval', 'n', ''],
    results.map((each) => [
      String(each.shots),
      each.readout,
      percent(each.first),
      percent(each.second),
      signed(each.difference),
      `${signed(each.ci95[0])} to ${signed(each.ci95[1])}`,
      `${each.episodes} episodes`,
      optionsText(each),
    ]),
  );
  return `${[
    ...[`first:  ${first}`, `second: ${second}`, ''],
    plainTable(columns),
    '',
    `difference: first minus second in points, paired over the episodes of list ${list}; nothing is said of other training seeds`,
    ...results.flatMap(unconvergedLine),
    ...settingLines(results),
    ...notes,
  ].join('\n')}\n`;
}

const percent = (share: number): string => (100 * share).toFixed(2);
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;

/** A fit that did not end at its minimum predicts less well than its readout does. */
function unconvergedLine({ shots, readout, episodes, unconverged }: ComparedReadout): readonly string[] {
  const { first, second } = unconverged;
  if (!first && !second) return [];
  const text = (count: number | null): string => (count === null ? 'an unknown number' : String(count));
  return [
    `! ${shots} shots, ${readout}: of ${episodes} fits ${text(first)} not converged in the first, ${text(second)} in the second`,
  ];
}

/** The readout's options, such as C, stand in its row. */
function optionsText({ settings }: ComparedReadout): string {
  const options = settings.find(({ setting }) => setting === 'regularization');
  if (options === undefined || options.first === null) return '';
  const { first, second } = options;
  return first === second ? first : `${first}; second: ${second}`;
}

/** All other settings: those that are the same, and those that differ. */
function settingLines(results: readonly ComparedReadout[]): readonly string[] {
  const line = (label: string, isWanted: (each: ComparedSetting) => boolean): readonly string[] => {
    const rowsOf = new Map<string, string[]>();
    for (const { shots, readout, settings } of results)
      for (const each of settings.filter((one) => one.setting !== 'regularization' && isWanted(one)))
        rowsOf.set(settingText(each), [...(rowsOf.get(settingText(each)) ?? []), `${shots} ${readout}`]);
    const texts = [...rowsOf].map(([text, rows]) =>
      rows.length === results.length ? text : `${text} (${rows.join(', ')})`,
    );
    return texts.length === 0 ? [] : [`${label}: ${texts.join('; ')}`];
  };
  return [
    ...line('the same', ({ first, second }) => first === second && first !== null),
    ...line('different', ({ first, second }) => first !== second),
  ];
}

const settingText = ({ setting, first, second }: ComparedSetting): string =>
  first === second ? `${setting} ${first}` : `${setting} ${first ?? 'unknown'} and ${second ?? 'unknown'}`;
