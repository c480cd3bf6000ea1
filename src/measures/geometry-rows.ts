import { sharedSpectra } from './class-spectra.ts';
import { leastMeanDistance, meanFeatureNorm } from './feature-size.ts';
import { invariances, type Measure, type MeasureInputs, needs, ratio } from './measure.ts';
import { firstRank, lastRank, participationRatio, rankMe, spectrumExponent, spectrumOf } from './spectrum.ts';
import { mostExamples, twoNn } from './two-nn.ts';

const spectrum = (inputs: MeasureInputs) => spectrumOf(sharedSpectra(inputs), inputs.statistics);

/** Measures of the embeddings' sizes, spectrum and dimension; only the distance of means knows of classes. */
export const geometryRows = [
  {
    key: 'meanFeatureNorm',
    label: 'mean feature norm',
    unit: 'embedding',
    logarithmic: true,
    inReport: false,
    meaning: 'mean length of the embeddings',
    source: 'arXiv 2604.00230',
    needs: needs.onePass,
    ofTransfer: 'The scale that regularised readouts depend on; readouts without penalty do not see it.',
    invariant: { scale: false, rotation: true, shift: false },
    compute: ({ embeddings }) => meanFeatureNorm(embeddings),
  },
  {
    key: 'leastMeanDistance',
    label: 'least distance of means',
    unit: 'embedding',
    logarithmic: true,
    inReport: false,
    meaning: 'least distance between two class means',
    source: 'Galanti et al., JMLR 2026',
    needs: needs.classStatistics,
    ofTransfer: 'The worst pair of classes; without the variance beside it, it says nothing of errors.',
    invariant: invariances.isometry,
    compute: ({ statistics }) => leastMeanDistance(statistics),
  },
  {
    key: 'rankMe',
    label: 'RankMe',
    ...ratio,
    meaning: 'exp of the entropy of the singular values of the uncentred embeddings',
    source: 'Garrido et al. 2023',
    needs: needs.spectrum,
    ofTransfer:
      'How many directions features use; without labels it cannot tell useful directions from noise.',
    invariant: invariances.linear,
    compute: (inputs) => rankMe(spectrum(inputs)),
  },
  {
    key: 'participationRatio',
    label: 'participation ratio',
    ...ratio,
    meaning: '(sum l)^2 / sum l^2 over the eigenvalues of the covariance',
    source: 'Gao et al. 2017',
    needs: needs.spectrum,
    ofTransfer: 'How evenly variance is spread; without labels it cannot tell useful directions from noise.',
    invariant: invariances.similarity,
    compute: (inputs) => participationRatio(spectrum(inputs)),
  },
  {
    key: 'spectrumExponent',
    label: 'spectrum exponent',
    unit: null,
    logarithmic: false,
    inReport: false,
    meaning: `slope of log eigenvalue against log rank, ranks ${firstRank} to ${lastRank} or the last above 1e-10 of the first`,
    source: 'Agrawal et al. 2022',
    needs: needs.spectrum,
    ofTransfer:
      'How fast variance decays with rank, published as near -1 for good transfer; the range of ranks decides much.',
    invariant: invariances.similarity,
    compute: (inputs) => spectrumExponent(spectrum(inputs)),
  },
  {
    key: 'twoNn',
    label: 'intrinsic dimension (TwoNN)',
    ...ratio,
    meaning: `from the ratio of second to first neighbour distances, of at most ${mostExamples} examples`,
    source: 'Facco et al. 2017',
    needs: needs.neighbours,
    ofTransfer: 'The local dimension of the data in the embedding; it says nothing of where the classes lie.',
    invariant: invariances.similarity,
    compute: ({ embeddings }) => twoNn(embeddings),
  },
] as const satisfies readonly Measure[];
