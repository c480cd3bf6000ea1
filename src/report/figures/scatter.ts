import type { Results } from '../aggregate.ts';
import { associationText, counted } from '../number-text.ts';
import { fixedQuantity, type Quantity } from '../quantities.ts';
import { type Trend, trendsOf, verdictText } from '../trends.ts';
import { axisFor, axisTitle, channel } from './axis.ts';
import type { Figure, Row } from './figure.ts';
import { type SeriesStyle, seriesEncodings, seriesLabel } from './series-style.ts';
import { panel } from './vega-style.ts';

/** Source GC -> target collapse -> few-shot accuracy: one point per finished run, the rank correlation in the caption. */
export function scatterFigures(results: Results, style: SeriesStyle): readonly Figure[] {
  const known = new Map(results.quantities.map((quantity) => [quantity.id, quantity]));
  return trendsOf(results).flatMap((trend) => {
    const x = known.get(trend.fromId);
    return x === undefined
      ? []
      : scatterFigure(results, style, x, known.get(trend.toId) ?? fixedQuantity(trend.toId), trend);
  });
}

function scatterFigure(
  results: Results,
  style: SeriesStyle,
  x: Quantity,
  y: Quantity,
  trend: Trend,
): readonly Figure[] {
  const rows = results.finished.flatMap(({ run, seed, final, underTrained, configuration }): Row[] => {
    const [atX, atY] = [x.read(final), y.read(final)];
    if (atX === null || atY === null) return [];
    const { parameters } = results.configurations[configuration]!;
    return [
      {
        run: run.name,
        configuration: seriesLabel(results, configuration),
        seed,
        x: atX * x.factor,
        y: atY * y.factor,
        underTrained: underTrained !== null,
        ...(style.kind === 'by-value' ? { value: parameters[style.key] as number } : {}),
      },
    ];
  });
  if (rows.length < 2) return [];
  const { colour, shape } = seriesEncodings(style);
  const position = (field: 'x' | 'y', quantity: Quantity) =>
    channel(
      field,
      axisTitle(quantity),
      axisFor(
        rows.map((row) => row[field] as number),
        quantity.logarithmic,
      ),
    );
  const mark = style.kind === 'by-value' ? 'crosses' : 'hollow';
  const marked = rows.some(({ underTrained }) => underTrained) ? `; ${mark}: under-trained` : '';
  return [
    {
      id: `${y.id}-by-${x.id}`,
      section: 'relations',
      title: `${x.label} → ${y.label}`,
      caption: `${correlationSentence(trend)} One point per finished run${marked}.`,
      description: `Scatter plot of ${y.label} against ${x.label}, one point per run. ${correlationSentence(trend)}`,
      rows: rows.map(({ x: atX, y: atY, ...row }) => ({ ...row, [x.id]: atX!, [y.id]: atY! })),
      spec: panel(style, {
        data: { values: [...rows] },
        layer: [
          {
            mark: { type: 'point' as const, size: 75, strokeWidth: 1.8, opacity: 1 },
            encoding: {
              x: position('x', x),
              y: position('y', y),
              color: colour,
              ...(style.kind === 'by-value' ? crossed : { ...shape, ...filled(colour) }),
            },
          },
        ],
      }),
    },
  ];
}

/** Under-trained runs are hollow; where a gradient gives the colour, all are open and those are crosses. */
const filled = <T>(colour: T) => ({
  fill: colour,
  fillOpacity: { condition: { test: 'datum.underTrained', value: 0 }, value: 0.55 },
});
const crossed = { shape: { condition: { test: 'datum.underTrained', value: 'cross' }, value: 'circle' } };

/** `Spearman +0.93 [0.70, 0.98], p 0.004 over the means of 8 configurations (24 runs); reported trend: consistent.` */
function correlationSentence({ overMeans, runs, configurations, verdict }: Trend): string {
  const found =
    overMeans === null
      ? ''
      : `Spearman ${associationText(overMeans)} over the means of ${counted(configurations, 'configuration')} (${counted(runs, 'run')}); `;
  return `${found}${found === '' ? 'R' : 'r'}eported trend: ${verdictText[verdict]}.`;
}
