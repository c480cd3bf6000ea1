import type { RemoteDataSet } from './data-set.ts';
import { dataSets } from './data-sets.ts';

export type { RemoteDataSet, RemoteFile } from './data-set.ts';

/** Everything `gcnc data fetch` can bring. */
export const remoteDataSets: readonly RemoteDataSet[] = dataSets.flatMap(({ name, remote }) =>
  remote === undefined ? [] : [{ name, ...remote }],
);
