import pc from 'picocolors';
import { aggregate, type Configuration, meanOverSeeds, parameterText, type Results } from './aggregate.ts';
import { type PlacedQuantity, setLabel } from './elsewhere.ts';
import { measuredHow } from './measured-how.ts';
import { counted, meanColumn } from './number-text.ts';
import { problemsOf } from './problems.ts';
import { fixedQuantity, type Quantity } from './quantities.ts';
import { readSweep } from './read-runs.ts';
import { intervalNotes, shownMeans } from './shown-means.ts';
import { sparkline } from './sparkline.ts';
import { relationsText } from './summary-relations.ts';
import { type Column, drawTable, pieces } from './terminal-table.ts';
import { underTrainedRule } from './under-trained.ts';

type Environment = Readonly<Record<string, string | undefined>>;
const sparklineWidth = 10;

/**
 * Prints a sweep's results: tables with one row per configuration, how the quantities moved, and what went wrong. Colours and
 * sparklines only on a terminal; NO_COLOR turns the colours off. Throws InputError where the folder is no sweep's.
 */
export async function printSummary(
  sweepFolder: string,
  out: NodeJS.WritableStream,
  environment: Environment = process.env,
  atLoss?: number,
): Promise<void> {
  const terminal = 'isTTY' in out && out.isTTY === true;
  const coloured = terminal && !environment.NO_COLOR && environment.TERM !== 'dumb';
  out.write(summaryText(aggregate(readSweep(sweepFolder)), { terminal, coloured, atLoss }));
}

interface SummaryOptions {
  readonly terminal: boolean;
  readonly coloured: boolean;
  /** The training loss at which runs are compared beside their ends; by default the lowest that most pass. */
  readonly atLoss?: number | undefined;
}

export function summaryText(results: Results, { terminal, coloured, atLoss }: SummaryOptions): string {
  const colours = pc.createColors(coloured);
  const { sweep, finished, configurations } = results;
  const marked = finished.some((run) => run.underTrained !== null);
  const notes = [
    ...intervalNotes(configurations, 'planned ones'),
    ...measuredHow(finished),
    ...(marked ? [`† ${underTrainedRule}`] : []),
  ];
  const problems = problemsOf(results);
  const blocks = [
    colours.bold(`${sweep.name}: ${finished.length} of ${counted(sweep.runs.length, 'run')} done`),
    ...(finished.length === 0
      ? []
      : [
          ...tables(results, terminal),
          colours.dim(notes.join('\n')),
          relationsText(results, keyColumns(results, configurations).slice(0, -1), atLoss),
        ]),
    ...(problems.length === 0 ? [] : [colours.yellow(problems.map((problem) => `! ${problem}`).join('\n'))]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** The source's table, then the target's, the latter in as many pieces as the width asks for. */
function tables(results: Results, terminal: boolean): readonly string[] {
  const rows = results.configurations;
  const keys = keyColumns(results, rows);
  const source: Column[] = [
    quantityColumn(rows, fixedQuantity('sourceTrainAccuracy'), 'train acc.\n%'),
    quantityColumn(rows, fixedQuantity('sourceTestAccuracy'), 'test acc.\n%'),
    quantityColumn(rows, fixedQuantity('sourceGc'), 'source GC\nemb²/in²'),
    ...(terminal ? [{ head: 'GC over\nsteps', cells: rows.map(complexitySparkline) }] : []),
    quantityColumn(rows, fixedQuantity('sourceGeometricCollapse'), 'source geom.\ncollapse 1/in²'),
    quantityColumn(rows, fixedQuantity('sourceCdnv'), 'source\nCDNV'),
  ];
  const target: Column[] = [
    quantityColumn(rows, fixedQuantity('targetCdnv'), 'target\nCDNV'),
    quantityColumn(rows, fixedQuantity('targetNc1'), 'target\nNC1'),
    ...results.fewshot.map((quantity) => quantityColumn(rows, quantity, fewshotHead(quantity))),
    ...otherTargets(results).map((quantity) => quantityColumn(rows, quantity, placedHead(quantity))),
  ];
  return [...pieces(keys, source), ...pieces(keys, target)].map((columns) =>
    drawTable(columns, keys.length - 1),
  );
}

/** Other targets by their embedding; layers are on the page. */
const otherTargets = ({ elsewhere }: Results): readonly PlacedQuantity[] =>
  elsewhere.filter(
    ({ place, what, unit }) => place.layer === 'embedding' && (what === 'cdnv' || unit === '%'),
  );

const placedHead = ({ place, whatLabel, unit }: PlacedQuantity): string =>
  `${setLabel(place.set)}\n${whatLabel}${unit === '%' ? ' %' : ''}`;

const fewshotHead = ({ label }: Quantity): string => {
  const [what, readout] = label.split(', ');
  return `${what}\n${readout} %`;
};

function keyColumns(
  { variedKeys, shortNames, sweep }: Results,
  rows: readonly Configuration[],
): readonly Column[] {
  const varied = variedKeys.map((key) => ({
    head: shortNames[key]!,
    cells: rows.map((row) => parameterText(row, key)),
  }));
  const named = varied.length > 0 ? varied : [{ head: 'sweep', cells: rows.map(() => sweep.name) }];
  const count = rows.map(({ runs, finished }) => {
    const mark = finished.some((run) => run.underTrained !== null) ? ' †' : '';
    return `${finished.length}/${runs.length}${mark}`;
  });
  return [...named, { head: 'n', cells: count }];
}

const quantityColumn = (rows: readonly Configuration[], quantity: Quantity, head: string): Column => ({
  head,
  cells: meanColumn(
    shownMeans(rows, quantity),
    quantity.factor,
    rows.map(({ finished }) => finished.length),
  ),
});

/** Geometric complexity on the source over the checkpoints, mean over the finished seeds. */
function complexitySparkline({ finished }: Configuration): string {
  const { read } = fixedQuantity('sourceGc');
  const series = finished.map(({ run }) => run.checkpoints.map(read));
  const length = Math.min(...series.map((each) => each.length));
  if (!Number.isFinite(length)) return '';
  const means = Array.from({ length }, (_, i) => meanOverSeeds(series.map((each) => each[i]!))?.mean ?? null);
  return sparkline(means, sparklineWidth);
}
