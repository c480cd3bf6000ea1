import { shortSha256 } from '../files/short-sha256.ts';
import { aggregate, type Results } from '../report/aggregate.ts';
import { csvText } from '../report/csv.ts';
import { allFigures } from '../report/figures/all-figures.ts';
import { drawFigures } from '../report/figures/draw.ts';
import type { Figure } from '../report/figures/figure.ts';
import { pageParts, reportPage, standing } from '../report/html/page.ts';
import { readSweep } from '../report/read-runs.ts';
import type { RunState } from '../runs/status.ts';
import { changedRuns } from './changed-runs.ts';

/** What the browser is told when something has changed: a few hundred bytes, however many runs there are. */
export interface LiveSummary {
  readonly standing: string;
  readonly counts: Readonly<Partial<Record<RunState, number>>>;
  /** A digest of each part's content, by the part's id: the browser fetches those that are not what it has. */
  readonly parts: Readonly<Record<string, string>>;
}

/** The report as it stands, in memory. */
export interface LiveReport {
  readonly summary: LiveSummary;
  readonly page: (script: string) => string;
  /** HTML of a part: empty where it has nothing to say yet, undefined where there is no such part. */
  readonly part: (id: string) => string | undefined;
  /** `<figure>.svg`, `.csv` or `.vl.json`. */
  readonly file: (name: string) => string | undefined;
}

/** A function that reads the folder and gives the report, or null where nothing has changed since it was last called. */
export function liveReport(folder: string): () => Promise<LiveReport | null> {
  const runs = changedRuns();
  let drawn = new Map<string, string>();
  let before = '';
  return async () => {
    const sweep = readSweep(folder, runs.read);
    const now = JSON.stringify([
      runs.reads(),
      sweep.plannedKeys,
      sweep.runs.length,
      sweep.leftOut,
      sweep.problems,
    ]);
    if (now === before) return null;
    const results = aggregate(sweep);
    const figures = allFigures(results);
    const specs = new Map(figures.map((figure) => [figure, JSON.stringify(figure.spec)]));
    const open = figures.filter((figure) => !drawn.has(specs.get(figure)!));
    const fresh = await drawFigures(open);
    // Drawings by specification: most changes leave most figures as they are.
    drawn = new Map(
      figures.map((figure) => [specs.get(figure)!, drawn.get(specs.get(figure)!) ?? fresh.get(figure.id)!]),
    );
    before = now;
    const drawings = new Map(figures.map((figure) => [figure.id, drawn.get(specs.get(figure)!)!]));
    return assembled(results, figures, drawings);
  };
}

function assembled(
  results: Results,
  figures: readonly Figure[],
  drawings: ReadonlyMap<string, string>,
): LiveReport {
  const parts = new Map(
    pageParts(results, { figures, drawings }).map(({ id, content }) => [id, content?.markup ?? '']),
  );
  const counts: Partial<Record<RunState, number>> = {};
  for (const { state } of results.sweep.runs) counts[state] = (counts[state] ?? 0) + 1;
  return {
    summary: {
      standing: standing(results),
      counts,
      parts: Object.fromEntries([...parts].map(([id, text]) => [id, shortSha256(text)])),
    },
    page: (script) => reportPage(results, { figures, drawings, script }),
    part: (id) => parts.get(id),
    file(name) {
      const [, id, ending] = /^([\w.-]+?)\.(svg|csv|vl\.json)$/.exec(name) ?? [];
      const figure = figures.find((each) => each.id === id);
      if (figure === undefined) return undefined;
      if (ending === 'csv') return csvText(figure.rows);
      return ending === 'svg' ? drawings.get(figure.id) : JSON.stringify(figure.spec, null, 2);
    },
  };
}
