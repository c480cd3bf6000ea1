import type { Results } from '../aggregate.ts';
import type { Figure } from '../figures/figure.ts';
import { problemsOf } from '../problems.ts';
import { answers, correlationTable } from './answers.ts';
import { atWork } from './at-work.ts';
import { equalLossSection } from './equal-loss.ts';
import { figureGrid } from './figure-grid.ts';
import { html, type Markup } from './markup.ts';
import { meaning } from './meaning.ts';
import { predictorsSection } from './predictors.ts';
import { configTables, environmentTable, resultsTables, runsTable } from './run-tables.ts';

export interface Section {
  readonly id: string;
  /** Null where the body brings its own heading, and in the list of sections then too. */
  readonly title: string | null;
  /** Null where there is nothing to say yet. */
  readonly body: Markup | null;
}

/** The report's sections in their order: what to know, the answer, then what it rests on. */
export function pageSections(
  results: Results,
  figures: readonly Figure[],
  drawings: ReadonlyMap<string, string>,
  atLoss?: number,
): readonly Section[] {
  const of = (section: Figure['section']): readonly Figure[] =>
    figures.filter((figure) => figure.section === section);
  const grid = (section: Figure['section']): Markup =>
    of(section).length === 0
      ? html`<p>Nothing to draw: ${whyNone[section]}.</p>`
      : figureGrid(of(section), drawings);
  const done = results.finished.length > 0;
  const chain = of('answer').length === 0 ? null : grid('answer');
  const table = results.finished.length > 1 ? correlationTable(results) : null;
  return [
    { id: 'problems', title: null, body: problems(results) },
    { id: 'work', title: 'At work', body: atWork(results) },
    { id: 'answer', title: 'Answer', body: done ? html`${answers(results)}\n${chain}` : null },
    { id: 'results', title: 'Results', body: done ? resultsTables(results) : null },
    {
      id: 'loss',
      title: 'At equal training loss',
      body: done ? equalLossSection(results, atLoss) : null,
    },
    {
      id: 'predictors',
      title: 'What ranks few-shot accuracy',
      body: done ? predictorsSection(results) : null,
    },
    { id: 'training', title: 'During training', body: grid('training') },
    {
      id: 'relations',
      title: 'What goes with what',
      body: done ? html`${grid('relations')}\n${table}` : null,
    },
    { id: 'final', title: 'Final values', body: done ? grid('final') : null },
    { id: 'runs', title: 'Runs', body: runsTable(results) },
    { id: 'configurations', title: 'Configurations', body: configTables(results) },
    { id: 'environment', title: 'Environment', body: environmentTable(results) },
    { id: 'meaning', title: 'What the numbers are', body: meaning(results) },
  ];
}

const whyNone: Readonly<Record<Figure['section'], string>> = {
  answer: 'no finished runs',
  relations: 'a scatter plot needs two finished runs',
  final: 'one configuration, or too many; the tables have the numbers',
  training: 'no checkpoints of runs that did not fail',
};

const mostProblems = 8;

function problems(results: Results): Markup | null {
  const found = problemsOf(results);
  if (found.length === 0) return null;
  const list = (some: readonly string[]): Markup =>
    html`<ul>${some.map((problem) => html`<li>${problem}</li>`)}</ul>`;
  const more = found.slice(mostProblems);
  return html`<div class="problems"><h2 id="problems-title">To know before reading on</h2>
${list(found.slice(0, mostProblems))}
${more.length === 0 ? null : html`<details><summary>and ${more.length} more</summary>${list(more)}</details>`}</div>`;
}
