import { classSpectra } from '../class-spectra.ts';
import type { Measure, Stage } from '../measure.ts';
import { type Quantity, undefinedBecause } from '../quantity.ts';
import { type TransferScore, transferScores } from './transfer-scores.ts';

const score =
  (key: TransferScore) =>
  ({ transfer, embeddings, once }: Stage): Quantity =>
    transfer === undefined
      ? undefinedBecause('the network was trained on these classes; scores are of transfer to others')
      : once('transfer scores', () =>
          transferScores(
            embeddings,
            transfer.logits,
            once('spectra', () => classSpectra(embeddings)),
          ),
        )[key];

const isometry = { scale: false, rotation: true, shift: true } as const;
const similarity = { scale: true, rotation: true, shift: true } as const;
const plain = { logarithmic: false, inReport: false } as const;

/** Scores of transfer, of classes that the network was not trained on. A higher score stands for better transfer. */
export const transferRows = [
  {
    key: 'logMe',
    label: 'LogME',
    unit: 'nat',
    ...plain,
    meaning: 'log maximum evidence per example of linear regressions of the labels on the embeddings',
    source: 'You, Liu, Wang, Long 2021',
    invariant: { scale: false, rotation: true, shift: false },
    compute: score('logMe'),
  },
  {
    key: 'hScore',
    label: 'H-score',
    unit: null,
    ...plain,
    meaning: 'tr(pinv(cov f) cov E[f|y]), at most classes - 1',
    source: 'Bao et al. 2019',
    invariant: similarity,
    compute: score('hScore'),
  },
  {
    key: 'hScoreRegularized',
    label: 'H-score, regularised',
    unit: null,
    ...plain,
    meaning: 'the same with the covariance shrunk as Ledoit and Wolf have it',
    source: 'Ibrahim, Ponomareva, Mazumder 2021',
    invariant: similarity,
    compute: score('hScoreRegularized'),
  },
  {
    key: 'transRate',
    label: 'TransRate',
    unit: 'nat',
    ...plain,
    meaning: 'coding rate of all embeddings less the mean of those of the classes, distortion 1e-4',
    source: 'Huang et al. 2022',
    invariant: isometry,
    compute: score('transRate'),
  },
  {
    key: 'gaussianBhattacharyya',
    label: 'GBC',
    unit: null,
    ...plain,
    meaning: 'minus the sum over ordered pairs of Bhattacharyya coefficients of spherical Gaussians',
    source: 'Pandy et al. 2022',
    invariant: similarity,
    compute: score('gaussianBhattacharyya'),
  },
  {
    key: 'leep',
    label: 'LEEP',
    unit: 'nat',
    ...plain,
    meaning: "mean log likelihood of the labels given the source's probabilities, at most 0",
    source: 'Nguyen et al. 2020',
    invariant: similarity,
    compute: score('leep'),
  },
  {
    key: 'nce',
    label: 'NCE',
    unit: 'nat',
    ...plain,
    meaning: "minus the conditional entropy of the label given the source's most probable class",
    source: 'Tran et al. 2019',
    invariant: similarity,
    compute: score('nce'),
  },
] as const satisfies readonly Measure[];
