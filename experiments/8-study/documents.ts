import { drawFigures } from '../../src/report/figures/draw.ts';
import type { Committed } from '../kept-results.ts';
import { answerText } from './answer.ts';
import { beyondFitText } from './beyond-fit.ts';
import { chainsText } from './chain-table.ts';
import { directionalBoundText } from './directional-bound.ts';
import { elsewhereText } from './elsewhere.ts';
import { studyFigures } from './figures.ts';
import { fitBoundText } from './fit-bound.ts';
import { inBatchText } from './in-batch.ts';
import { linksText } from './link-table.ts';
import { oneKnobOutText } from './one-knob-out.ts';
import { pageKnobsText } from './page-knobs.ts';
import { pageLinksText } from './page-links.ts';
import { pageRegimesText } from './page-regimes.ts';
import { progressText } from './progress.ts';
import { rankingText } from './ranking.ts';
import { recipeEffectsText } from './recipe-effects.ts';
import { regimesText } from './regime-table.ts';
import { isOfStudy } from './regimes.ts';
import { byRegime, readStudyRuns, type StudyRuns } from './study-runs.ts';
import { whatCountsText } from './what-counts.ts';

/** The study's tables over whole regimes: three on the first page, the others in the order of the study's own. */
export function studyDocuments(studies: readonly StudyRuns[]) {
  const regimes = byRegime(studies);
  const page = [
    { marker: 'page-regimes', heading: 'What was trained', text: pageRegimesText(regimes) },
    { marker: 'page-knobs', heading: 'The knobs', text: pageKnobsText(regimes) },
    { marker: 'page-links', heading: 'The links', text: pageLinksText(regimes) },
  ].map((table) => ({ ...table, file: 'README.md' }));
  const own = [
    { marker: 'what-counts', heading: 'What counts', text: whatCountsText(regimes) },
    { marker: 'progress', heading: 'How far the study has come', text: progressText(studies) },
    { marker: 'answer', heading: 'The answer in full', text: answerText(regimes) },
    { marker: 'regimes', heading: 'Regimes', text: regimesText(regimes) },
    { marker: 'links', heading: 'Links', text: linksText(regimes) },
    { marker: 'chains', heading: 'Chains', text: chainsText(regimes) },
    { marker: 'one-knob-out', heading: 'One knob left out', text: oneKnobOutText(regimes) },
    { marker: 'fit-bound', heading: 'Where fit begins', text: fitBoundText(regimes) },
    { marker: 'recipe-effects', heading: 'The recipe', text: recipeEffectsText(regimes) },
    { marker: 'beyond-fit', heading: 'Beyond fit', text: beyondFitText(regimes) },
    { marker: 'ranking', heading: 'What ranks few-shot accuracy', text: rankingText(regimes) },
    { marker: 'in-batch', heading: 'CDNV inside batches', text: inBatchText(regimes) },
    { marker: 'directional-bound', heading: 'The bound', text: directionalBoundText(regimes) },
    { marker: 'elsewhere', heading: 'Elsewhere', text: elsewhereText(regimes) },
  ].map((table) => ({ ...table, file: '8-study/README.md' }));
  return [...page, ...own];
}

const ownRuns = (all: readonly Committed[]): readonly StudyRuns[] =>
  all.filter(({ study }) => isOfStudy(study)).map(({ study, rows }) => readStudyRuns(study, rows));

/** The same from the committed rows of all studies, of which it takes its own. */
export const committedDocuments = (all: readonly Committed[]) => studyDocuments(ownRuns(all));

/** The first page's figures as SVG, by their paths in experiments/, from the committed rows. */
export async function committedFigures(all: readonly Committed[]): Promise<ReadonlyMap<string, string>> {
  const drawn = await drawFigures(studyFigures(byRegime(ownRuns(all))));
  return new Map([...drawn].map(([id, svg]) => [`8-study/results/page-${id}.svg`, `${renumbered(svg)}\n`]));
}

/** Clipping paths are numbered over all drawings of a process: here from 1 on, whatever was drawn before. */
function renumbered(svg: string): string {
  const met = [...new Set(svg.match(/\bclip\d+\b/g))];
  return svg.replaceAll(/\bclip\d+\b/g, (name) => `clip${met.indexOf(name) + 1}`);
}
