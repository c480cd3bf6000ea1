import type { ImageSet } from '../../data/image-set.ts';
import { balancedOrder } from '../../measures/geometric-complexity/example-draw.ts';
import type { PrincipalPlane } from '../../measures/principal-plane.ts';
import type { pairRows } from '../../on-request/measure-on-request.ts';
import type { Figure, Row } from '../figures/figure.ts';
import { panel } from '../figures/vega-style.ts';
import { brief } from '../number-text.ts';

type Pairs = ReturnType<typeof pairRows>;
type Spec = Parameters<typeof panel>[1];
const alike = { kind: 'alike' } as const;
const mostClasses = 100;
const mostPoints = 1500;

/** Matrices of pairs of classes, the covariance's eigenvalues, and the embeddings in their principal plane. */
export const checkpointFigures = (pairs: Pairs, plane: PrincipalPlane, set: ImageSet): readonly Figure[] => [
  ...heatMap('cdnv', 'CDNV of each pair of classes', pairs, set.classNames, ({ cdnv }) => [cdnv, cdnv]),
  ...heatMap(
    'cdnvDirectional',
    'Directional CDNV, from the row’s class to the column’s',
    pairs,
    set.classNames,
    ({ cdnvDirectional, cdnvDirectionalBack }) => [cdnvDirectional, cdnvDirectionalBack],
  ),
  ...spectrum(plane),
  scatter(plane, set),
];

function heatMap(
  id: string,
  title: string,
  pairs: Pairs,
  classNames: readonly string[],
  read: (pair: Pairs[number]) => readonly [number | null, number | null],
): readonly Figure[] {
  const shown = classNames.slice(0, mostClasses);
  const known = new Set(shown);
  const rows = pairs
    .filter(({ first, second }) => known.has(first) && known.has(second))
    .flatMap((pair): Row[] => {
      const [there, back] = read(pair);
      return [
        { row: pair.first, column: pair.second, value: there },
        { row: pair.second, column: pair.first, value: back },
      ];
    })
    .filter(({ value }) => value !== null);
  if (rows.length === 0) return [];
  const values = rows.map(({ value }) => value as number);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const largest = rows[values.indexOf(high)]!;
  const labels =
    shown.length <= 24 ? { labelLimit: 90, labelOverlap: false } : { labels: false, ticks: false };
  const axis = (field: 'row' | 'column') => ({
    field,
    type: 'nominal' as const,
    sort: [...shown],
    title: null,
    axis: { ...labels, domain: false, grid: false },
  });
  const scale = {
    scheme: 'viridis' as const,
    ...(low > 0 && high / low > 20 ? { type: 'log' as const } : {}),
  };
  const left =
    classNames.length > mostClasses ? `; the first ${mostClasses} of ${classNames.length} classes` : '';
  return [
    {
      id,
      section: 'answer',
      title,
      caption: `From ${brief(low)} to ${brief(high)}; largest: ${largest.row}, ${largest.column}${left}.`,
      description: `Heat map of ${title} over ${shown.length} classes, from ${brief(low)} to ${brief(high)}.`,
      rows,
      spec: panel(
        alike,
        {
          data: { values: [...rows] },
          layer: [
            {
              mark: { type: 'rect' as const },
              encoding: {
                x: axis('column'),
                y: axis('row'),
                color: {
                  field: 'value',
                  type: 'quantitative' as const,
                  title: null,
                  scale,
                  legend: { orient: 'bottom' as const, gradientLength: 240, tickCount: 4 },
                },
              },
            },
          ],
        } as Spec,
        420,
      ),
    },
  ];
}

function spectrum({ variances }: PrincipalPlane): readonly Figure[] {
  const largest = variances[0] ?? 0;
  const rows = Array.from(variances, (value, index): Row => ({ rank: index + 1, variance: value })).filter(
    ({ variance }) => (variance as number) > 1e-10 * largest,
  );
  if (rows.length < 2) return [];
  const axis = (field: string, title: string) => ({
    field,
    type: 'quantitative' as const,
    title,
    scale: { type: 'log' as const },
  });
  return [
    {
      id: 'spectrum',
      section: 'training',
      title: 'Spectrum of the embeddings',
      caption: `Eigenvalues of their covariance by rank, those above 1e-10 of the largest: ${rows.length}.`,
      description: `Line of ${rows.length} eigenvalues of the embeddings’ covariance against their rank, both logarithmic.`,
      rows,
      spec: panel(alike, {
        data: { values: [...rows] },
        layer: [
          {
            mark: { type: 'line' as const, color: '#0072B2', point: rows.length <= 64 },
            encoding: { x: axis('rank', 'rank'), y: axis('variance', 'variance') },
          },
        ],
      } as Spec),
    },
  ];
}

const percent = (share: number): string => `${brief(100 * share)} %`;

/** As many examples of each class as of the others where there are many: the file stays small, and no class is favoured. */
function scatter({ points, shares }: PrincipalPlane, set: ImageSet): Figure {
  const { labels, classNames } = set;
  const drawn = balancedOrder(set, 0).subarray(0, mostPoints).toSorted();
  const rows = Array.from(
    drawn,
    (example): Row => ({
      example,
      class: classNames[labels[example]!]!,
      first: points[2 * example]!,
      second: points[2 * example + 1]!,
    }),
  );
  const axis = (field: string, title: string) => ({ field, type: 'quantitative' as const, title });
  const colour =
    classNames.length <= 10
      ? {
          field: 'class',
          type: 'nominal' as const,
          title: null,
          sort: [...classNames],
          scale: { scheme: 'tableau10' as const },
          legend: { columns: 4, symbolType: 'circle' as const },
        }
      : { value: '#0072B2' };
  const shown =
    rows.length === labels.length
      ? `All ${labels.length} examples`
      : `${rows.length} of them, as equally from all classes as can be`;
  return {
    id: 'plane',
    section: 'training',
    title: 'The embeddings in two dimensions',
    caption: `Principal components of all ${labels.length} examples: the first two hold ${percent(shares[0])} and ${percent(shares[1])} of the variance. ${shown}.`,
    description: `Scatter plot of the embeddings along their first two principal components, which hold ${percent(shares[0] + shares[1])} of the variance.`,
    rows,
    spec: panel(
      alike,
      {
        data: { values: [...rows] },
        layer: [
          {
            mark: { type: 'circle' as const, size: 14, opacity: 0.6 },
            encoding: {
              x: axis('first', `first component (${percent(shares[0])})`),
              y: axis('second', `second component (${percent(shares[1])})`),
              color: colour,
            },
          },
        ],
      } as Spec,
      380,
    ),
  };
}
