import {
  nc2EquiangularStd,
  nc2Equinorm,
  nc2MaxAngle,
  nc3SelfDuality,
  simplexEtfError,
} from './mean-structure.ts';
import { invariances, type Measure, type MeasureInputs, needs, ratio } from './measure.ts';
import { type Measured, undefinedBecause } from './measured.ts';
import { classifierPredictions, type LinearClassifier, nc4Disagreement } from './nearest-mean.ts';
import { nc1TraceRatio } from './trace-ratio.ts';
import { nc1 } from './variability.ts';

const ofClassifier =
  (measure: (classifier: LinearClassifier, inputs: MeasureInputs) => Measured) =>
  (inputs: MeasureInputs): Measured => {
    const { classifier = undefinedBecause('there is no classifier for these classes') } = inputs;
    return 'values' in classifier ? measure(classifier, inputs) : classifier;
  };

/** Neural collapse as Papyan, Han and Donoho have it, NC1 to NC4, and variants of it. */
export const collapseRows = [
  {
    key: 'nc1',
    label: 'NC1',
    ...ratio,
    inReport: true,
    meaning: 'tr(S_W pinv(S_B)) / classes',
    source: 'Papyan, Han, Donoho 2020',
    needs: needs.spectrum,
    ofTransfer:
      'Whether classes collapse relative to the spread of means; full collapse of the source can go with worse transfer.',
    invariant: invariances.similarity,
    compute: ({ embeddings, statistics }) => nc1(embeddings, statistics),
  },
  {
    key: 'nc1TraceRatio',
    label: 'NC1, quotient of traces',
    ...ratio,
    meaning: 'tr(S_W) / tr(S_B)',
    source: 'Hui, Belkin, Nakkiran 2022',
    needs: needs.classStatistics,
    ofTransfer:
      'As NC1 without its inverse: large directions decide, so small ones that separate targets are not seen.',
    invariant: invariances.similarity,
    compute: ({ statistics }) => nc1TraceRatio(statistics),
  },
  {
    key: 'nc2Equinorm',
    label: 'NC2 equinorm',
    ...ratio,
    meaning: 'std / mean of the lengths of the centred means',
    source: 'Papyan, Han, Donoho 2020',
    needs: needs.classStatistics,
    ofTransfer:
      'Whether class means are equally long; it says how far the source has collapsed, nothing of new classes.',
    invariant: invariances.similarity,
    compute: ({ statistics }) => nc2Equinorm(statistics),
  },
  {
    key: 'nc2EquiangularStd',
    label: 'NC2 equiangular',
    ...ratio,
    meaning: 'std of their cosines',
    source: 'Papyan, Han, Donoho 2020',
    needs: needs.classStatistics,
    ofTransfer: 'Whether class means are equally far apart in angle; nothing of new classes.',
    invariant: invariances.similarity,
    compute: ({ statistics }) => nc2EquiangularStd(statistics),
  },
  {
    key: 'nc2MaxAngle',
    label: 'NC2 to the simplex',
    ...ratio,
    meaning: 'mean |cos + 1/(classes - 1)|',
    source: 'Papyan, Han, Donoho 2020',
    needs: needs.classStatistics,
    ofTransfer:
      'Whether class means are as far apart as can be; the simplex leaves no room for relations between classes.',
    invariant: invariances.similarity,
    compute: ({ statistics }) => nc2MaxAngle(statistics),
  },
  {
    key: 'simplexEtfError',
    label: 'simplex ETF error',
    ...ratio,
    meaning: 'as simplex_etf_error of rhubarbwu/neural-collapse',
    source: 'rhubarbwu/neural-collapse',
    needs: needs.classStatistics,
    ofTransfer: 'As the NC2 rows in one number; nothing of new classes.',
    invariant: invariances.similarity,
    compute: ({ statistics }) => simplexEtfError(statistics),
  },
  {
    key: 'nc3SelfDuality',
    label: 'NC3 self-duality',
    ...ratio,
    meaning: "distance of the classifier's weights from the means",
    source: 'Papyan, Han, Donoho 2020',
    needs: needs.classStatistics,
    ofTransfer:
      'Whether the classifier agrees with the means; transfer drops the classifier, so it says nothing of it.',
    invariant: { scale: true, rotation: false, shift: true },
    compute: ofClassifier(({ values }, { statistics }) => nc3SelfDuality(values, statistics)),
  },
  {
    key: 'nc4Disagreement',
    label: 'NC4 disagreement',
    unit: null,
    logarithmic: false,
    inReport: false,
    meaning: 'classifier against nearest mean, share of examples',
    source: 'Papyan, Han, Donoho 2020',
    needs: needs.onePass,
    ofTransfer:
      'Whether a nearest-mean readout would decide as the classifier does; for source classes only.',
    invariant: { scale: false, rotation: false, shift: false },
    compute: ofClassifier((classifier, { embeddings, statistics }) =>
      nc4Disagreement(classifierPredictions(embeddings, classifier), embeddings, statistics),
    ),
  },
] as const satisfies readonly Measure[];
