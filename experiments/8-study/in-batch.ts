import { meanOverSeeds } from '../../src/report/aggregate.ts';
import { groupBy } from '../../src/statistics/group-by.ts';
import { atEnd } from '../equal-loss.ts';
import { markdownTable, short } from '../tables.ts';
import type { CheckpointValues } from '../values.ts';
import { type Judgement, judged, judgementText, type Outcome } from './judgement.ts';
import { perRegime } from './per-regime.ts';
import { type RegimeRuns, type StudyRuns, sampleOf } from './study-runs.ts';

const inBatch = 'sourceCdnvInBatch';
const whole = 'sourceCdnv';

/** What is said of the two trends: an artefact is one of CDNV inside batches that CDNV itself does not show. */
export function artefactOf(ofBatches: Outcome, ofWhole: Outcome): string {
  const isTrend = (outcome: Outcome): boolean => outcome === 'consistent' || outcome === 'opposite';
  if (ofBatches === 'undecided') return 'no trend inside batches';
  if (!isTrend(ofBatches)) return ofBatches;
  if (ofBatches === ofWhole) return 'no artefact: CDNV shows it too';
  return isTrend(ofWhole) || ofWhole === 'undecided' ? 'artefact' : ofWhole;
}

const trendOf = (runs: StudyRuns, to: string): readonly Judgement[] =>
  judged({
    from: 'batch size',
    to,
    claim: { from: 'parameter', to, sign: runs.study.reported ?? 1 },
    sample: sampleOf([runs]),
  }).judgements;

function trendsTable(runs: StudyRuns): string {
  const sign = runs.study.reported ?? 1;
  const [ofBatches, ofWhole] = [trendOf(runs, inBatch), trendOf(runs, whole)];
  return markdownTable(
    ['batch size to', 'CDNV inside batches', 'CDNV of the whole set', 'artefact'],
    ofBatches.map((each, at) => [
      each.moment,
      judgementText(each, sign),
      judgementText(ofWhole[at]!, sign),
      each.reached ? artefactOf(each.outcome, ofWhole[at]!.outcome) : '-',
    ]),
  );
}

/** At the runs' ends: mean over seeds ± half of Student's interval. */
function valuesTable(runs: StudyRuns): string {
  const cell = (group: readonly CheckpointValues[], id: string): string => {
    const mean = meanOverSeeds(group.map(({ values }) => values[id] ?? null));
    if (mean === null) return '-';
    return mean.halfWidth === null ? short(mean.mean) : `${short(mean.mean)} ± ${short(mean.halfWidth, 2)}`;
  };
  const sizes = [...groupBy(atEnd(sampleOf([runs]).rows), ({ parameter }) => parameter)];
  return markdownTable(
    ['batch size', 'runs', 'CDNV inside batches', 'CDNV of the whole set'],
    sizes
      .toSorted(([a], [b]) => a - b)
      .map(([size, group]) => [String(size), String(group.length), cell(group, inBatch), cell(group, whole)]),
  );
}

const ofBatchSize = ({ studies }: RegimeRuns): StudyRuns | undefined =>
  studies.find((each) => each.study.key === 'training.batchSize');

/** CDNV inside batches beside CDNV of the source's training images, over each regime's sweep of the batch size. */
export const inBatchText = (all: readonly RegimeRuns[]): string =>
  [
    "CDNV of the source's training images, averaged inside batches of the training's size and of the whole set, over the batch size. A trend inside batches that the whole set does not show is an artefact.",
    perRegime(
      all
        .filter((each) => ofBatchSize(each) !== undefined)
        .map((each) => ({ ...each, studies: [ofBatchSize(each)!] })),
      ({ studies: [runs] }) =>
        [trendsTable(runs!), 'At the ends of the runs:', valuesTable(runs!)].join('\n\n'),
    ),
  ].join('\n\n');
