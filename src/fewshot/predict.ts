import { InputError } from '../input-error.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import type { EpisodeList } from './episodes.ts';
import { type FeatureOptions, type FeatureRows, featureRows } from './feature-rows.ts';
import { centredGram } from './gram.ts';
import { type MeanReadout, meanRules } from './mean-rules.ts';
import { type ReadoutName, type ReadoutOptions, readouts as readoutTable } from './readouts.ts';
import { centredSupport, overRawFeatures } from './support-features.ts';

export interface PredictOptions {
  readonly shots: readonly number[];
  readonly readouts: readonly ReadoutName[];
  readonly features?: FeatureOptions | undefined;
  readonly readoutOptions?: ReadoutOptions | undefined;
}

export interface Predictions {
  readonly shots: number;
  readonly readout: ReadoutName;
  /** [episodes, ways, queries]: 0 to ways - 1 in the episode's order of classes; right where it is the way's number. */
  readonly predicted: Uint16Array;
  /** Episodes whose fit ended before its minimum. */
  readonly unconverged: number;
}

/**
 * Predictions of every readout and number of shots on every query of a list of episodes. Throws InputError where the list was
 * drawn for other class sizes, or for fewer shots.
 */
export function predictEpisodes(
  embeddings: Embeddings,
  list: EpisodeList,
  { shots, readouts, features = {}, readoutOptions = {} }: PredictOptions,
): Predictions[] {
  const members = examplesByClass(embeddings);
  checkList(list, members, shots);
  const { ways, queries, episodes } = list;
  const byMeans = readouts.filter((name) => isByMeans(name, features));
  const fitted = readouts.filter((name) => !isByMeans(name, features));
  const rows = fitted.length > 0 ? featureRows(embeddings, fitted.length * (ways - 1) + 1, features) : null;
  const means =
    byMeans.length > 0
      ? meanRules(embeddings, { ways, shots: Math.max(...shots) }, meanFeatures(features))
      : null;
  const results = shots.flatMap((count) =>
    readouts.map((readout) => ({
      shots: count,
      readout,
      predicted: new Uint16Array(episodes * ways * queries),
      unconverged: 0,
    })),
  );
  for (let episode = 0; episode < episodes; episode++) {
    const queryExamples = chosen(list, members, episode, 0, queries);
    const start = episode * ways * queries;
    shots.forEach((count, s) => {
      const examples = chosen(list, members, episode, queries, count);
      const resultOf = (name: ReadoutName) => results[s * readouts.length + readouts.indexOf(name)]!;
      if (means !== null) {
        means.setSupport(examples);
        for (const name of byMeans) means.decide(name, queryExamples, resultOf(name).predicted, start);
      }
      if (rows === null) return;
      const labels = Int32Array.from({ length: ways * count }, (_, i) => Math.floor(i / count));
      const support = { examples, labels, ways };
      const decided = fitAndScore(rows, support, queryExamples, fitted, features, readoutOptions);
      fitted.forEach((name, r) => {
        resultOf(name).predicted.set(decided[r]!.decisions, start);
        if (!decided[r]!.converged) resultOf(name).unconverged += 1;
      });
    });
  }
  return results;
}

/** Readouts that need the class means alone; around the support's mean only what a shift does not change. */
const isByMeans = (name: ReadoutName, { centre, normalize = false }: FeatureOptions): name is MeanReadout =>
  centre === 'support' ? name === 'nearest-mean' && !normalize : name === 'nearest-mean' || name === 'cosine';

const meanFeatures = ({ centre = 'none', normalize = false }: FeatureOptions) => ({
  origin: typeof centre === 'string' ? null : centre,
  normalize,
});

interface Support {
  readonly examples: Int32Array;
  readonly labels: Int32Array;
  readonly ways: number;
}

/**
 * Class of each query by each readout. Only differences of scores decide, so that a readout of n ways needs n - 1 rows: each
 * class's weights minus the first's.
 */
function fitAndScore(
  rows: FeatureRows,
  { examples, labels, ways }: Support,
  queries: Int32Array,
  readouts: readonly ReadoutName[],
  { centre = 'none', normalize = false }: FeatureOptions,
  options: ReadoutOptions,
): { readonly decisions: Uint16Array; readonly converged: boolean }[] {
  const size = labels.length;
  const raw = { gram: rows.gram(examples), labels, ways };
  const around = centre === 'support' ? centredSupport(raw, normalize) : null;
  const { rowMeans, mean } = around === null ? { rowMeans: null, mean: 0 } : centredGram(raw.gram, size);
  const lastRule = readouts.length * (ways - 1);
  const offsets = new Float64Array(lastRule);
  const biases = new Float64Array(lastRule);
  const converged = readouts.map((name, r) => {
    const rule = readoutTable[name](around?.support ?? raw, options);
    const coefficients = around === null ? rule.coefficients : overRawFeatures(rule, around.lengths);
    for (let c = ways - 1; c >= 0; c--)
      for (let i = 0; i < size; i++) coefficients[c * size + i]! -= coefficients[i]!;
    for (let c = 1; c < ways; c++) {
      const at = r * (ways - 1) + c - 1;
      rows.setRule(at, examples, coefficients, c * size);
      biases[at] = rule.bias[c]! - rule.bias[0]!;
      if (rowMeans !== null)
        for (let i = 0; i < size; i++) offsets[at]! -= coefficients[c * size + i]! * rowMeans[i]!;
    }
    return rule.converged ?? true;
  });
  const needsLengths = around !== null && normalize;
  if (needsLengths) rows.setRule(lastRule, examples, new Float64Array(size).fill(1 / size), 0);
  const count = lastRule + (needsLengths ? 1 : 0);
  const scores = rows.scores(queries, count);
  return readouts.map((_, r) => {
    const decisions = new Uint16Array(queries.length);
    for (let q = 0; q < queries.length; q++) {
      const squaredLength = rows.squaredNorms[queries[q]!]! - 2 * scores[q * count + lastRule]! + mean;
      const length = needsLengths ? Math.sqrt(Math.max(0, squaredLength)) || 1 : 1;
      let largest = 0;
      for (let c = 1; c < ways; c++) {
        const at = r * (ways - 1) + c - 1;
        const score = (scores[q * count + at]! + offsets[at]!) / length + biases[at]!;
        if (score > largest) {
          largest = score;
          decisions[q] = c;
        }
      }
    }
    return { decisions, converged: converged[r]! };
  });
}

/** Examples of an episode, by class: `count` members of each from position `from`. */
function chosen(
  { ways, queries, shots, classes, members }: EpisodeList,
  byClass: readonly Int32Array[],
  episode: number,
  from: number,
  count: number,
): Int32Array {
  const examples = new Int32Array(ways * count);
  for (let way = 0, at = 0; way < ways; way++) {
    const slot = episode * ways + way;
    const ofClass = byClass[classes[slot]!]!;
    for (let k = 0; k < count; k++) examples[at++] = ofClass[members[slot * (queries + shots) + from + k]!]!;
  }
  return examples;
}

/** The examples of each class, in their order. */
export function examplesByClass({ labels, classNames }: Embeddings): Int32Array[] {
  const lists: number[][] = classNames.map(() => []);
  labels.forEach((label, example) => {
    const list = lists[label];
    if (list === undefined)
      throw new InputError(
        `embeddings: label ${label} at example ${example}; allowed are 0 to ${classNames.length - 1}`,
      );
    list.push(example);
  });
  return lists.map((list) => Int32Array.from(list));
}

function checkList(list: EpisodeList, members: readonly Int32Array[], shots: readonly number[]): void {
  const wanted = list.classSizes.join(', ');
  const found = members.map((examples) => examples.length).join(', ');
  if (wanted !== found)
    throw new InputError(`few-shot: episodes drawn for classes of ${wanted} examples; these have ${found}`);
  const wrong = shots.find((count) => !(Number.isInteger(count) && count >= 1 && count <= list.shots));
  if (wrong !== undefined)
    throw new InputError(`few-shot: ${wrong} shots; the list of episodes has 1 to ${list.shots}`);
}
