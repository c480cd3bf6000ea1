/** What stands under experiments/: each study at the scale that two cores finish. */
export interface Study {
  /** `<folder>/<name>`: of the config `<folder>/<name>.small.yaml` and the results `<folder>/results/<name>.csv`. */
  readonly id: string;
  /** The swept key, dotted; `seed` where nothing else varies and training itself is the question. */
  readonly key: string;
  /** Sign of the effect of the key on GC and collapse that the paper reports. */
  readonly reported: 1 | -1;
  /** Training loss (nat, inference mode) at which the runs are compared besides equal epochs. */
  readonly equalLoss: number;
  /** Figures of the sweep's report that are kept, by their names there. */
  readonly figures: readonly string[];
  /** Whether target classes are held out, so that there is few-shot accuracy. */
  readonly transfer: boolean;
}

const chain = ['sourceGc-by-loss', 'targetCdnv-by-sourceGc'] as const;
const readout = 'fewshot_target_5way_5shot_logistic';
const transferFigures = [...chain, `${readout}-by-sourceGc`];

export const studies: readonly Study[] = [
  {
    id: '4-transfer/learning-rate',
    key: 'training.learningRate',
    reported: -1,
    equalLoss: 1,
    figures: transferFigures,
    transfer: true,
  },
  {
    id: '5-penalty/penalty',
    key: 'training.gcPenalty',
    reported: -1,
    equalLoss: 0.8,
    figures: [...chain, 'final-sourceGeometricCollapse'],
    transfer: true,
  },
  {
    id: '4-transfer/l2',
    key: 'training.l2',
    reported: -1,
    equalLoss: 1,
    figures: transferFigures,
    transfer: true,
  },
  {
    id: '4-transfer/batch-size',
    key: 'training.batchSize',
    reported: 1,
    equalLoss: 1,
    figures: transferFigures,
    transfer: true,
  },
  {
    id: '3-bound/bound',
    key: 'seed',
    reported: 1,
    equalLoss: 0.3,
    figures: ['nearestMean-by-step', 'sourceCdnv-by-step'],
    transfer: false,
  },
  {
    id: '1-training-sweeps/learning-rate',
    key: 'training.learningRate',
    reported: -1,
    equalLoss: 0.3,
    figures: ['sourceGc-by-loss', 'sourceGeometricCollapse-by-step', 'sourceCdnv-by-step'],
    transfer: false,
  },
];

const split = (id: string): readonly [string, string] => {
  const [folder = '', name = ''] = id.split('/');
  return [folder, name];
};

/** A study's files, relative to experiments/. */
export const studyPaths = ({ id }: Study) => {
  const [folder, name] = split(id);
  return {
    config: `${folder}/${name}.small.yaml`,
    results: `${folder}/results/${name}.csv`,
    provenance: `${folder}/results/${name}.json`,
    figure: (figure: string): string => `${folder}/results/${name}-${figure}.svg`,
    readme: `${folder}/README.md`,
  };
};
