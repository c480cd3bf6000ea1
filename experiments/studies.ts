/** What stands under experiments/: each study at the scale that two cores finish. */
export interface Study {
  /** `<folder>/<name>`: of the config `<folder>/<name>.small.yaml` and the results `<folder>/results/<name>.csv`. */
  readonly id: string;
  /** What it asks, in few words: for the overview. */
  readonly question: string;
  /** The swept key, dotted; `seed` where nothing else varies and training itself is the question. */
  readonly key: string;
  /** Sign of the effect of the key on GC and collapse that the paper reports. */
  readonly reported: 1 | -1;
  /** Training loss (nat, inference mode) at which the runs are compared besides their ends; null where the runs were stopped by it. */
  readonly equalLoss: number | null;
  /** Figures of the sweep's report that are kept, by their names there. */
  readonly figures: readonly string[];
  /** Whether target classes are held out, so that there is few-shot accuracy. */
  readonly transfer: boolean;
}

const chain = ['sourceGc-by-loss', 'targetCdnv-by-sourceGc'] as const;
const readout = 'fewshot_target_5way_5shot_logistic';
const transferFigures = [...chain, `${readout}-by-sourceGc`];
const trainingFigures = ['sourceGc-by-loss', 'sourceGeometricCollapse-by-step', 'sourceCdnv-by-step'];

const rate = { key: 'training.learningRate', reported: -1 } as const;
const batch = { key: 'training.batchSize', reported: 1 } as const;
const decay = { key: 'training.l2', reported: -1 } as const;
const training = { equalLoss: 0.4, figures: trainingFigures, transfer: false } as const;
const fitted = { equalLoss: 1.2, figures: transferFigures, transfer: true } as const;
const augmented = { equalLoss: 2, figures: transferFigures, transfer: true } as const;

export const studies: readonly Study[] = [
  { id: '1-training-sweeps/learning-rate', question: 'learning rate, Fashion-MNIST', ...rate, ...training },
  { id: '1-training-sweeps/batch-size', question: 'batch size, Fashion-MNIST', ...batch, ...training },
  { id: '1-training-sweeps/l2', question: 'L2, Fashion-MNIST', ...decay, ...training },
  {
    id: '3-bound/bound',
    question: 'bound against nearest-mean test error',
    key: 'seed',
    reported: 1,
    equalLoss: null,
    figures: ['nearestMean-by-step', 'sourceCdnv-by-step'],
    transfer: false,
  },
  { id: '4-transfer/learning-rate', question: 'learning rate, CIFAR-FS', ...rate, ...fitted },
  { id: '4-transfer/batch-size', question: 'batch size, CIFAR-FS', ...batch, ...fitted },
  { id: '4-transfer/l2', question: 'L2, CIFAR-FS', ...decay, ...fitted },
  {
    id: '5-penalty/penalty',
    question: 'explicit penalty on GC, CIFAR-100',
    key: 'training.gcPenalty',
    reported: -1,
    equalLoss: 0.8,
    figures: [...chain, 'final-sourceGeometricCollapse'],
    transfer: true,
  },
  { id: '6-augmented/learning-rate', question: 'learning rate, with augmentation', ...rate, ...augmented },
  { id: '6-augmented/batch-size', question: 'batch size, with augmentation', ...batch, ...augmented },
  { id: '6-augmented/l2', question: 'L2, with augmentation', ...decay, ...augmented },
  {
    id: '6-augmented/until-loss',
    question: 'learning rate, stopped at a training loss',
    ...rate,
    ...augmented,
    equalLoss: null,
  },
];

/** Studies around one base configuration whose runs the confound check takes together. */
export const pools: readonly { readonly readme: string; readonly studies: readonly string[] }[] = [
  '4-transfer',
  '6-augmented',
].map((folder) => ({
  readme: `${folder}/README.md`,
  studies: ['learning-rate', 'batch-size', 'l2'].map((name) => `${folder}/${name}`),
}));

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
