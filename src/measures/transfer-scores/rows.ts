import { type ClassSpectra, sharedSpectra } from '../class-spectra.ts';
import { tooFew } from '../class-statistics.ts';
import { invariances, type Measure, type MeasureInputs, needs } from '../measure.ts';
import { type Measured, undefinedBecause } from '../measured.ts';
import { leep, nce, type SourceLogits } from './from-source-predictions.ts';
import { gaussianBhattacharyya } from './gaussian-bhattacharyya.ts';
import { hScore, hScoreRegularized } from './h-score.ts';
import { logMe } from './log-me.ts';
import { transRate } from './trans-rate.ts';

const trainedOnThese = undefinedBecause(
  'the network was trained on these classes; scores are of transfer to others',
);

type Score = (inputs: MeasureInputs, logits: SourceLogits | null) => Measured;

const transferScore =
  (score: Score) =>
  (inputs: MeasureInputs): Measured => {
    const { transfer = trainedOnThese } = inputs;
    return 'undefinedBecause' in transfer ? transfer : score(inputs, transfer.logits);
  };

/** A score from a spectrum that has an eigenvalue, of two classes or more with an example each. */
const fromSpectrum = (
  which: 'centred' | 'uncentred',
  empty: string,
  score: (spectra: ClassSpectra, inputs: MeasureInputs) => Measured,
) =>
  transferScore((inputs) => {
    const few = tooFew(inputs.statistics, 1);
    if (few !== null) return few;
    const spectra = sharedSpectra(inputs);
    return spectra[which].eigenvalues.length === 0 ? undefinedBecause(empty) : score(spectra, inputs);
  });

const fromLogits = (score: (logits: SourceLogits, labels: Int32Array, classes: number) => Measured) =>
  transferScore(({ embeddings: { labels, classNames } }, logits) => {
    if (logits === null) return undefinedBecause("the source's logits are not known");
    // Weights imported without a classifier have a single output.
    return logits.classes < 2
      ? undefinedBecause('the source has no classifier of 2 classes or more')
      : score(logits, labels, classNames.length);
  });

const same = 'all embeddings are the same';
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
    compute: fromSpectrum('uncentred', 'all embeddings are zero', ({ uncentred, scale }, { statistics }) =>
      logMe(uncentred, scale, statistics),
    ),
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
    invariant: invariances.similarity,
    compute: fromSpectrum('centred', same, ({ centred }, { statistics }) => hScore(centred, statistics)),
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
    invariant: invariances.similarity,
    compute: fromSpectrum('centred', same, ({ centred }, { statistics }) =>
      hScoreRegularized(centred, statistics),
    ),
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
    invariant: invariances.isometry,
    compute: fromSpectrum('centred', same, (spectra, { embeddings, statistics }) =>
      transRate(spectra, embeddings.labels, statistics),
    ),
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
    invariant: invariances.similarity,
    compute: transferScore(({ statistics }) => gaussianBhattacharyya(statistics)),
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
    invariant: invariances.similarity,
    compute: fromLogits(leep),
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
    invariant: invariances.similarity,
    compute: fromLogits(nce),
  },
] as const satisfies readonly Measure[];
