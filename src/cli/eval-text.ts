import type { EvalRecord, EvalResult } from '../fewshot/eval-record.ts';
import { columnsOf, plainTable } from '../report/terminal-table.ts';

const percent = (share: number): string => (100 * share).toFixed(2);

/** What `gcnc eval` prints for people. */
export function evalText({
  checkpoint,
  data,
  split,
  ways,
  queries,
  episodes,
  chance,
  results,
}: EvalRecord): string {
  const first = results[0]!;
  const inEpisodes = results.find(({ shots }) => shots !== 'all');
  const onAll = results.find(({ shots }) => shots === 'all');
  const of = checkpoint === null ? data : `${checkpoint} on ${data}, ${split}`;
  const made = checkpoint === null ? 'made elsewhere' : 'inference mode, no augmentation';
  const lines = [
    of,
    `${first.layer ?? 'embeddings'} (${first.dimension}), ${first.pooling === undefined ? '' : `pooling ${first.pooling}, `}${first.precision}, ${made}; ${first.examples} examples of ${first.classes} classes`,
    `features ${featureText(first)}${copiesText(first)}`,
    ...(inEpisodes === undefined
      ? []
      : [
          `${episodes} episodes of ${ways} ways, ${queries} queries per class; seed ${inEpisodes.seed}, list ${inEpisodes.episodeList}; chance ${percent(chance)} %`,
        ]),
    ...(onAll === undefined
      ? []
      : [
          `all: ${onAll.ways} ways, trained on ${onAll.trainExamples} examples, tested on ${onAll.n} (${onAll.tested}); ${chanceOnAll(onAll)}`,
        ]),
    '',
    plainTable(
      columnsOf(
        ['shots', 'readout', 'accuracy %', '95 % interval', 'n', ''],
        results.map((each) => [
          String(each.shots),
          each.readout,
          percent(each.accuracy),
          `${percent(each.ci95[0])} to ${percent(each.ci95[1])}`,
          `${each.n} ${each.intervalOver}`,
          noteText(each),
        ]),
      ),
    ),
    '',
    ...(results.some(({ disjoint }) => disjoint)
      ? ['No image is in two episodes: intervals over episodes hold for new images of these classes.']
      : []),
    'Intervals hold for this checkpoint; they say nothing of other training seeds.',
  ];
  return `${lines.join('\n')}\n`;
}

/** Classes of unlike sizes: a readout that says the largest one always is right more often than by chance. */
function chanceOnAll({ chance, majorityShare = chance }: EvalResult): string {
  const ofLargest = `, the largest class alone ${percent(majorityShare)} %`;
  return `chance ${percent(chance)} %${majorityShare - chance > 1e-9 ? ofLargest : ''}`;
}

function featureText({ centre, normalize }: EvalResult): string {
  const centred = {
    none: 'not centred',
    support: "centred on the support's mean",
    base: "centred on the source classes' mean",
  }[centre];
  return `${centred}, ${normalize ? 'scaled to length 1' : 'not scaled'}`;
}

const copiesText = ({ augmentedSupports: copies }: EvalResult): string =>
  copies === undefined ? '' : `; ${copies} augmented copies stand for each support`;

function noteText({ regularization, unconverged }: EvalResult): string {
  const entries = Object.entries(regularization ?? {}).map(([name, value]) => `${name} = ${value}`);
  const stopped = unconverged > 0 ? [`${unconverged} fits not converged`] : [];
  return [...entries, ...stopped].join('; ');
}
