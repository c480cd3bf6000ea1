import { identityOf } from '../config/run-identity.ts';
import { dataSets } from '../data/data-sets.ts';
import { defaultPairs } from '../pipeline/measure-layers.ts';
import type { PlainRecord } from './flat-config.ts';

/** Keys whose absence means a value, which the config may write out too: a run's hash tells the two apart, and the networks are equal. */
export const keysOfTwoSpellings = [
  'data.split',
  'data.imageSize',
  'data.channels',
  'measure.directionalPairs',
] as const;

/** A run's config in one spelling: what it writes out and a named data set has by itself, or a measure without it, is as where it is absent. */
export function inOneSpelling(config: PlainRecord): PlainRecord {
  const [data, measure] = [mappingOf(config.data), mappingOf(config.measure)];
  const named = dataSets.find(({ name }) => name === (data?.name ?? 'glyphs'));
  return {
    ...config,
    ...(data !== null &&
      named !== undefined && {
        data: {
          ...data,
          split: data.split === named.ownSplit ? 'auto' : data.split,
          imageSize: data.imageSize === named.images.side ? undefined : data.imageSize,
          channels: data.channels === named.images.channels ? undefined : data.channels,
        },
      }),
    ...(measure !== null && {
      measure: {
        ...measure,
        directionalPairs: measure.directionalPairs === defaultPairs ? undefined : measure.directionalPairs,
      },
    }),
  };
}

/** What tells a run from all others, however its config writes it. */
export const meaningOf = (config: PlainRecord): PlainRecord => identityOf(inOneSpelling(config));

const mappingOf = (value: unknown): PlainRecord | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PlainRecord) : null;
