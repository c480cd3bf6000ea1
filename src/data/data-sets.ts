import type { DataSet, RemoteDataSet } from './data-set.ts';
import { cifar10 } from './sets/cifar-10.ts';
import { cifar100 } from './sets/cifar-100.ts';
import { fashionMnist } from './sets/fashion-mnist.ts';
import { glyphs } from './sets/glyphs.ts';
import { mnist } from './sets/mnist.ts';

/** Every data set with a name. Files and folders that a user names are no rows: see sources.ts. */
export const dataSets: readonly DataSet[] = [glyphs, cifar10, cifar100, mnist, fashionMnist];

/** Everything `gcnc data fetch` can bring. */
export const remoteDataSets: readonly RemoteDataSet[] = dataSets.flatMap(({ name, remote }) =>
  remote === undefined ? [] : [{ name, ...remote }],
);
