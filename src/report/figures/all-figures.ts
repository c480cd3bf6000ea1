import type { Results } from '../aggregate.ts';
import { curveFigures } from './curves.ts';
import type { Figure } from './figure.ts';
import { finalFigures } from './final-values.ts';
import { scatterFigures } from './scatter.ts';
import { seriesStyle } from './series-style.ts';

/** Every figure of the report, in its order. */
export function allFigures(results: Results): readonly Figure[] {
  const style = seriesStyle(results);
  return [
    ...scatterFigures(results, style),
    ...finalFigures(results, style),
    ...curveFigures(results, style),
  ];
}
