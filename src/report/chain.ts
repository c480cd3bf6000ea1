import { holm } from '../statistics/holm.ts';
import type { Results } from './aggregate.ts';
import { type Trend, verdictOn } from './trends.ts';

/** The links swept number -> source GC -> target CDNV -> few-shot accuracy, the last readout's at the most shots. */
const inChain = ({ fewshot }: Results, { fromId, toId, reported }: Trend): boolean =>
  reported !== null &&
  (toId === 'sourceGc' ||
    (fromId === 'sourceGc' && toId === 'targetCdnv') ||
    (fromId === 'targetCdnv' && toId === fewshot.at(-1)?.id));

/** The chain's links, each with the verdict that Holm's correction for all of them leaves. */
export function chainOf(results: Results, trends: readonly Trend[]): readonly Trend[] {
  const links = trends.filter((trend) => inChain(results, trend));
  const tested = links.filter(({ overMeans }) => overMeans !== null && overMeans.p !== null);
  const adjusted = holm(tested.map(({ overMeans }) => overMeans!.p!));
  return links.map((link) => {
    const at = tested.indexOf(link);
    if (at < 0) return link;
    const found = { ...link.overMeans!, p: adjusted[at]! };
    return { ...link, overMeans: found, verdict: verdictOn(found, link.configurations, link.reported) };
  });
}

/** The chain's links and GC -> accuracy; the table of correlations has the others too. */
export const inView = ({ fewshot }: Results, { fromId, toId }: Trend): boolean =>
  toId === 'sourceGc' ||
  (fromId === 'sourceGc' && toId === 'targetCdnv') ||
  (['sourceGc', 'targetCdnv'].includes(fromId) && toId === fewshot.at(-1)?.id);
