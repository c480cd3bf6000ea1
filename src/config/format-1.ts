/**
 * The defaults that a run's hash is taken against, frozen: a hash is of what differs from them. A key that is added later gets a
 * row in `laterDefaults`, with the value that leaves every earlier run as it was. A value here is never changed, also where
 * the schema's default changes, because every hash would change with it.
 */
export const formatOneDefaults = {
  seed: 0,
  data: { name: 'glyphs', split: 'auto', augmentation: 'crop-flip' },
  model: { name: 'resnet18', width: 64, stem: 'cifar', batchNorm: true, freeze: false },
  training: {
    epochs: 10,
    batchSize: 128,
    learningRate: 0.05,
    momentum: 0.9,
    nesterov: false,
    l2: 0,
    weightDecay: 0,
    decayBiasAndNorm: true,
    gcPenalty: 0,
    labelSmoothing: 0,
    schedule: { name: 'constant', milestones: [0.5, 0.75], gamma: 0.1, warmupEpochs: 0 },
    precision: 'float32',
    checkpointEvery: { epochs: 1 },
  },
  measure: {
    every: 'checkpoint',
    estimator: 'hutchinson',
    examples: 512,
    probes: 1,
    probeSpace: 'output',
    distribution: 'rademacher',
    share: 0.1,
    inputSpace: 'normalized',
    precision: 'float32',
    seed: 0,
  },
  fewshot: {
    ways: 5,
    shots: [5],
    queries: 15,
    episodes: 1000,
    readouts: ['logistic', 'nearest-mean'],
    split: 'target',
    seed: 0,
  },
} as const;

/** Keys that came after format 1, and optional keys whose absence means a value: dotted, with that value. */
export const laterDefaults: Readonly<Record<string, unknown>> = {
  'model.hidden': [],
  'model.dropout': 0.5,
  'data.rotation': 0,
  'data.jitter.brightness': 0,
  'data.jitter.contrast': 0,
  'data.jitter.saturation': 0,
  'data.jitter.hue': 0,
  'fewshot.disjoint': false,
  'fewshot.centre': 'none',
  'fewshot.normalize': false,
  'fewshot.C': 1,
  'fewshot.alpha': 1,
  'fewshot.k': 1,
  'fewshot.metric': 'euclidean',
  'fewshot.fineTune': { episodes: 20, steps: 100, headRate: 0.01, bodyRate: 0.001, batchSize: 128 },
  'fewshot.targets': ['target'],
  'fewshot.layers': ['embedding'],
  'measure.layers': ['embedding'],
  'measure.unpooledComplexity': false,
  'model.strides': 'v1.5',
  'model.normalization': 'data',
};

/** Mappings whose presence means something even where all their keys have their defaults. */
export const optionalMappings: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'model.dropBlock': { rate: 0.1, rampSteps: 40_000 },
  'data.resizedCrop': { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] },
  'measure.sharpness': { adaptiveRho: 0.5, plainRho: 0.05, examples: 512 },
};
