import type { Results } from '../aggregate.ts';
import { curveFigures } from './curves.ts';
import type { Figure } from './figure.ts';
import { finalFigures } from './final-values.ts';
import { nearestMeanFigure } from './nearest-mean.ts';
import { scatterFigures } from './scatter.ts';
import { seriesStyle } from './series-style.ts';

/** Every figure of the report. The links of the chain under study stand with the answer, in the chain's order. */
export function allFigures(results: Results): readonly Figure[] {
  const style = seriesStyle(results);
  const figures = [
    ...finalFigures(results, style),
    ...scatterFigures(results, style),
    ...curveFigures(results, style),
    ...nearestMeanFigure(results, style),
  ];
  const transfer = results.fewshot.at(-1)?.id;
  const chain = ['final-sourceGc', 'targetCdnv-by-sourceGc', `${transfer}-by-targetCdnv`];
  return figures.map((figure) => (chain.includes(figure.id) ? { ...figure, section: 'answer' } : figure));
}
