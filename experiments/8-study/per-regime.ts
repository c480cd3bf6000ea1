import { regimeTitle } from './regimes.ts';
import type { RegimeRuns, StudyRuns } from './study-runs.ts';

export const wasRun = ({ rows }: StudyRuns): boolean => rows.length > 0;

/** A part per regime with results, under its name; those without are named together at the end. */
export function perRegime(all: readonly RegimeRuns[], text: (runs: RegimeRuns) => string): string {
  const parts = all
    .filter(({ studies }) => studies.some(wasRun))
    .flatMap((runs) => [`**${regimeTitle(runs.regime)}**`, text(runs)]);
  const absent = all.filter(({ studies }) => !studies.some(wasRun)).map(({ regime }) => `(${regime.id})`);
  const rest = absent.length === 0 ? [] : [`Regimes not run: ${absent.join(', ')}.`];
  return parts.length + rest.length === 0 ? 'Not run.' : [...parts, ...rest].join('\n\n');
}

/** Whether a regime has target classes, so that there is few-shot accuracy. */
export const hasTargets = ({ studies }: RegimeRuns): boolean => studies.some(({ study }) => study.transfer);

/** Whether a regime's results are links over all of its knobs to few-shot accuracy: what the first page shows. */
export const isOnFirstPage = (runs: RegimeRuns): boolean =>
  runs.regime.isPooled && hasTargets(runs) && runs.studies.some(wasRun);

/** As `perRegime`, where few-shot accuracy is asked for. */
export const perRegimeWithTargets = (
  all: readonly RegimeRuns[],
  text: (runs: RegimeRuns) => string,
): string => perRegime(all, (runs) => (hasTargets(runs) ? text(runs) : 'No classes are held out here.'));
