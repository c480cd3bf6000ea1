import { classStatistics } from '../class-statistics.ts';
import type { Embeddings } from '../embeddings.ts';
import { isDefined, type Quantity, type Undefined, undefinedBecause } from '../quantity.ts';
import { type ClassSpectrum, classSpectra } from './class-spectra.ts';
import { leep, nce, type SourceLogits } from './from-source-predictions.ts';
import { gaussianBhattacharyya } from './gaussian-bhattacharyya.ts';
import { hScore, hScoreRegularized } from './h-score.ts';
import { logMe } from './log-me.ts';
import { transRate } from './trans-rate.ts';

export type TransferScore =
  | 'logMe'
  | 'hScore'
  | 'hScoreRegularized'
  | 'transRate'
  | 'gaussianBhattacharyya'
  | 'leep'
  | 'nce';

/**
 * Scores of how well features, or the source's predictions, fit the labels of a target; a higher score stands for better transfer.
 * LEEP and NCE are undefined without the source's logits on the same examples.
 */
export function transferScores(
  embeddings: Embeddings,
  logits: SourceLogits | null,
): Readonly<Record<TransferScore, Quantity>> {
  const statistics = classStatistics(embeddings);
  const { labels, classNames } = embeddings;
  const spectra = classSpectra(embeddings, statistics);
  const { centred, uncentred, scale } = spectra;
  const of = (spectrum: ClassSpectrum | Undefined, score: (spectrum: ClassSpectrum) => Quantity) =>
    'undefinedBecause' in spectrum ? spectrum : score(spectrum);
  const fromLogits = (score: (logits: SourceLogits) => Quantity) =>
    logits === null ? undefinedBecause("the source's logits are not known") : score(logits);
  const scores = {
    logMe: of(uncentred, (spectrum) => logMe(spectrum, scale, statistics)),
    hScore: of(centred, (spectrum) => hScore(spectrum, statistics)),
    hScoreRegularized: of(centred, (spectrum) => hScoreRegularized(spectrum, statistics)),
    transRate: transRate(spectra, labels, statistics),
    gaussianBhattacharyya: gaussianBhattacharyya(statistics),
    leep: fromLogits((known) => leep(known, labels, classNames.length)),
    nce: fromLogits((known) => nce(known, labels, classNames.length)),
  };
  for (const [key, value] of Object.entries(scores))
    if (isDefined(value) && !Number.isFinite(value))
      throw new RangeError(`${key} is ${value}: a case that its own file leaves out`);
  return scores;
}
