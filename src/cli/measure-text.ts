import { durationText } from '../duration.ts';
import { cdnvBoundMeaning } from '../measures/bound.ts';
import { measureRows } from '../measures/measure-rows.ts';
import { collapseEstimateOf, type NeuralCollapseRecord } from '../measures/record.ts';
import type { EmbeddingsRecord } from '../on-request/measure-embeddings.ts';
import type { MeasureRecord } from '../on-request/measure-on-request.ts';
import { brief } from '../report/number-text.ts';

/** What `gcnc measure` prints for people. */
export const measureText = (record: MeasureRecord): string => {
  const { geometricComplexity: gc, neuralCollapse, bound, cost } = record;
  return `${[
    `${record.checkpoint} on ${record.data}, ${record.split}`,
    row(
      'layer',
      `${record.layer}${gc.readBy === undefined ? '' : `, read by ${gc.readBy}`} (${record.dimension})`,
      `inference mode, no augmentation, pooling ${record.pooling}`,
    ),
    row(
      'classes',
      String(neuralCollapse.classes),
      `${neuralCollapse.balanced ? 'balanced' : 'not balanced'}${record.classesMatchedBy === 'number' ? "; matched to the classifier's by number, as they have no names" : ''}`,
    ),
    ...fitRows(record, `${record.examples} examples`),
    ...(record.pathFlatness === null
      ? []
      : [
          row(
            'path gradient²',
            brief(record.pathFlatness),
            'mean squared gradient norm over all steps of training',
          ),
        ]),
    '',
    row(
      'geometric complexity',
      estimateText(gc),
      `squared ${gc.layer} units per squared ${gc.inputSpace} input unit`,
    ),
    row('', `${gc.estimator}, ${gc.precision}`, howEstimated(gc)),
    ...unreached(gc),
    row(
      '',
      `${brief(cost.productsPerSecond)} products/s`,
      `${brief(cost.seconds)} s; the exact value of the split: about ${durationText(cost.exactSeconds)}`,
    ),
    '',
    `neural collapse, float32 embeddings of ${neuralCollapse.examples} examples, sums in float64`,
    ...collapseRows(neuralCollapse),
    '',
    cdnvBoundRow(bound),
    ...(bound.geometricCollapse === null
      ? [row('', '', `by geometric collapse: ${whyNoBound(record)}`)]
      : [
          row(
            '',
            boundText(bound.geometricCollapse),
            `4 (k-1) rho * geometric collapse, rho = ${bound.rho}; rho is at least ${bound.rhoFloor === null ? '?' : brief(bound.rhoFloor)}`,
          ),
        ]),
  ].join('\n')}\n`;
};

/** A collapse that is undefined has no bound, whatever rho is. */
const whyNoBound = ({ bound, neuralCollapse }: Pick<MeasureRecord, 'bound' | 'neuralCollapse'>): string => {
  const { geometricCollapse, undefinedBecause } = neuralCollapse;
  if (geometricCollapse === null)
    return `undefined: ${undefinedBecause?.geometricCollapse ?? 'no reason given'}`;
  const floor = bound.rhoFloor === null ? '?' : brief(bound.rhoFloor);
  return `needs --rho, at least ${floor} (Var_c / GC_c, 95 % confidence)`;
};

/** What `gcnc measure EMBEDDINGS.npz` prints for people. */
export const embeddingsText = ({
  data,
  dimension,
  neuralCollapse,
  loss,
  accuracy,
  bound,
}: EmbeddingsRecord): string =>
  `${[
    `${data}: ${neuralCollapse.examples} embeddings of dimension ${dimension}`,
    row('classes', String(neuralCollapse.classes), neuralCollapse.balanced ? 'balanced' : 'not balanced'),
    ...fitRows({ loss, accuracy }, 'of the classifier'),
    '',
    ...collapseRows(neuralCollapse),
    '',
    cdnvBoundRow(bound),
  ].join('\n')}\n`;

const width = 32;
const row = (label: string, value: string, note = ''): string =>
  `  ${label.padEnd(width)}${value.padEnd(23)} ${note}`.trimEnd();

const collapseRows = (neuralCollapse: NeuralCollapseRecord): readonly string[] =>
  measureRows.map(({ key, label, meaning }) => {
    const value = neuralCollapse[key];
    const reason = neuralCollapse.undefinedBecause?.[key] ?? '';
    if (value === null) return row(label, '–', reason);
    const estimate = collapseEstimateOf(neuralCollapse, key);
    if (estimate === undefined) return row(label, brief(value), meaning);
    return row(
      label,
      estimateText({ value, ci95: estimate.ci95 }),
      `${meaning}; ${estimate.examples} examples`,
    );
  });

const fitRows = (
  { loss, accuracy }: Pick<MeasureRecord, 'loss' | 'accuracy'>,
  note: string,
): readonly string[] =>
  loss === null || accuracy === null
    ? []
    : [row('loss, accuracy', `${brief(loss)}, ${(100 * accuracy).toFixed(2)} %`, note)];

const cdnvBoundRow = ({ cdnv }: MeasureRecord['bound']): string =>
  row('nearest-mean bound', cdnv === null ? '–' : boundText(cdnv), cdnvBoundMeaning);

/** Where the examples ran out before the error that was asked for. */
const unreached = ({ relativeError }: MeasureRecord['geometricComplexity']): readonly string[] => {
  if (relativeError === undefined) return [];
  const { asked, reached } = relativeError;
  if (reached !== null && reached <= asked) return [];
  const found = reached === null ? 'there is no interval' : `${brief(reached)} instead of ${asked}`;
  return [row('', '', `the relative error asked for was not reached: ${found}`)];
};

const estimateText = ({
  value,
  ci95,
}: Pick<MeasureRecord['geometricComplexity'], 'value' | 'ci95'>): string =>
  ci95 === null ? brief(value) : `${brief(value)} ± ${brief(ci95[1] - value)} (95 %)`;

const howEstimated = (gc: MeasureRecord['geometricComplexity']): string => {
  const examples = `${gc.examples} of ${gc.ofExamples} examples`;
  if (gc.estimator === 'hutchinson')
    return `${examples}, ${gc.probes} ${gc.distribution} ${gc.probes === 1 ? 'probe' : 'probes'} each in the ${gc.probeSpace} space, seed ${gc.seed}`;
  const share = gc.share === undefined ? '' : `, ${brief(100 * gc.share)} % of the entries`;
  return `${examples}, ${gc.probes} of ${gc.dimension} rows each${share}, seed ${gc.seed}`;
};

/** A bound above 1 says nothing. */
const boundText = (value: number): string =>
  value > 1 ? `${brief(value)} (no bound: above 1)` : brief(value);
