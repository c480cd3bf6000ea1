import { type ClassSpectra, type ClassSpectrum, classSpectra } from '../class-spectra.ts';
import { classStatistics, tooFew } from '../class-statistics.ts';
import type { Embeddings } from '../embeddings.ts';
import { isDefined, type Quantity, undefinedBecause } from '../quantity.ts';
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
  spectra: ClassSpectra = classSpectra(embeddings),
): Readonly<Record<TransferScore, Quantity>> {
  const statistics = classStatistics(embeddings);
  const { labels, classNames } = embeddings;
  const few = tooFew(statistics, 1);
  const { centred, uncentred, scale } = spectra;
  const of = ({ eigenvalues }: ClassSpectrum, empty: string, score: () => Quantity): Quantity =>
    few !== null ? few : eigenvalues.length === 0 ? undefinedBecause(empty) : score();
  const same = 'all embeddings are the same';
  const fromLogits = (score: (logits: SourceLogits) => Quantity): Quantity => {
    if (logits === null) return undefinedBecause("the source's logits are not known");
    // Weights imported without a classifier have a single output.
    return logits.classes < 2
      ? undefinedBecause('the source has no classifier of 2 classes or more')
      : score(logits);
  };
  const scores = {
    logMe: of(uncentred, 'all embeddings are zero', () => logMe(uncentred, scale, statistics)),
    hScore: of(centred, same, () => hScore(centred, statistics)),
    hScoreRegularized: of(centred, same, () => hScoreRegularized(centred, statistics)),
    transRate: of(centred, same, () => transRate(spectra, labels, statistics)),
    gaussianBhattacharyya: gaussianBhattacharyya(statistics),
    leep: fromLogits((known) => leep(known, labels, classNames.length)),
    nce: fromLogits((known) => nce(known, labels, classNames.length)),
  };
  for (const [key, value] of Object.entries(scores))
    if (isDefined(value) && !Number.isFinite(value))
      throw new RangeError(`${key} is ${value}: a case that its own file leaves out`);
  return scores;
}
