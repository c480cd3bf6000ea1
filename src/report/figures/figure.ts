import type { TopLevelSpec } from 'vega-lite';

export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/** A figure before it is drawn: what the report shows, and what lies beside it as .svg, .csv and .vl.json. */
export interface Figure {
  /** File name without its ending. */
  readonly id: string;
  readonly section: 'answer' | 'training' | 'relations' | 'final';
  readonly title: string;
  /** Plain text under the figure; says what the bands are and how many runs are in it. */
  readonly caption: string;
  /** What a screen reader says in place of the drawing. */
  readonly description: string;
  /** The CSV beside the figure: every number drawn, unrounded. */
  readonly rows: readonly Row[];
  readonly spec: TopLevelSpec;
}
