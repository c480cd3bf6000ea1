import { type Claim, correlationOf, verdictText } from '../claims.ts';
import { atEnd } from '../equal-loss.ts';
import { markdownTable } from '../tables.ts';
import type { CheckpointValues } from '../values.ts';
import { groupsOf, meansOf, rangeText } from './configuration-means.ts';
import { wasRun } from './per-regime.ts';
import { knobLabel } from './regimes.ts';
import { type RegimeRuns, type Sample, type StudyRuns, sampleOf } from './study-runs.ts';

/** Target classes as one layer shows them: which columns of the results hold what. */
interface Place {
  readonly target: string;
  readonly layer: string;
  /** Of the source's training images at the same layer. */
  readonly sourceGc: string;
  /** Of a measure or an accuracy, such as `cdnv` and `5way_5shot_logistic`. */
  readonly column: (what: string) => string;
}

/** The study's own target classes at the embedding, whose columns have short names. */
const own: Place = {
  ...{ target: 'own target', layer: 'embedding', sourceGc: 'sourceGc' },
  column: (what) => (what.startsWith('5way') ? what : `target${what[0]!.toUpperCase()}${what.slice(1)}`),
};

const sources = ['sourceTrain', 'sourceTest'];

/** The own target first, then every target and layer that the results have a CDNV of. */
function placesOf(rows: readonly CheckpointValues[]): readonly Place[] {
  const columns = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const others = columns.flatMap((name): Place[] => {
    const [, target, layer] = /^at_(.+)_([^_]+)_cdnv$/.exec(name) ?? [];
    if (target === undefined || layer === undefined || sources.includes(target)) return [];
    const sourceGc = layer === 'embedding' ? 'sourceGc' : `at_sourceTrain_${layer}_gc`;
    const shown = target === 'target' ? own.target : target.replaceAll('_', ' ');
    return [{ target: shown, layer, sourceGc, column: (what) => `at_${target}_${layer}_${what}` }];
  });
  return [own, ...others].toSorted((a, b) => order(a).localeCompare(order(b)));
}

const order = ({ target, layer }: Place): string =>
  `${target === own.target ? 0 : 1} ${target} ${layer === 'embedding' ? 1 : 0} ${layer}`;

const accuracies = ['5way_5shot_logistic', '5way_5shot_nearest-mean', '5way_5shot_fine-tune'];

function rowOf(sample: Sample, place: Place): readonly string[] {
  const { sourceGc, column } = place;
  const groups = groupsOf(sample);
  const range = (id: string, factor?: number): string => rangeText(meansOf(groups, id), factor);
  const verdict = (from: string, to: string, sign: 1 | -1): string => {
    const claim: Claim = { from, to, sign };
    return verdictText(correlationOf(sample.rows, claim, sample.configurationOf), sign);
  };
  return [
    ...[place.target, place.layer, range(sourceGc)],
    ...['cdnv', 'cdnvDirectional'].map((what) => range(column(what))),
    ...accuracies.map((what) => range(column(what), 100)),
    verdict(sourceGc, column('cdnv'), 1),
    verdict(column('cdnv'), column(accuracies[0]!), -1),
  ];
}

function studyText(runs: StudyRuns): string {
  const { rows, configurationOf } = sampleOf([runs]);
  const sample = { rows: atEnd(rows), configurationOf };
  const table = markdownTable(
    [
      ...['target', 'layer', 'source GC there', 'CDNV', 'directional CDNV'],
      ...['5-shot logistic %', '5-shot nearest mean %', '5-shot fine-tuned %'],
      ...['source GC there → CDNV', 'CDNV → 5-shot logistic'],
    ],
    placesOf(rows).map((place) => rowOf(sample, place)),
  );
  return `**${knobLabel(runs.study)}**\n\n${table}`;
}

/** Other target classes, other layers and fine-tuned transfer: of each sweep that measures them, at the ends of its runs. */
export function elsewhereText(all: readonly RegimeRuns[]): string {
  const shown = all
    .filter(({ regime }) => regime.id === 'e')
    .flatMap(({ studies }) => studies.filter(wasRun));
  if (shown.length === 0) return 'Not run.';
  return [
    "Ranges are over configurations' means. Links are Spearman's rho over configurations, at equal steps; source GC is of the source's training images at the same layer.",
    ...shown.map(studyText),
  ].join('\n\n');
}
