import { writeFileSync } from 'node:fs';
import type { TopLevelSpec } from 'vega-lite';
import { drawFigures } from '../../src/report/figures/draw.ts';
import { readPoints, resultFiles } from './points.ts';

/** Draws estimators.svg from estimators.csv, both in the folder `results`. */
export const drawStudy = async (results: string): Promise<void> => {
  // Exact rows of all examples have no error, and no place on a logarithmic axis.
  const values = readPoints(results).filter(({ relativeError }) => relativeError > 1e-12);
  const panel = (study: string, title: string, ticks: number[], reversed = false) => ({
    width: 250,
    height: 240,
    transform: [{ filter: `datum.study === '${study}'` }],
    mark: { type: 'line' as const, point: true, strokeWidth: 2 },
    encoding: {
      x: {
        field: 'amount',
        type: 'quantitative' as const,
        scale: { type: 'log' as const, reverse: reversed, nice: false },
        axis: { values: ticks, grid: false },
        title,
      },
      y: {
        aggregate: 'mean' as const,
        field: 'relativeError',
        type: 'quantitative' as const,
        scale: { type: 'log' as const, domain: [0.0005, 0.3] },
        axis: { values: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3], format: '%' },
        title: 'mean relative error',
      },
      color: { field: 'estimator', type: 'nominal' as const, title: null },
      shape: { field: 'estimator', type: 'nominal' as const, title: null },
    },
  });
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 10,
    data: { values: values.map((point) => ({ ...point })) },
    hconcat: [
      panel('examples', 'examples', [16, 32, 64, 128, 256, 512]),
      panel(
        'share of entries',
        "share of the Jacobian's entries kept",
        [0.5, 0.1, 0.01, 0.001, 0.0001],
        true,
      ),
      panel('rows or probes', 'rows, or probes, an example', [1, 2, 4, 8, 16, 32, 64]),
    ],
    resolve: { scale: { color: 'independent', shape: 'independent' } },
    config: {
      font: 'sans-serif',
      legend: { orient: 'bottom', direction: 'vertical', labelLimit: 300 },
      range: { category: ['#0072B2', '#D55E00', '#009E73'] },
    },
  };
  const text = { title: 'estimators', caption: '', description: 'Mean relative error of each estimator' };
  const drawn = await drawFigures([{ id: 'estimators', section: 'final', ...text, rows: [], spec }]);
  writeFileSync(resultFiles(results).figure, drawn.get('estimators')!);
};
