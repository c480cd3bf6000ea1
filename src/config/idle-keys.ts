import { isDeepStrictEqual } from 'node:util';
import { once } from '../once.ts';
import { type ReadoutOptionName, readoutOptionNames } from '../readouts/readout-options.ts';
import { readoutsThatRead } from '../readouts/readouts.ts';
import { valueUnder } from './dotted-value.ts';
import { shown } from './explain-issue.ts';
import { laterDefaults } from './format-1.ts';
import { type EstimatorOption, estimatorOptions, estimatorsThatRead } from './measure-schema.ts';
import { type RunConfig, runConfigSchema } from './schema.ts';

type Values = Readonly<Record<string, unknown>>;

/** A key that has an effect only together with another one. */
interface DependentKey {
  readonly key: string;
  /** What leaves it without one, as words after "does nothing where"; null where it has an effect. */
  readonly idleWhere: (config: RunConfig) => string | null;
}

const ofEstimatorsThatRead = (option: EstimatorOption): DependentKey => {
  const names = estimatorsThatRead[option];
  return {
    key: `measure.${option}`,
    idleWhere: ({ measure: { estimator } }) =>
      names.includes(estimator) ? null : `measure.estimator is ${estimator}: it is of ${names.join(' and ')}`,
  };
};

const ofReadoutsThatRead = (option: ReadoutOptionName): DependentKey => {
  const names = readoutsThatRead(option);
  return {
    key: `fewshot.${option}`,
    idleWhere: ({ fewshot }) =>
      fewshot.readouts.some((name) => names.some((each) => each === name))
        ? null
        : `fewshot.readouts is [${fewshot.readouts.join(', ')}]: it is of ${names.join(' and ')}`,
  };
};

const ofStepSchedule = ({ training: { schedule } }: RunConfig): string | null =>
  schedule.name === 'step' ? null : `training.schedule.name is ${schedule.name}: it is of step`;

const dependentKeys: readonly DependentKey[] = [
  {
    key: 'model.normalization',
    idleWhere: ({ model: { weights } }) => (weights === undefined ? 'model.weights is absent' : null),
  },
  {
    key: 'training.schedule.milestones',
    idleWhere: (config) =>
      ofStepSchedule(config) ??
      (config.training.schedule.gamma === 1 ? 'training.schedule.gamma is 1' : null),
  },
  {
    key: 'training.schedule.gamma',
    idleWhere: (config) => {
      const { milestones } = config.training.schedule;
      const isNever = milestones.every((share) => share === 1);
      return (
        ofStepSchedule(config) ??
        (isNever ? `training.schedule.milestones is [${milestones.join(', ')}]` : null)
      );
    },
  },
  {
    key: 'training.decayBiasAndNorm',
    idleWhere: ({ training: { l2, weightDecay } }) =>
      l2 === 0 && weightDecay === 0 ? 'training.l2 and training.weightDecay are 0' : null,
  },
  ...estimatorOptions.map(ofEstimatorsThatRead),
  {
    key: 'measure.unpooledComplexity',
    idleWhere: ({ measure: { layers = ['embedding'] } }) =>
      layers.every((layer) => layer === 'embedding' || layer === 'logits')
        ? `measure.layers is [${layers.join(', ')}]: it is of feature maps`
        : null,
  },
  ...readoutOptionNames.map(ofReadoutsThatRead),
];

export interface IdleKey {
  readonly key: string;
  /** What leaves it without an effect, as words after "where". */
  readonly where: string;
  readonly message: string;
  /** Whether the key has an effect in another run. */
  readonly isUsedIn: (other: RunConfig) => boolean;
}

/**
 * Keys whose values, other than their defaults, change nothing in the run. Two runs that differ in such values alone would count as
 * two configurations.
 */
export const idleKeysIn = (config: RunConfig): readonly IdleKey[] =>
  dependentKeys.flatMap(({ key, idleWhere }) => {
    const value = valueUnder(config, key);
    if (value === undefined || isDeepStrictEqual(value, defaultOf(key))) return [];
    const where = idleWhere(config);
    if (where === null) return [];
    const message = `${key} is ${shown(value)}, which does nothing where ${where}`;
    return [{ key, where, message, isUsedIn: (other: RunConfig) => idleWhere(other) === null }];
  });

/** The run with its idle keys at their defaults, as it trains and is evaluated. */
export function withoutIdle(config: RunConfig): RunConfig {
  const idle = idleKeysIn(config);
  if (idle.length === 0) return config;
  const copy = structuredClone(config);
  for (const { key } of idle) {
    const path = key.split('.');
    const section = path.slice(0, -1).reduce<unknown>((at, part) => (at as Values)[part], copy);
    (section as Record<string, unknown>)[path.at(-1)!] = defaultOf(key);
  }
  return copy;
}

const defaults = once(() => runConfigSchema.parse({}));

const defaultOf = (key: string): unknown => valueUnder(defaults(), key) ?? laterDefaults[key];
