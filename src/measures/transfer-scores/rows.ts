import { classSpectra } from '../class-spectra.ts';
import { type Measure, needs, type Stage } from '../measure.ts';
import type { Quantity } from '../quantity.ts';
import { type TransferScore, transferScores } from './transfer-scores.ts';

const score =
  (key: TransferScore) =>
  ({ transfer, embeddings, once }: Stage): Quantity =>
    'undefinedBecause' in transfer
      ? transfer
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
    needs: needs.spectrum,
    ofTransfer:
      'Ranks networks of one width by a linear readout on all labels; it knows neither few shots nor other widths.',
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
    needs: needs.spectrum,
    ofTransfer:
      'How well a linear readout separates the classes with all labels; with fewer examples than dimensions it is at its maximum.',
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
    needs: needs.spectrum,
    ofTransfer: 'As the H-score, usable with few examples; it knows nothing of how many shots there will be.',
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
    needs: needs.spectrum,
    ofTransfer:
      'How much the labels tell of the features with all labels; it grows with the scale of the embedding.',
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
    needs: needs.classStatistics,
    ofTransfer:
      'How much classes overlap if they were spheres; it is blind to the directions of their variance.',
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
    needs: needs.logits,
    ofTransfer: "How well the source's predictions tell the target's labels; it does not see the embedding.",
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
    needs: needs.logits,
    ofTransfer: "As LEEP from the source's most probable class alone; it does not see the embedding.",
    invariant: similarity,
    compute: score('nce'),
  },
] as const satisfies readonly Measure[];
