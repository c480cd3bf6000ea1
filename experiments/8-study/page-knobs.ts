import { markdownTable } from '../tables.ts';
import { groupsOf } from './configuration-means.ts';
import { briefJudgementText, judgedAtSteps } from './judgement.ts';
import { knobLinks } from './links.ts';
import { isOnFirstPage, wasRun } from './per-regime.ts';
import { knobLabel, knobOf } from './regimes.ts';
import { type RegimeRuns, type StudyRuns, sampleOf } from './study-runs.ts';

/** What the paper says that a knob moves, source first. */
const moved = [
  'source GC',
  'source CDNV',
  'target CDNV',
  'directional target CDNV',
  '5-shot logistic',
] as const;

/** In the plan's order. */
const knobOrder = ['learning-rate', 'batch-size', 'l2', 'l2-published', 'momentum', 'penalty'];
const placeOf = ({ study }: StudyRuns): number => knobOrder.indexOf(knobOf(study));

function row(runs: RegimeRuns, study: StudyRuns): readonly string[] {
  const links = knobLinks({ ...runs, studies: [study] });
  const n = groupsOf(sampleOf([study])).length;
  return [
    `(${runs.regime.id}) ${knobLabel(study.study)}`,
    String(n),
    ...moved.map((to) => {
      const link = links.find((each) => each.to === to);
      return link === undefined ? '-' : briefJudgementText(judgedAtSteps(link), n);
    }),
  ];
}

/** What each knob moves, whole chains of one knob: a row per sweep of the regimes that the first page shows. */
export function pageKnobsText(all: readonly RegimeRuns[]): string {
  const rows = all.filter(isOnFirstPage).flatMap((runs) =>
    runs.studies
      .filter(wasRun)
      .toSorted((one, other) => placeOf(one) - placeOf(other))
      .map((study) => row(runs, study)),
  );
  return rows.length === 0 ? 'Not run.' : markdownTable(['knob', 'n', ...moved], rows);
}
